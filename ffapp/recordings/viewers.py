"""Who of a class has watched its recording, how often, last when; and who has not."""

from typing import Any

from sqlalchemy import BigInteger, Select, Text, and_, case, column, func, or_, select
from sqlalchemy.orm import Bundle

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.people.models import Person, Role, User
from ffapp.programme.models import Enrolment
from ffapp.recordings.models import Recording, RecordingView

# What `viewers` has of each: columns that can be sorted by and asked for.
PERSON_ID, NAME = column("id", BigInteger), column("name", Text)
TIMES, LAST_AT = column("times", BigInteger), column("last_at")
HAS_WATCHED = case((TIMES > 0, "watched"), else_="not-yet")


def viewers(session: ClassSession) -> Select[Any]:
    """The students of the class, each with `id`, `name`, `is_enrolled` (False for one who watched
    and has left), `times`, `files` (how many they opened) and `last_at`."""
    every = _students(session, _views(session)).subquery()
    return select(Bundle("viewer", *every.c)).select_from(every)


def count_watched(session: ClassSession) -> tuple[int, int]:
    """How many have watched, of how many."""
    every = _students(session, _views(session)).subquery()
    row = db.session.execute(
        select(func.count().filter(every.c.times > 0), func.count()).select_from(every)
    ).one()
    return row[0], row[1]


def _students(session: ClassSession, views: Any) -> Select[Any]:
    enrolled = and_(
        Enrolment.person_id == Person.id,
        Enrolment.cohort_id == session.cohort_id,
        Enrolment.withdrawn_at.is_(None),
    )
    return (
        select(
            Person.id,
            Person.name,
            Enrolment.id.is_not(None).label("is_enrolled"),
            func.coalesce(views.c.times, 0).label("times"),
            func.coalesce(views.c.files, 0).label("files"),
            views.c.last_at,
        )
        .join(User, and_(User.person_id == Person.id, User.role == Role.STUDENT))
        .outerjoin(Enrolment, enrolled)
        .outerjoin(views, views.c.person_id == Person.id)
        .where(or_(Enrolment.id.is_not(None), views.c.times > 0))
    )


def _views(session: ClassSession) -> Any:
    return (
        select(
            RecordingView.person_id,
            func.count().label("times"),
            func.count(RecordingView.recording_id.distinct()).label("files"),
            func.max(RecordingView.at).label("last_at"),
        )
        .join(Recording, Recording.id == RecordingView.recording_id)
        .where(Recording.session_id == session.id)
        .group_by(RecordingView.person_id)
        .subquery()
    )
