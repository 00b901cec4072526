"""What a person may see of the classes: permission is a query, so nothing else can be found."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, select
from sqlalchemy.orm import selectinload

from ffapp.classes.models import ClassSession, Join
from ffapp.core.db import db
from ffapp.people.models import Person, Role, User
from ffapp.programme.models import Enrolment
from ffapp.recordings.models import Recording, TrashState


def classes_of(person: Person) -> Select[tuple[ClassSession]]:
    """The classes of every cohort that the person has a seat in."""
    return (
        select(ClassSession)
        .join(Enrolment, Enrolment.cohort_id == ClassSession.cohort_id)
        .where(Enrolment.person_id == person.id, Enrolment.withdrawn_at.is_(None))
        .options(selectinload(ClassSession.instances), selectinload(ClassSession.recordings))
    )


def class_of(person: Person, class_id: int) -> ClassSession | None:
    """One of them, or None."""
    return db.session.scalar(classes_of(person).where(ClassSession.id == class_id))


def viewers(class_id: int) -> Sequence[Row[tuple[int, int, bool, str | None]]]:
    """Whom `class_of` lets see the class: user id, session epoch, has joined before, time zone."""
    has_joined = exists().where(Join.session_id == class_id, Join.person_id == Person.id)
    return db.session.execute(
        select(User.id, User.session_epoch, has_joined, Person.time_zone)
        .join(Person, Person.id == User.person_id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(ClassSession, ClassSession.cohort_id == Enrolment.cohort_id)
        .where(
            ClassSession.id == class_id,
            Enrolment.withdrawn_at.is_(None),
            User.role == Role.STUDENT,
        )
    ).all()


def recording_of(person: Person, recording_id: int) -> Recording | None:
    """A recording that the person may watch, or None."""
    return db.session.scalar(
        select(Recording)
        .join(Recording.session)
        .join(Enrolment, Enrolment.cohort_id == ClassSession.cohort_id)
        .where(
            Recording.id == recording_id,
            may_be_seen(Recording),
            Enrolment.person_id == person.id,
            Enrolment.withdrawn_at.is_(None),
        )
    )


def may_be_seen(recording: Any) -> ColumnElement[bool]:
    """In SQL: a file that no admin has hidden and that is where it was (an entity or an alias)."""
    return and_(recording.visible.is_(True), recording.fate == TrashState.KEPT)


def may_be_watched(recording: Any) -> ColumnElement[bool]:
    """The same of a video that is finished."""
    return and_(may_be_seen(recording), recording.is_video)


def watchable(session: ClassSession) -> list[Recording]:
    """The visible videos of a class, in the order in which they were recorded."""
    return [each for each in session.recordings if each.visible and each.is_video]


def joined(person: Person, class_ids: Sequence[int]) -> set[int]:
    """Which of these classes the person has joined before."""
    return set(
        db.session.scalars(
            select(Join.session_id).where(
                Join.person_id == person.id, Join.session_id.in_(class_ids)
            )
        )
    )
