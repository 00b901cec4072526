"""The bell: what a person was told on our own pages. Nothing leaves the app, so no effect."""

from collections.abc import Sequence

from sqlalchemy import Select, delete, func, select, text, update

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.notifications.models import Notification
from ffapp.people.models import Person

INSERT = """
INSERT INTO notifications (person_id, key, kind, subject, title, body, path, at)
SELECT person_id, :key, :kind, :subject, :title, :body, :path, :at
  FROM unnest(CAST(:people AS bigint[])) AS person_id
    ON CONFLICT (person_id, key) DO NOTHING
"""


def notify(people: Sequence[int], **line: str) -> None:
    """Write one line for each of `people`: its key, kind, subject, title, body and path.

    The same key twice is the same line. `path` is a page of ours, beginning with a slash. The
    caller commits.
    """
    if people:
        db.session.execute(text(INSERT), {"people": list(people), "at": clock.now(), **line})


def lines_of(person: Person) -> Select[tuple[Notification]]:
    """The person's lines, the newest first."""
    return (
        select(Notification)
        .where(Notification.person_id == person.id)
        .order_by(Notification.id.desc())
    )


def unread_count(person: Person) -> int:
    unread = select(func.count()).where(
        Notification.person_id == person.id, Notification.read_at.is_(None)
    )
    return int(db.session.scalar(unread) or 0)


def read(line: Notification) -> str:
    """Mark it as read; answers the page that it leads to."""
    line.read_at = line.read_at or clock.now()
    return line.path


def read_all(person: Person) -> int:
    """Mark every line of the person as read; answers how many were not."""
    rows = db.session.execute(
        update(Notification)
        .where(Notification.person_id == person.id, Notification.read_at.is_(None))
        .values(read_at=clock.now())
    )
    return int(rows.rowcount)


def revoke_events(event_ids: Sequence[int]) -> None:
    """Remove from every bell what was told of these events (the end of each line's key)."""
    events = [f"event={event_id}" for event_id in event_ids]
    occurrence = func.substring(Notification.key, "event=[0-9]+$")
    db.session.execute(delete(Notification).where(occurrence.in_(events)))


def revoke_notifications(person_id: int, subjects: Sequence[str]) -> None:
    """Remove what was told about these: the person may not know of them any more."""
    db.session.execute(
        delete(Notification).where(
            Notification.person_id == person_id, Notification.subject.in_(subjects)
        )
    )
