"""Who was in the meetings of a class without consent to being recorded."""

from collections.abc import Sequence

from sqlalchemy import exists, select

from ffapp.attendance.models import ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.people.consent import Purpose, has_agreed
from ffapp.people.models import Person, Role, User


def recorded_without_consent(session: ClassSession) -> Sequence[Person]:
    """The students, by name."""
    was_there = exists().where(
        ParticipantSession.session_id == session.id, ParticipantSession.person_id == Person.id
    )
    return db.session.scalars(
        select(Person)
        .join(User, User.person_id == Person.id)
        .where(User.role == Role.STUDENT, was_there, ~has_agreed(Purpose.RECORDING))
        .order_by(Person.name, Person.id)
    ).all()
