"""The time that somebody was there, from what Zoom told: pure arithmetic, in any order."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ffapp.attendance.models import ParticipantSession

Span = tuple[datetime, datetime]

# Webhooks and the list are written by different machines at Zoom; so much is no disagreement.
SAME = timedelta(seconds=60)


def spans_of(visit: ParticipantSession, closes_at: datetime) -> list[Span]:
    """When they were in, in order and without overlaps: all that webhooks or the list say.

    What one source leaves out, the other fills in. One without a leave ends at `closes_at`; one
    without a join is no time at all.
    """
    by_webhooks, listed = _told_by_webhooks(visit), _listed(visit)
    found = (_span(*by_webhooks, *listed, closes_at), _span(*listed, *by_webhooks, closes_at))
    return union(each for each in found if each is not None)


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps: spans that overlap or touch become one."""
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
    """To the nearest whole minute, and at least one for anybody who was there."""
    rounded = int((of + timedelta(seconds=30)) // timedelta(minutes=1))
    return max(rounded, 1) if of else 0


def disagree(visit: ParticipantSession) -> bool:
    """Whether the webhooks and the list name different times."""
    pairs = zip(_told_by_webhooks(visit), _listed(visit), strict=True)
    return any(one and other and abs(one - other) > SAME for one, other in pairs)


def sources(visits: Sequence[ParticipantSession]) -> tuple[str, ...]:
    """Who told of them: `webhooks`, `list`, or both."""
    told = {
        "webhooks": any(map(any, map(_told_by_webhooks, visits))),
        "list": any(map(any, map(_listed, visits))),
    }
    return tuple(name for name, has in told.items() if has)


def _told_by_webhooks(visit: ParticipantSession) -> tuple[datetime | None, datetime | None]:
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
