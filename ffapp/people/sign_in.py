"""Signing in, slowed down after failures; signing out everywhere."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people import passwords
from ffapp.people.models import Person, SignInFailures, User

FREE_TRIES = {"email": 5, "place": 30}
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=24)


class TooManyTries(Exception):
    """`wait` says how long nobody may try."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many tries")
        self.wait = wait


def sign_in(email: str, password: str, place: str) -> User | None:
    """The user when address and password fit, else None; raises TooManyTries.

    `place` is where the request came from (an IP address). A failure is counted for the address
    and for the place; the caller commits in either case.
    """
    email = email.strip().lower()
    subjects = {"email": f"email:{email}", "place": f"place:{place}"}
    _check_wait(subjects["email"])
    user = db.session.scalar(select(User).join(User.person).where(Person.email == email))
    if not passwords.matches(user, password):
        # A school behind one address must not be locked out: there only failures have to wait.
        _check_wait(subjects["place"])
        for subject in subjects.values():
            _count(subject)
        return None
    assert user is not None
    db.session.execute(delete(SignInFailures).where(SignInFailures.subject == subjects["email"]))
    user.signed_in_at = clock.now()
    return user


def sign_out_everywhere(user: User, by: Person) -> None:
    """End every session of the user."""
    user.session_epoch += 1
    record("signed_out_everywhere", by=by, on=user.person)


def _check_wait(subject: str) -> None:
    row = db.session.scalar(select(SignInFailures).where(SignInFailures.subject == subject))
    if row is None:
        return
    over = row.count - FREE_TRIES[subject.split(":")[0]]
    if over < 0:
        return
    wait = min(timedelta(seconds=2 ** min(over + 1, 20)), LONGEST_WAIT)
    if clock.wall() < row.last_at + wait:
        raise TooManyTries(row.last_at + wait - clock.wall())


def _count(subject: str) -> None:
    now = clock.wall()
    db.session.execute(
        delete(SignInFailures).where(
            SignInFailures.subject == subject, SignInFailures.last_at < now - FORGET_AFTER
        )
    )
    row = insert(SignInFailures).values(subject=subject, count=1, last_at=now)
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["subject"], set_={"count": SignInFailures.count + 1, "last_at": now}
        )
    )
