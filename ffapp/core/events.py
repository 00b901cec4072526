"""What happened inside the programme: one row an event, written with the change itself.

Timeline, audit log, notices and automations all read this one table. What follows an event stands
in `subscriptions.py`, which `wiring.py` hands to `subscribe()`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock
from ffapp.core.db import Row, db
from ffapp.core.jobs import DEFAULT, defer, queue

Listener = Callable[["Event"], None]


class Event(Row, db.Model):
    """`name` is in the past tense; `facts` are those of that moment and are never changed."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_subject", "subject_type", "subject_id", "id"),
        Index("ix_events_at", "at"),
    )

    name: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]


_listeners: Mapping[str, Sequence[Listener]] = {}


def subscribe(table: Mapping[str, Sequence[Listener]]) -> None:
    """Set the table of subscriptions: event name → its listeners."""
    global _listeners
    _listeners = table


def record(
    name: str,
    /,
    *,
    by: Any = None,
    on: Any,
    **facts: Any,
) -> Event:
    """Write the event and defer its listeners, in the caller's transaction.

    `by` is the person who did it, or a word such as "Zoom" for one who is not a person; `on` is the
    row it happened to. `facts` must be JSON. Raises KeyError when the table of subscriptions
    does not name the event, so that no event is forgotten there.
    """
    db.session.flush()
    event = Event(
        name=name,
        actor_id=getattr(by, "id", None),
        actor=by if isinstance(by, str) else getattr(by, "name", "the programme"),
        subject_type=on.__tablename__,
        subject_id=on.id,
        facts=facts,
        at=clock.now(),
    )
    db.session.add(event)
    db.session.flush()
    for listener in _listeners[name]:
        defer(run_listener, event_id=event.id, listener=listener.__name__)
    return event


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What is different: field → [before, after], as events keep it under `changed`."""
    return {key: [before[key], after[key]] for key in after if after[key] != before[key]}


def edits_since(row: Any, revision: int) -> Sequence[Event]:
    """The edits of a row (events that say what `changed`) after it had that revision, newest first.

    At least one: who asks has met a conflict.
    """
    return db.session.scalars(
        db.select(Event)
        .where(
            Event.subject_type == row.__tablename__,
            Event.subject_id == row.id,
            Event.facts.has_key("changed"),
        )
        .order_by(Event.id.desc())
        .limit(max(row.revision - revision, 1))
    ).all()


def history(subject: Any) -> Sequence[Event]:
    """What happened to a row, newest first."""
    return db.session.scalars(
        db.select(Event)
        .where(Event.subject_type == subject.__tablename__, Event.subject_id == subject.id)
        .order_by(Event.id.desc())
    ).all()


@queue.task(name="events.follow", queue=DEFAULT)
def run_listener(event_id: int, listener: str) -> None:
    """Run one listener of one event."""
    event = db.session.get_one(Event, event_id)
    (found,) = [each for each in _listeners[event.name] if each.__name__ == listener]
    found(event)
    db.session.commit()
