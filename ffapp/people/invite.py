"""Making people known, and letting them in."""

from datetime import date

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people.address import clean_email, find_by_email, take_address
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
) -> Person:
    """A person who may sign in with that role, once invited. `email` must be free."""
    person = Person(
        name=" ".join(name.split()),
        email=clean_email(email),
        phone=phone,
        born_on=born_on,
        created_at=clock.now(),
    )
    person.user = User(role=role)
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
    take_address(email)
    admin = add_person(name, email, Role.ADMIN, by=by)
    invite(admin, by)
    return admin


def request_reset(email: str) -> None:
    """Send a reset link when the address is known; nothing is said either way.

    Asking again within a minute sends nothing more, so that nobody's mailbox can be flooded.
    """
    person = find_by_email(email)
    is_known = person is not None and person.user.disabled_at is None
    if is_known and not was_just_made(person, "reset"):
        link = make_link(person, "reset")
        record("password_reset_requested", by=person, on=person, link_id=link.id)
