"""What is asked before a class is saved: things that are possible and probably not meant."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase, phase_of
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
    zone: str,
    class_id: int | None = None,
) -> list[str]:
    """Sentences that an admin should read before saving; empty when nothing is odd.

    Of a series, each begins with the dates that it is about. `class_id` is the class that is
    changed: it does not clash with itself, and of what stays as it was nothing is asked.
    """
    before = db.session.get_one(ClassSession, class_id) if class_id else None
    length = timedelta(minutes=duration_minutes)
    others = _classes_of_host(min(starts), max(starts) + length, host_email, class_id)
    about: dict[str, list[datetime]] = {}
    for start in starts:
        found = _about_held_class(start, zone, before)
        if before is None or start != before.starts_at:
            found += _about_time(start, length, zone)
            found += _about_cohort(clock.local(start, zone).date(), cohort)
        if before is None or (start, duration_minutes, host_email.lower()) != _slot(before):
            found += _about_host(start, length, host_email, others)
        for sentence in found:
            about.setdefault(sentence, []).append(start)
    if len(starts) == 1:
        return list(about)
    return [f"{_days(days, len(starts), zone)}: {sentence}" for sentence, days in about.items()]


def _slot(session: ClassSession) -> tuple[datetime, int, str]:
    """When it occupies whom."""
    return session.starts_at, session.duration_minutes, session.zoom_host_email.lower()


def _about_time(start: datetime, length: timedelta, zone: str) -> list[str]:
    found = []
    if start + length <= clock.now():
        found.append("This is in the past: the class would be over already.")
    elif start < clock.now():
        found.append("This is in the past: the class would be running already.")
    if not NIGHT_ENDS <= clock.local(start, zone).hour < NIGHT_BEGINS:
        spelt = clock.spell_time(start, zone)
        found.append(f"{spelt} {clock.zone_label(start, zone)} is in the night.")
    return found


def _about_cohort(day: date, cohort: Cohort) -> list[str]:
    if day < cohort.starts_on:
        return [f"This is before the first day of {cohort.name}, {_spell(cohort.starts_on)}."]
    if day > cohort.ends_on:
        return [f"This is after the last day of {cohort.name}, {_spell(cohort.ends_on)}."]
    return []


def _about_held_class(start: datetime, zone: str, session: ClassSession | None) -> list[str]:
    """A class that was held, and is to be moved away from there."""
    if session is None or session.started_at is None or session.starts_at == start:
        return []
    if phase_of(session, clock.now()) is not Phase.ENDED:
        return []
    return [
        f"This class was held on {clock.spell(session.started_at, zone)}; everybody would be told"
        " of a new time. For another class, schedule a new one."
    ]


def _about_host(
    start: datetime, length: timedelta, host_email: str, others: Sequence[ClassSession]
) -> list[str]:
    begins, ends = start - BETWEEN_CLASSES, start + length + BETWEEN_CLASSES
    return [
        f"{host_email} hosts “{other.title}” ({other.cohort.name}) at that time, and Zoom lets a"
        " host run one meeting at a time."
        for other in others
        if other.starts_at < ends and other.ends_at > begins
    ]


def _classes_of_host(
    first: datetime, last: datetime, host_email: str, class_id: int | None
) -> Sequence[ClassSession]:
    """The host's other classes of that time; one query for all dates of a series."""
    ends = ClassSession.ends_at
    return db.session.scalars(
        select(ClassSession)
        .where(
            func.lower(ClassSession.zoom_host_email) == host_email.lower(),
            ClassSession.cancelled_at.is_(None),
            ClassSession.id.is_distinct_from(class_id),
            ClassSession.starts_at < last + BETWEEN_CLASSES,
            ends > first - BETWEEN_CLASSES,
        )
        .order_by(ClassSession.starts_at)
    ).all()


def _days(starts: Sequence[datetime], of: int, zone: str) -> str:
    """`Sat 5 Dec, Sat 12 Dec`, or all of them in one word."""
    if len(starts) == of:
        return f"All {of} classes"
    days = [clock.local(start, zone) for start in starts]
    return ", ".join(f"{day:%a} {day.day} {day:%b %Y}" for day in days)


def _spell(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"
