"""Signing in with a password: slowed down after failures, never hashed in a transaction."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from ffapp.core import signing
from ffapp.core.db import db, transaction
from ffapp.people import passwords, throttle
from ffapp.people.models import User
from ffapp.people.throttle import Attempt

KNOWN_DEVICE_FOR = timedelta(days=400)


class AccountDisabled(Exception):
    """The password is right, and the account is disabled."""


@dataclass(frozen=True)
class Account:
    """What has to be known to check a password while no transaction is open."""

    user_id: int
    password_hash: str | None


def sign_in(name: str, password: str, place: str, device: str | None = None) -> User | None:
    """The user when address (or user name) and password fit, else None. Commits.

    Raises TooManyTries or AccountDisabled.

    `place` is where the request came from. `device` is what `make_device_mark` gave to this
    browser: with it, failures of others at the same address or place do not matter.
    """
    name = name.strip().lower()
    account = _find(name)
    subjects = (f"email:{name}", f"place:{place}")
    if account is not None and (mark := _mark_of(account, device)):
        subjects = (f"device:{mark}",)
    attempt = throttle.reserve(*subjects)
    return _evaluate(account, password, attempt)


def confirm(user: User, password: str) -> bool:
    """Whether the password of who is signed in is this one; raises TooManyTries. Commits."""
    account = Account(user.id, user.password_hash)
    attempt = throttle.reserve(f"user:{user.id}")
    return _evaluate(account, password, attempt) is not None


def make_device_mark(user: User) -> str:
    """What a browser keeps in which that user has signed in."""
    return signing.sign("device", f"{user.id}:{secrets.token_hex(8)}")


def _evaluate(account: Account | None, password: str, attempt: Attempt) -> User | None:
    stored = account.password_hash if account else None
    if passwords.matches(stored, password) and account is not None:
        user = transaction(_succeed, account, password, attempt)
        if user is not None and user.disabled_at is not None:
            raise AccountDisabled
        return user
    transaction(throttle.note_failure, attempt)
    return None


def _find(name: str) -> Account | None:
    row = db.session.execute(
        select(User.id, User.password_hash).where(User.sign_in_name == name)
    ).first()
    db.session.rollback()
    return Account(*row) if row else None


def _mark_of(account: Account, device: str | None) -> str | None:
    """The mark of a browser in which this very user has signed in before."""
    try:
        mark = signing.unsign("device", device or "", int(KNOWN_DEVICE_FOR.total_seconds()))
    except signing.BadLink:
        return None
    return mark if mark.startswith(f"{account.user_id}:") else None


def _succeed(account: Account, password: str, attempt: Attempt) -> User | None:
    throttle.refund(attempt)
    user = db.session.get(User, account.user_id)
    # Meanwhile the account may have got another password.
    return user if user and user.password_hash == account.password_hash else None
