"""Everything that needs a person, the oldest first."""

from collections.abc import Sequence

from ffapp.web.admin.alerts import (
    jobs,
    links,
    meetings,
    messages,
    participants,
    providers,
    recordings,
    unreached,
    zoom_answers,
)
from ffapp.web.admin.alerts.alert import SHOWN, Alert

FINDERS = (
    meetings.alerts,
    links.alerts,
    messages.alerts,
    unreached.alerts,
    recordings.alerts,
    participants.alerts,
    zoom_answers.alerts,
    providers.alerts,
    jobs.alerts,
)


def all_alerts() -> tuple[Sequence[Alert], bool]:
    """What is urgent before what can wait, and of those the oldest first.

    And whether there may be more: there may where a finder has found as many as it shows.
    """
    by_finder = [list(finder()) for finder in FINDERS]
    found = [need for needs in by_finder for need in needs]
    ordered = sorted(found, key=lambda need: (need.tone != "bad", need.since))
    return ordered, any(len(needs) >= SHOWN for needs in by_finder)
