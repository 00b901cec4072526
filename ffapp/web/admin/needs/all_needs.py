"""Everything that needs a person, the oldest first."""

from collections.abc import Sequence

from ffapp.web.admin.needs import (
    jobs,
    links,
    meetings,
    messages,
    participants,
    providers,
    recordings,
)
from ffapp.web.admin.needs.need import Need

FINDERS = (
    meetings.needs,
    links.needs,
    messages.needs,
    recordings.needs,
    participants.needs,
    providers.needs,
    jobs.needs,
)


def all_needs() -> Sequence[Need]:
    """What is urgent before what can wait, and of those the oldest first."""
    found = [need for finder in FINDERS for need in finder()]
    return sorted(found, key=lambda need: (need.tone != "bad", need.since))
