"""E-mail addresses belong to one person each; two admins cannot give one away at the same time."""

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from ffapp.core.db import db
from ffapp.people.models import Person


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


class AddressTaken(ValueError):
    """The address belongs to `person` already; nothing was changed."""

    def __init__(self, person: Person) -> None:
        super().__init__(f"{person.email} belongs to {person.name} already.")
        self.person = person


def take_address(email: str, but: Person | None = None) -> None:
    """Make sure that nobody (`but` this person) has the address; raises AddressTaken.

    It stays ours until the transaction ends: a twin that wants the same one waits here.
    """
    key = f"address={email.lower()}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    owner = find_by_email(email)
    if owner is not None and owner is not but:
        raise AddressTaken(owner)
