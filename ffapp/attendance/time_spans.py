"""From what Zoom told to the time that somebody was there: pure arithmetic, in any order."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ffapp.attendance.models import ParticipantSession

Span = tuple[datetime, datetime]

# Webhooks and the list are written by different machines at Zoom; so much is no disagreement.
SAME = timedelta(seconds=60)


def spans_of(visit: ParticipantSession, closes_at: datetime) -> list[Span]:
    """When they were in: all that either source says, in order and without overlaps.

    What one source leaves out, the other fills in. A visit without an end ends at `closes_at`; of
    one that nobody began only the instant of its end is known, and that is no time at all.
    """
    heard, listed = _heard(visit), _listed(visit)
    found = (_span(*heard, *listed, closes_at), _span(*listed, *heard, closes_at))
    return union(each for each in found if each is not None)


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time, told once: what overlaps or touches is one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def length(spans: Iterable[Span]) -> timedelta:
    """How long they are together; they must not overlap."""
    return sum((end - start for start, end in spans), timedelta(0))


def minutes(of: timedelta) -> int:
    """To the nearest whole minute, and one at least for whoever was there at all."""
    rounded = int((of + timedelta(seconds=30)) // timedelta(minutes=1))
    return max(rounded, 1) if of else 0


def disagree(visit: ParticipantSession) -> bool:
    """Whether the webhooks and the list name different times for the same visit."""
    pairs = zip(_heard(visit), _listed(visit), strict=True)
    return any(one and other and abs(one - other) > SAME for one, other in pairs)


def sources(visits: Sequence[ParticipantSession]) -> tuple[str, ...]:
    """Who told of them: `webhooks`, `list`, or both."""
    told = {
        "webhooks": any(map(any, map(_heard, visits))),
        "list": any(map(any, map(_listed, visits))),
    }
    return tuple(name for name, has in told.items() if has)


def _heard(visit: ParticipantSession) -> tuple[datetime | None, datetime | None]:
    return visit.joined_at, visit.left_at


def _listed(visit: ParticipantSession) -> tuple[datetime | None, datetime | None]:
    return visit.listed_joined_at, visit.listed_left_at


def _span(
    joined: datetime | None,
    left: datetime | None,
    other_joined: datetime | None,
    other_left: datetime | None,
    closes_at: datetime,
) -> Span | None:
    start = joined or other_joined or left
    if start is None or (joined is None and left is None):
        return None
    return start, max(start, left or other_left or closes_at)
