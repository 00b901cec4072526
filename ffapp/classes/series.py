"""Weekly classes made in one go: each is a class of its own, and the students are told once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, schedule
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event, record
from ffapp.people.models import Person
from ffapp.programme.models import Cohort

MOST = 52
TOLD_TOGETHER = ("classes_scheduled", "classes_cancelled")
NUMBER = "{n}"  # stands in a title for which class of the series it is


def weekly(first: date, at: time, zone: str, times: int) -> list[datetime]:
    """The instants of so many weeks at the same local time, whatever summer time does between.

    Where the clocks skip that time, it is the first one after it.
    """
    return [_instant(first + timedelta(weeks=week), at, zone) for week in range(times)]


def numbered(title: str, number: int) -> str:
    """`Week {n}` as the title of the class with that number."""
    return title.replace(NUMBER, str(number))


def schedule_weekly(cohort: Cohort, plans: Sequence[Plan], by: Person) -> list[ClassSession]:
    """These classes in one transaction, each with its meeting and its reminders.

    More than one is a series, of which one event tells: twelve classes are one message.
    """
    many = len(plans)
    if many == 1:
        return [schedule(cohort, plans[0], by)]
    sessions = [
        schedule(cohort, plan, by, place=(number, many)) for number, plan in enumerate(plans, 1)
    ]
    record(
        "classes_scheduled",
        by=by,
        on=cohort,
        class_ids=[session.id for session in sessions],
        title=sessions[0].title,
        first=sessions[0].starts_at.isoformat(),
        last=sessions[-1].starts_at.isoformat(),
    )
    return sessions


def is_of_series(event: Event) -> bool:
    """Whether the class that this event made is one of several, which another event tells of."""
    return "place" in event.facts


def events_of(session: ClassSession) -> Sequence[int]:
    """The ids of the events that told of this class together with others."""
    return db.session.scalars(
        select(Event.id).where(
            Event.subject_type == Cohort.__tablename__,
            Event.subject_id == session.cohort_id,
            Event.name.in_(TOLD_TOGETHER),
            Event.facts["class_ids"].contains([session.id]),
        )
    ).all()


def _instant(day: date, at: time, zone: str) -> datetime:
    try:
        return clock.instant_of(day, at, zone)
    except clock.NonexistentTime as gap:
        return gap.later.astimezone(UTC)
