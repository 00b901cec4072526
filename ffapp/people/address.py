"""How people can be reached and told apart: by address, user name, phone, in their language."""

import re
from collections import defaultdict
from collections.abc import Sequence

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select

from ffapp.core.db import db, is_among
from ffapp.core.i18n import known
from ffapp.people.models import Person, User

USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


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


def clean_user_name(text: str) -> str:
    """The user name in lower case; raises ValueError."""
    name = text.strip().lower()
    if not USER_NAME.fullmatch(name):
        raise ValueError("A user name has 3 to 40 letters from a to z, digits, dots or hyphens.")
    return name


def find_by_email(email: str) -> Person | None:
    """Who has the address: of siblings that share it, the one who signs in with it."""
    email = email.strip().lower()
    return db.session.scalar(
        select(Person)
        .join(Person.user)
        .where(Person.email == email)
        .order_by((User.sign_in_name == email).desc(), Person.id)
        .limit(1)
    )


def find_by_user_name(name: str) -> Person | None:
    return db.session.scalar(select(Person).join(Person.user).where(User.sign_in_name == name))


class AddressTaken(ValueError):
    """The address or user name belongs to `person` already; nothing was changed."""

    def __init__(self, person: Person, field: str) -> None:
        super().__init__(f"{person.name} has this {field.replace('_', ' ')} already.")
        self.person = person
        self.field = field


def take_sign_in_name(email: str, user_name: str | None, but: Person | None = None) -> str:
    """What somebody signs in with: the user name, else the address, which is then theirs alone.

    Raises AddressTaken where somebody else (not `but`) has it. It stays ours until the transaction
    ends: a twin that wants the same one waits here.
    """
    name = user_name or email.lower()
    key = f"address={name}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    owner = find_by_user_name(name) if user_name else find_by_email(name)
    if owner is not None and owner is not but:
        raise AddressTaken(owner, "user_name" if user_name else "email")
    return name


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
