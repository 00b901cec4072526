"""Everything that needs a person, the oldest first."""

from collections import Counter
from collections.abc import Sequence

from ffapp.web.admin.needs import (
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
from ffapp.web.admin.needs.need import SHOWN, Need

FINDERS = (
    meetings.needs,
    links.needs,
    messages.needs,
    unreached.needs,
    recordings.needs,
    participants.needs,
    zoom_answers.needs,
    providers.needs,
    jobs.needs,
)


def all_needs() -> Sequence[Need]:
    """What is urgent before what can wait, and of those the oldest first.

    Of each kind at most `SHOWN`; `is_cut` says whether there may be more.
    """
    found = [need for finder in FINDERS for need in finder()]
    return sorted(found, key=lambda need: (need.tone != "bad", need.since))


def is_cut(needs: Sequence[Need]) -> bool:
    """Whether there are more of some kind than are shown."""
    return max(Counter(need.kind for need in needs).values(), default=0) >= SHOWN
