"""Changing a class so that it can be undone for a minute."""

from datetime import datetime
from typing import Any

from ffapp.classes import schedule
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, CannotUndo, TooLate, Undone
from ffapp.people.models import Person

KIND = "change"
FIELDS = ("title", "description", "duration_minutes", "zoom_host_email", "recording_state")
FIELDS += ("recording_reason",)
INSTANTS = ("starts_at", "recording_since")


def change_class(
    session: ClassSession, plan: schedule.Plan, revision: int, by: Person
) -> tuple[Event | None, Batch | None]:
    """`schedule.change`, of which what goes out waits for a minute; (None, None) for no change."""
    db.session.refresh(session, with_for_update={"of": ClassSession})
    before = _fields(session)
    batch = batches.begin(KIND, by, subjects=[session.subject], class_id=session.id, before=before)
    event = schedule.change(session, plan, revision, by, batch_id=batch.key)
    if event is None:
        db.session.delete(batch)
        return None, None
    batch.facts = {**batch.facts, "revision": session.revision, "event": event.name}
    return event, batch


def undo_change(batch: Batch, by: Person) -> Undone:
    """Make the class what it was; raises CannotUndo, or TooLate where somebody was told."""
    session = db.session.get_one(
        ClassSession,
        batch.facts["class_id"],
        with_for_update={"of": ClassSession},
        populate_existing=True,
    )
    if session.revision != batch.facts["revision"]:
        raise CannotUndo(f"{session.title} was changed again, so it cannot be undone")
    gone = batches.cancel_effects(batch, by).gone
    if gone:
        raise TooLate(gone)
    before = batch.facts["before"]
    for name in FIELDS:
        setattr(session, name, before[name])
    for name in INSTANTS:
        text = before[name]
        setattr(session, name, datetime.fromisoformat(text) if text else None)
    schedule.follow_undo(session, by)
    return Undone(1, 0)


def _fields(session: ClassSession) -> dict[str, Any]:
    instants = {name: getattr(session, name) for name in INSTANTS}
    return {
        **{name: getattr(session, name) for name in FIELDS},
        **{name: each.isoformat() if each else None for name, each in instants.items()},
    }
