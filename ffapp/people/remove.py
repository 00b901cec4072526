"""Removing a person who has only just been added, by mistake."""

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from ffapp.core.db import db
from ffapp.people.models import Person


def remove_person(person_id: int) -> bool:
    """Remove a person with what is theirs alone: sign-in, guardians, consents, links, bell.

    False, and nothing is changed, when there is more of them: enrolments, attendance, views.
    """
    try:
        with db.session.begin_nested():
            db.session.execute(delete(Person).where(Person.id == person_id))
    except IntegrityError:
        return False
    db.session.expire_all()
    return True
