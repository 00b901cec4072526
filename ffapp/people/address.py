"""How people can be reached: by an address that is theirs alone, by phone, in their language."""

from collections import defaultdict
from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from ffapp.core.db import db, is_among
from ffapp.core.i18n import known
from ffapp.people.models import Person


class NotAnAddress(ValueError):
    """The text is not an e-mail address; the message says what is wrong with it."""


def clean_email(text: str) -> str:
    """The address in lower case, as mail reaches it; raises NotAnAddress.

    A domain of other letters is written in ASCII (IDNA). Before the @ only ASCII is taken: SendGrid
    sends nothing to other addresses.
    """
    try:
        checked = validate_email(
            text.strip(), check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise NotAnAddress(str(error)) from error
    return (checked.ascii_email or checked.normalized).lower()


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


def with_phone(people: Sequence[int]) -> list[int]:
    """Those of `people` whose phone number is known, in the order of their ids."""
    return list(
        db.session.scalars(
            select(Person.id)
            .where(Person.id.in_(people), Person.phone.is_not(None))
            .order_by(Person.id)
        )
    )


def by_language(people: Sequence[int]) -> dict[str, list[int]]:
    """Language → those of `people` who read it, in their order."""
    rows = db.session.execute(select(Person.id, Person.language).where(is_among(Person.id, people)))
    spoken = {row.id: row.language for row in rows}
    found: dict[str, list[int]] = defaultdict(list)
    for person_id in people:
        found[known(spoken.get(person_id))].append(person_id)
    return found
