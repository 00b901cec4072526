"""Making people known, and letting them in."""

from datetime import date

from sqlalchemy import or_, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people.address import clean_email, take_sign_in_name
from ffapp.people.links import make_link, was_just_made
from ffapp.people.models import Guardian, Person, Role, User


def add_person(
    name: str,
    email: str,
    role: Role,
    *,
    by: Person | None,
    phone: str | None = None,
    born_on: date | None = None,
    user_name: str | None = None,
) -> Person:
    """A person who may sign in with that role, once invited, by user name or else by address.

    Which must be free (`take_sign_in_name`).
    """
    person = Person(
        name=" ".join(name.split()),
        email=clean_email(email),
        phone=phone,
        born_on=born_on,
        created_at=clock.now(),
    )
    person.user = User(role=role, sign_in_name=user_name or person.email)
    db.session.add(person)
    record("person_added", by=by, on=person, name=person.name, role=role)
    return person


def add_guardian(
    student: Person,
    name: str,
    *,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
    by: Person | None = None,
) -> Guardian:
    guardian = Guardian(
        student=student,
        name=" ".join(name.split()),
        email=clean_email(email) if email else None,
        phone=phone,
        language=language,
    )
    db.session.add(guardian)
    record("guardian_added", by=by, on=student, guardian=guardian.name)
    return guardian


def invite(person: Person, by: Person | None, batch_id: str | None = None) -> None:
    """Send the person a link to set a password; earlier invitations stop working.

    With a `batch_id` it waits for a minute, and can be undone with the others of that batch.
    """
    link = make_link(person, "invitation")
    batch = {"batch_id": batch_id} if batch_id else {}
    record("person_invited", by=by, on=person, link_id=link.id, **batch)


def invite_admin(name: str, email: str, by: Person) -> Person:
    """A new admin, who gets a link to choose a password; raises AddressTaken."""
    take_sign_in_name(email, None)
    admin = add_person(name, email, Role.ADMIN, by=by)
    invite(admin, by)
    return admin


def request_reset(name: str) -> None:
    """Send a reset link to each who has this address or user name; nothing is said either way.

    Asking again within a minute sends nothing more, so that nobody's mailbox can be flooded.
    """
    name = name.strip().lower()
    asked = or_(Person.email == name, User.sign_in_name == name)
    people = select(Person).join(Person.user).where(asked, User.disabled_at.is_(None))
    for person in db.session.scalars(people.order_by(Person.id)).all():
        if not was_just_made(person, "reset"):
            link = make_link(person, "reset")
            record("password_reset_requested", by=person, on=person, link_id=link.id)
