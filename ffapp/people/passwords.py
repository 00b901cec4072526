"""Passwords: argon2, and the rules a new one must meet."""

import gzip
import re
import threading
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.core.i18n import gettext
from ffapp.people.links import open_link
from ffapp.people.models import User
from ffapp.people.sessions import UserSession, end_all

SHORTEST = 10
LONGEST = 200
OWN = 5  # so many letters must be left of a password without the words that others know
# The 20,000 commonest, from Django (BSD licence): django/contrib/auth/common-passwords.txt.gz.
COMMON = Path(__file__).with_name("common-passwords.txt.gz")

T = TypeVar("T")

_hasher = PasswordHasher()
# Each hash takes 64 MB and a processor for a while.
_two_at_once = threading.BoundedSemaphore(2)


@cache
def _nobodys_hash() -> str:
    """Checked when there is no such user: the answer takes as long as for one who exists."""
    return _hasher.hash("nobody has this password")


def weakness(password: str, person_words: Iterable[str] = ()) -> str | None:
    """What is wrong with a new password, in one sentence; None when it will do.

    `person_words` are what others know of the person: name, address, the programme's name.
    """
    if len(password) < SHORTEST:
        return gettext("Use at least %(count)s characters.", count=SHORTEST)
    if len(password) > LONGEST:
        return gettext("Use at most %(count)s characters.", count=LONGEST)
    if len(set(password)) < 5:
        return gettext("Use at least five different characters.")
    if _is_personal(password, person_words):
        return gettext("Do not use your name or e-mail address.")
    if _is_common(password):
        return gettext("Many people use this password, so it is tried first. Choose another.")
    return None


def hash_password(password: str) -> str:
    """Slow on purpose; must not be called while a transaction is open."""
    return _apart(lambda: _hasher.hash(password))


def set_password(user: User, password_hash: str, but: UserSession | None = None) -> None:
    """Store the hash, and end every session (except `but`) and every link of the user."""
    user.password_hash = password_hash
    end_all(user, but)


def use_link(token: str, password_hash: str) -> User:
    """Consume the link: set the password, answer the user; raises LinkNotUsable."""
    link = open_link(token)
    link.used_at = clock.now()
    user = link.person.user
    set_password(user, password_hash)
    record("password_set", by=link.person, on=link.person, link=link.purpose)
    return user


def change_password(user: User, password_hash: str, session: UserSession) -> None:
    """The person's own act; the session in which they do it goes on."""
    set_password(user, password_hash, but=session)
    record("password_set", by=user.person, on=user.person)


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password of that hash; takes as long for nobody (None) as for somebody.

    Must not be called while a transaction is open.
    """

    def verify() -> bool:
        try:
            return _hasher.verify(stored or _nobodys_hash(), password)
        except (VerificationError, InvalidHashError):
            return False

    return _apart(verify) and stored is not None


def _apart(work: Callable[[], T]) -> T:
    """Hash outside of any transaction, while at most one other hash is made."""
    assert not db.session().in_transaction(), "a transaction must not wait for a hash"
    with _two_at_once:
        return work()


def _is_personal(password: str, person_words: Iterable[str]) -> bool:
    left = password.lower()
    words = {word for each in person_words for word in re.split(r"[\W_]+", each.lower())}
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= 3:
            left = left.replace(word, "")
    return left != password.lower() and sum(each.isalpha() for each in left) < OWN


def _is_common(password: str) -> bool:
    """Also with a number or a sign at its end, as in “password2026!”."""
    lower = password.lower()
    bare = re.sub(r"[\W\d_]+$", "", lower)
    with gzip.open(COMMON, "rt") as lines:
        common = {line.strip() for line in lines}
    return lower in common or bare in common
