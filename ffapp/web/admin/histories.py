"""The events of each timeline."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.people.models import Person
from ffapp.programme.models import Cohort, Enrolment

SHOWN = 40


def of_cohort(cohort: Cohort) -> Sequence[Event]:
    """The cohort itself, and who came and went; newest first."""
    places = select(Enrolment.id).where(Enrolment.cohort_id == cohort.id)
    return _newest(or_(_on(cohort), _in(Enrolment, places)))


def of_person(person: Person) -> Sequence[Event]:
    """The person and their places, without each sign-in: the page says when the last one was."""
    places = select(Enrolment.id).where(Enrolment.person_id == person.id)
    return _newest(or_(_on(person), _in(Enrolment, places)), Event.name != "signed_in")


def of_row(row: Any) -> Sequence[Event]:
    """What happened to one row, newest first."""
    return _newest(_on(row))


def newest(row: Any, name: str, at_most: int) -> Sequence[Event]:
    """The newest events of one name on one row."""
    return _newest(_on(row), Event.name == name, at_most=at_most)


def _newest(*conditions: ColumnElement[bool], at_most: int = SHOWN) -> Sequence[Event]:
    return db.session.scalars(
        select(Event).where(*conditions).order_by(Event.id.desc()).limit(at_most)
    ).all()


def _on(row: Any) -> ColumnElement[bool]:
    return and_(Event.subject_type == row.__tablename__, Event.subject_id == row.id)


def _in(model: Any, ids: Any) -> ColumnElement[bool]:
    return and_(Event.subject_type == model.__tablename__, Event.subject_id.in_(ids))
