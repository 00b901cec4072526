"""E-mail addresses belong to one person each; two admins cannot give one away at the same time."""

from sqlalchemy import func, select

from ffapp.core.db import db
from ffapp.people.invite import find_by_email
from ffapp.people.models import Person


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
