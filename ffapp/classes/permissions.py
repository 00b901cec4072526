"""What a person may see of the classes: permission is a query, so nothing else can be found."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, exists, select

from ffapp.classes.models import ClassSession, Join
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.permissions import Permission
from ffapp.people.consent import Purpose, has_agreed
from ffapp.people.models import Person, Role, User
from ffapp.people.sessions import UserSession, is_live
from ffapp.programme.models import Enrolment, is_enrolled


def classes_of(person_id: Any) -> Select[tuple[ClassSession]]:
    """The classes of every cohort that the person (an id, or a parameter) is enrolled in."""
    return select(ClassSession).join(Enrolment, is_enrolled(person_id, ClassSession.cohort_id))


CLASSES = Permission(ClassSession, classes_of)


def viewers(class_id: int) -> Sequence[Row[tuple[str, bool, str | None, str | None, bool]]]:
    """The sessions of those whom `CLASSES` lets see the class.

    Key of the session, has joined before, time zone, language, may be recorded.
    """
    has_joined = exists().where(Join.session_id == class_id, Join.person_id == Person.id)
    return db.session.execute(
        select(
            UserSession.key,
            has_joined,
            Person.time_zone,
            Person.language,
            has_agreed(Purpose.RECORDING),
        )
        .join(UserSession.user)
        .join(Person, Person.id == User.person_id)
        .join(ClassSession, ClassSession.id == class_id)
        .join(Enrolment, is_enrolled(Person.id, ClassSession.cohort_id))
        .where(User.role == Role.STUDENT, is_live(clock.wall()))
    ).all()


def joined(person: Person, class_ids: Sequence[int]) -> set[int]:
    """Which of these classes the person has joined before."""
    return set(
        db.session.scalars(
            select(Join.session_id).where(
                Join.person_id == person.id, Join.session_id.in_(class_ids)
            )
        )
    )
