"""Which instances of a class's meeting were the class; every other one is kept apart. Pure.

A meeting's link works at any time, and hosts use it for other things: to try the sound, to talk to
one student afterwards. What is not the class is no business of the cohort.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ffapp.classes.models import InstanceState

# The class may be opened so long before its start, and go on after it has ended.
BEFORE, AFTER = timedelta(minutes=30), timedelta(minutes=15)


@dataclass(frozen=True)
class Held:
    """One instance of the meeting. `ended_at` is None while it runs; `was_class` is what an admin
    said of it, if anything."""

    started_at: datetime
    ended_at: datetime | None = None
    was_class: bool | None = None


def decide(
    starts_at: datetime, ends_at: datetime, instances: Sequence[Held], now: datetime
) -> list[InstanceState]:
    """The state of each instance, in the order given, of a class planned from start to end.

    One counts when it begins between 30 minutes before the start and 15 minutes after the end of
    what counts already (the planned end, if nothing does), or overlaps what counts. One that is
    over before the class begins never does. One that began earlier counts when it runs well into
    the class. What an admin said beats all of it.
    """
    order = sorted(range(len(instances)), key=lambda index: instances[index].started_at)
    states: dict[int, InstanceState] = {}
    counted: list[tuple[datetime, datetime]] = []
    for index in order:
        each = instances[index]
        until = each.ended_at or max(now, each.started_at)
        over_at = max((end for _, end in counted if end > starts_at), default=None)
        state = _state(each, until, starts_at, over_at or ends_at)
        if state is InstanceState.OUTSIDE and over_at and each.started_at > over_at:
            state = InstanceState.REOPENED
        states[index] = _as_said(each, state)
        if states[index] is InstanceState.COUNTED:
            counted.append((each.started_at, until))
    for index in order:
        each = instances[index]
        if states[index] is InstanceState.OUTSIDE and each.was_class is None:
            until = each.ended_at or max(now, each.started_at)
            if until > starts_at and any(a < until and each.started_at < b for a, b in counted):
                states[index] = InstanceState.COUNTED
    return [states[index] for index in range(len(instances))]


def _state(each: Held, until: datetime, starts_at: datetime, over_at: datetime) -> InstanceState:
    opens_at = starts_at - BEFORE
    if each.started_at > over_at + AFTER:
        return InstanceState.OUTSIDE
    if each.started_at >= opens_at:
        is_early_test = each.ended_at is not None and until <= starts_at
        return InstanceState.REHEARSAL if is_early_test else InstanceState.COUNTED
    runs_into_it = until >= starts_at + AFTER if each.ended_at else until >= opens_at
    return InstanceState.COUNTED if runs_into_it else InstanceState.OUTSIDE


def _as_said(each: Held, state: InstanceState) -> InstanceState:
    if each.was_class is None:
        return state
    if each.was_class:
        return InstanceState.COUNTED
    return InstanceState.OUTSIDE if state is InstanceState.COUNTED else state
