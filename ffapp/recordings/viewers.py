"""Who of a class has watched its recording, how often, last when; and who has not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.people.models import Person, Role, User
from ffapp.programme.models import Enrolment
from ffapp.recordings.models import Recording, RecordingView

ORDERS = ("name", "times", "last")
SHOWN = ("all", "watched", "not-yet")


@dataclass(frozen=True)
class Viewer:
    """One student. `files` counts what they opened of the class; `has_seat` is False for one who
    watched and is not enrolled any more."""

    person_id: int
    name: str
    has_seat: bool
    times: int
    files: int
    last_at: datetime | None


def viewers(
    session: ClassSession, shown: str, order: str, *, limit: int, offset: int
) -> Sequence[Viewer]:
    """The students of the class, in the order of a column; a minus before it turns it around."""
    views = _views(session)
    columns: dict[str, Any] = {
        "name": func.lower(Person.name),
        "times": func.coalesce(views.c.times, 0),
        "last": views.c.last_at,
    }
    column = columns[order.removeprefix("-")]
    sorted_by = column.desc() if order.startswith("-") else column.asc()
    rows = db.session.execute(
        _students(session, views)
        .where(*_conditions(views, shown))
        .order_by(sorted_by.nulls_last(), func.lower(Person.name), Person.id)
        .limit(limit)
        .offset(offset)
    )
    return [Viewer(*row) for row in rows]


def counts(session: ClassSession) -> dict[str, int]:
    """How many there are, how many have watched, and how many have not."""
    views = _views(session)
    every = _students(session, views).subquery()
    row = db.session.execute(
        select(func.count(), func.count().filter(every.c.times > 0)).select_from(every)
    ).one()
    return {"all": row[0], "watched": row[1], "not-yet": row[0] - row[1]}


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
            Enrolment.id.is_not(None).label("has_seat"),
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


def _conditions(views: Any, shown: str) -> list[ColumnElement[bool]]:
    match shown:
        case "watched":
            return [views.c.times > 0]
        case "not-yet":
            return [views.c.times.is_(None)]
    return []
