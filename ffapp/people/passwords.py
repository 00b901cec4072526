"""Passwords: argon2, and the rules a new one must meet."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ffapp.core.i18n import gettext
from ffapp.people.models import User

SHORTEST = 10
LONGEST = 200

_hasher = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """Checked when there is no such user: the answer takes as long as for one who exists."""
    return _hasher.hash("nobody has this password")


def weakness(password: str, person_words: tuple[str, ...] = ()) -> str | None:
    """What is wrong with a new password, in one sentence; None when it will do."""
    if len(password) < SHORTEST:
        return gettext("Use at least %(count)s characters.", count=SHORTEST)
    if len(password) > LONGEST:
        return gettext("Use at most %(count)s characters.", count=LONGEST)
    if len(set(password)) < 5:
        return gettext("Use at least five different characters.")
    if password.lower() in {word.lower() for word in person_words}:
        return gettext("Do not use your name or e-mail address.")
    return None


def set_password(user: User, password: str) -> None:
    """Store the password's hash and end every session that began with the old one."""
    user.password_hash = _hasher.hash(password)
    user.session_epoch += 1


def matches(user: User | None, password: str) -> bool:
    """Whether this is the user's password; takes as long for nobody as for somebody."""
    stored = user.password_hash if user and user.password_hash else _nobodys_hash()
    try:
        _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
    if user is None or not user.password_hash:
        return False
    if _hasher.check_needs_rehash(stored):
        user.password_hash = _hasher.hash(password)
    return True
