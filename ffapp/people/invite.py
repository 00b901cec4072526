"""Making people known, and letting them in."""

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people.links import make_link, was_just_made
from ffapp.people.models import Guardian, Person, Role, User


class NotAnAddress(ValueError):
    """The text is not an e-mail address; the message says what is wrong with it."""


def clean_email(text: str) -> str:
    """The address in lower case; raises NotAnAddress."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise NotAnAddress(str(error)) from error
    return checked.normalized.lower()


def find_by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def add_person(
    name: str, email: str, role: Role, *, by: Person | None, phone: str | None = None
) -> Person:
    """A person who may sign in with that role, once invited. `email` must be free."""
    person = Person(
        name=" ".join(name.split()), email=clean_email(email), phone=phone, created_at=clock.now()
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
    by: Person | None = None,
) -> Guardian:
    guardian = Guardian(
        student=student,
        name=" ".join(name.split()),
        email=clean_email(email) if email else None,
        phone=phone,
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


def request_reset(email: str) -> None:
    """Send a reset link when the address is known; nothing is said either way.

    Asking again within a minute sends nothing more, so that nobody's mailbox can be flooded.
    """
    person = find_by_email(email)
    if person is not None and not was_just_made(person, "reset"):
        link = make_link(person, "reset")
        record("password_reset_requested", by=person, on=person, link_id=link.id)
