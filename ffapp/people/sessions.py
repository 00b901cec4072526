"""Sessions: one row for each browser that is signed in. Ending one deletes its row.

A browser keeps the row's key in its signed cookie. Limits count on the wall clock.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, and_, case, delete, not_, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from ffapp.core import clock
from ffapp.core.db import Row, db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import SWEEPS, queue
from ffapp.people.links import withdraw_links
from ffapp.people.models import Person, Role, User

FRESH = timedelta(hours=1)  # so long after the password people and consents may be changed
SEEN_EVERY = timedelta(minutes=5)  # a page that comes sooner writes nothing


@dataclass(frozen=True)
class Limit:
    """A session ends so long after it began, and so long after the last page."""

    absolute: timedelta
    idle: timedelta


LIMITS = {
    Role.STUDENT: Limit(timedelta(days=30), timedelta(days=14)),
    Role.ADMIN: Limit(timedelta(hours=12), timedelta(hours=2)),
}


class UserSession(Row, db.Model):
    """`factor` is the second factor that was given: totp, passkey or recovery."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_user", "user_id"),)

    key: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    authenticated_at: Mapped[datetime]
    factor: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    device: Mapped[str] = mapped_column(Text)

    user: Mapped[User] = relationship(lazy="joined")

    @property
    def is_fresh(self) -> bool:
        """Whether the password was given lately."""
        return self.authenticated_at > clock.wall() - FRESH

    @property
    def ends_at(self) -> datetime:
        limit = LIMITS[Role(self.user.role)]
        return min(self.began_at + limit.absolute, self.seen_at + limit.idle)


def is_live(now: datetime) -> ColumnElement[bool]:
    """Whether the `UserSession` of a query, joined with its `User`, is within its limits."""

    def within(limit: Limit) -> ColumnElement[bool]:
        began, seen = now - limit.absolute, now - limit.idle
        return and_(UserSession.began_at > began, UserSession.seen_at > seen)

    student, admin = LIMITS[Role.STUDENT], LIMITS[Role.ADMIN]
    lasts = case((User.role == Role.ADMIN, within(admin)), else_=within(student))
    return and_(User.disabled_at.is_(None), lasts)


def begin(user: User, place: str, device: str, factor: str | None = None) -> UserSession:
    """A new session; the caller commits and hands its key to the browser."""
    now = clock.wall()
    session = UserSession(
        key=secrets.token_urlsafe(24),
        user_id=user.id,
        began_at=now,
        seen_at=now,
        authenticated_at=now,
        factor=factor,
        place=place,
        device=device,
    )
    db.session.add(session)
    return session


def find(key: str) -> UserSession | None:
    """The live session with that key; notes, every few minutes, that it was seen."""
    found = _read(key)
    if found is not None and found.seen_at < clock.wall() - SEEN_EVERY:
        found.seen_at = clock.wall()
        db.session.commit()
        found = _read(key)
    if found is not None:
        # Else it would be asked for once more.
        set_committed_value(found.user.person, "user", found.user)
    return found


def _read(key: str) -> UserSession | None:
    whole = contains_eager(UserSession.user).joinedload(User.person, innerjoin=True)
    return db.session.scalar(
        select(UserSession)
        .join(UserSession.user)
        .where(UserSession.key == key, is_live(clock.wall()))
        .options(whole.lazyload(Person.user))
    )


def sessions_of(user: User) -> Sequence[UserSession]:
    """The live ones, the last seen first."""
    return db.session.scalars(
        select(UserSession)
        .join(UserSession.user)
        .where(UserSession.user_id == user.id, is_live(clock.wall()))
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    ).all()


def end(session_id: int, user: User) -> bool:
    """End one session of the user, whose own act it is; False when there is none of theirs."""
    ended = db.session.execute(
        delete(UserSession).where(UserSession.id == session_id, UserSession.user_id == user.id)
    )
    if ended.rowcount:  # type: ignore[attr-defined]
        record("signed_out", by=user.person, on=user.person)
        return True
    return False


def end_all(user: User, but: UserSession | None = None) -> None:
    """End all sessions of the user, except `but`, and all links with which they could sign in."""
    kept = but.id if but else 0
    db.session.execute(
        delete(UserSession).where(UserSession.user_id == user.id, UserSession.id != kept)
    )
    withdraw_links(user.person)


def sign_out_everywhere(user: User, by: Person) -> None:
    """End every session of the user and every link."""
    end_all(user)
    record("signed_out_everywhere", by=by, on=user.person)


@queue.periodic(cron="7 * * * *")
@queue.task(name="sessions.forget", queue=SWEEPS, queueing_lock="sessions.forget")
def forget(timestamp: int) -> None:
    """Delete the sessions that are over."""
    transaction(db.session.execute, _over())


def _over() -> Any:
    over = not_(is_live(clock.wall()))
    return delete(UserSession).where(UserSession.user_id == User.id, over)
