"""A student's private calendar: its link works without signing in, so it can be replaced."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.classes import calendar, permissions
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import Row, db
from ffapp.core.events import Event, record
from ffapp.core.i18n import language
from ffapp.people.models import Person, Role, User

KEEPS = timedelta(days=30)  # how long a class that is over stays in the calendar


class CalendarFeed(Row, db.Model):
    """The one link of a person. Of its token only the digest is known, so nobody can read it here.

    `content_digest` and `changed_at` say what it showed last, and since when.
    """

    __tablename__ = "calendar_feeds"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    token_digest: Mapped[str] = mapped_column(Text, unique=True)
    made_at: Mapped[datetime]
    content_digest: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="joined")

    def is_of(self, token: str) -> bool:
        """Whether this token still opens the calendar."""
        return secrets.compare_digest(self.token_digest, _digest(token))


def make_link(person: Person) -> str:
    """A new token, which is shown this once; a link that was made before stops working."""
    token = secrets.token_urlsafe(32)
    again = feed_of(person) is not None
    now = clock.now()
    made = {"token_digest": _digest(token), "made_at": now, "content_digest": None}
    row = insert(CalendarFeed).values(person_id=person.id, changed_at=now, **made)
    db.session.execute(
        row.on_conflict_do_update(index_elements=["person_id"], set_={**made, "changed_at": now})
    )
    record("calendar_link_made", by=person, on=person, again=again)
    return token


def switch_off(person: Person) -> None:
    """The link stops working, and there is no new one."""
    feed = feed_of(person)
    if feed is not None:
        db.session.delete(feed)
        record("calendar_link_ended", by=person, on=person)


def end_with_sessions(event: Event) -> None:
    """Who signs out everywhere ends the calendar link, too: somebody else may have it."""
    switch_off(db.session.get_one(Person, event.subject_id))


def feed_of(person: Person) -> CalendarFeed | None:
    return db.session.scalar(
        select(CalendarFeed)
        .where(CalendarFeed.person_id == person.id)
        .execution_options(populate_existing=True)
    )


def find(token: str) -> CalendarFeed | None:
    """The calendar that this token opens; None also when its owner has no account any more."""
    return db.session.scalar(
        select(CalendarFeed)
        .join(User, User.person_id == CalendarFeed.person_id)
        .where(CalendarFeed.token_digest == _digest(token))
        .where(User.role == Role.STUDENT, User.disabled_at.is_(None))
    )


def content_of(feed: CalendarFeed) -> bytes:
    """The classes of every cohort in which the owner is enrolled, from 30 days ago on.

    The language is the owner's.
    """
    sessions = db.session.scalars(
        permissions.classes_of(feed.person_id)
        .where(ClassSession.starts_at > clock.now() - KEEPS)
        .order_by(ClassSession.starts_at, ClassSession.id)
    ).all()
    with language(feed.person.language):
        return calendar.calendar_of(sessions)


def changed_with(feed: CalendarFeed, content: bytes) -> datetime:
    """Since when the calendar shows this; the caller commits.

    It is noticed when the calendar is read, whatever changed: a class, an enrolment, a name.
    """
    digest = hashlib.sha256(content).hexdigest()
    if digest != feed.content_digest:
        # HTTP knows whole seconds: two states of one second must not look like one.
        feed.changed_at = max(clock.now(), feed.changed_at + timedelta(seconds=1))
        feed.content_digest = digest
    return feed.changed_at


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
