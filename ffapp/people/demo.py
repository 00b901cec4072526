"""Accounts of the demo have no place in an app that others reach: it does not start with them."""

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from ffapp.core.config import Settings
from ffapp.core.db import db
from ffapp.core.environment import SettingError
from ffapp.people.models import Person, User

# No mail reaches such an address (RFC 2606), so nobody real has it.
NOBODYS = "%.example"


def demo_account() -> str | None:
    """The address of somebody who can sign in and is nobody."""
    return db.session.scalar(
        select(Person.email)
        .join(Person.user)
        .where(Person.email.like(NOBODYS), User.password_hash.is_not(None))
        .order_by(Person.id)
        .limit(1)
    )


def what_is_wrong(settings: Settings) -> str | None:
    """A sentence where accounts of the demo can sign in and others reach us."""
    if settings.is_local or (email := demo_account()) is None:
        return None
    return (
        f"The database has an account of the demo, {email}, and providers are real or PUBLIC_URL"
        " is not this machine: use a database of its own."
    )


def refuse_demo_accounts(settings: Settings) -> None:
    """Raise SettingError instead of starting. A database that does not answer is no reason."""
    try:
        wrong = what_is_wrong(settings)
    except DBAPIError:  # without tables, too: the release has not run yet
        return
    finally:
        db.session.rollback()
    if wrong:
        raise SettingError(wrong)
