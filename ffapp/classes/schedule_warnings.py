"""What is questioned before a class is saved: things that are possible and probably not meant."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase, held_instances, phase_of
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.programme.models import Cohort

NIGHT_ENDS, NIGHT_BEGINS = 6, 22
BETWEEN_CLASSES = timedelta(minutes=10)  # a class that overruns must not meet the next one


def schedule_warnings(
    starts: Sequence[datetime],
    duration_minutes: int,
    host_email: str,
    cohort: Cohort,
    time_zone: str,
    but: int | None = None,
) -> Mapping[datetime, list[str]]:
    """For each of `starts`, sentences that an admin should read before saving; empty when nothing
    is odd.

    `but` is the id of the class that is being changed, which does not clash with itself.
    """
    length = timedelta(minutes=duration_minutes)
    others = _others(min(starts), max(starts) + length, host_email, but)
    return {
        start: [
            *_of_the_time(start, length, time_zone),
            *_of_the_cohort(clock.local(start, time_zone).date(), cohort),
            *_of_what_was_held(start, time_zone, but),
            *_of_the_host(start, length, host_email, others),
        ]
        for start in starts
    }


def _of_the_time(start: datetime, length: timedelta, time_zone: str) -> list[str]:
    found = []
    if start + length <= clock.now():
        found.append("This lies in the past: it would be over already.")
    elif start < clock.now():
        found.append("This lies in the past: the class would be running already.")
    if not NIGHT_ENDS <= clock.local(start, time_zone).hour < NIGHT_BEGINS:
        spelt = clock.spell_time(start, time_zone)
        found.append(f"{spelt} {clock.zone_label(start, time_zone)} is in the night.")
    return found


def _of_the_cohort(day: date, cohort: Cohort) -> list[str]:
    if day < cohort.starts_on:
        return [f"This is before the first day of {cohort.name}, {_spell(cohort.starts_on)}."]
    if day > cohort.ends_on:
        return [f"This is after the last day of {cohort.name}, {_spell(cohort.ends_on)}."]
    return []


def _of_what_was_held(start: datetime, time_zone: str, class_id: int | None) -> list[str]:
    if class_id is None or not (held := _held(class_id, start)):
        return []
    return [
        f"This class was held on {clock.spell(held, time_zone)}; everybody would be told of a"
        " new time. For another class, schedule a new one."
    ]


def _held(class_id: int, starts_at: datetime) -> datetime | None:
    """When the class was held, if it is to be moved away from there."""
    session = db.session.get_one(ClassSession, class_id)
    if phase_of(session, clock.now()) is not Phase.ENDED or session.starts_at == starts_at:
        return None
    return min((each.started_at for each in held_instances(session)), default=None)


def _of_the_host(
    start: datetime, length: timedelta, host_email: str, others: Sequence[ClassSession]
) -> list[str]:
    begins, ends = start - BETWEEN_CLASSES, start + length + BETWEEN_CLASSES
    return [
        f"{host_email} hosts “{other.title}” ({other.cohort.name}) at that time, and Zoom lets a"
        " host run one meeting at a time."
        for other in others
        if other.starts_at < ends and other.ends_at > begins
    ]


def _others(
    first: datetime, last: datetime, host_email: str, but: int | None
) -> Sequence[ClassSession]:
    """The host's classes of that time; one question for all dates of a series."""
    ends = ClassSession.ends_at
    return db.session.scalars(
        select(ClassSession)
        .where(
            func.lower(ClassSession.zoom_host_email) == host_email.lower(),
            ClassSession.cancelled_at.is_(None),
            ClassSession.id.is_distinct_from(but),
            ClassSession.starts_at < last + BETWEEN_CLASSES,
            ends > first - BETWEEN_CLASSES,
        )
        .order_by(ClassSession.starts_at)
    ).all()


def _spell(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"
