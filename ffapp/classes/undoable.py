"""Changing a class, or cancelling several at once, so that it can be undone for a minute."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from ffapp.classes import schedule
from ffapp.classes.models import ClassSession, lock_class, lock_classes
from ffapp.classes.schedule import AlreadyCancelled, AlreadyHeld
from ffapp.core.db import EditConflict, db
from ffapp.core.events import Event, record
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, CannotUndo, Undone
from ffapp.people.models import Person

CHANGE = "change"
FIELDS = ("title", "description", "duration_minutes", "zoom_host_email", "recording_state")
FIELDS += ("recording_reason",)
INSTANTS = ("starts_at", "recording_since")


def change_class(
    session: ClassSession, plan: schedule.Plan, revision: int, by: Person
) -> tuple[Event | None, Batch | None]:
    """`schedule.change`, of which what goes out waits for a minute; (None, None) for no change."""
    db.session.refresh(session, with_for_update={"of": ClassSession})
    instants = {name: getattr(session, name) for name in INSTANTS}
    before = {
        **{name: getattr(session, name) for name in FIELDS},
        **{name: each.isoformat() if each else None for name, each in instants.items()},
    }
    subjects = [session.subject]
    batch = batches.begin(CHANGE, by, subjects=subjects, class_id=session.id, before=before)
    event = schedule.change(session, plan, revision, by, batch_id=batch.key)
    if event is None:
        db.session.delete(batch)
        return None, None
    batch.facts = {**batch.facts, "revision": session.revision, "event": event.name}
    return event, batch


def undo_change(batch: Batch, by: Person) -> Undone:
    """Make the class what it was; raises CannotUndo, or TooLate where somebody was told."""
    session = lock_class(batch.facts["class_id"])
    if session.revision != batch.facts["revision"]:
        raise CannotUndo(f"{session.title} was changed again, so it cannot be undone")
    batches.cancel_all_effects(batch, by)
    before = batch.facts["before"]
    for name in FIELDS:
        setattr(session, name, before[name])
    for name in INSTANTS:
        text = before[name]
        setattr(session, name, datetime.fromisoformat(text) if text else None)
    schedule.follow_undo(session, by)
    return Undone(1, 0)


class CannotCancel(Exception):
    """One of the classes was changed, held or cancelled meanwhile; none was cancelled."""

    def __init__(self, session: ClassSession) -> None:
        super().__init__(session.title)
        self.session = session


def cancel_many(revisions: Mapping[int, int], because: str, by: Person) -> Batch:
    """Cancel the classes (id → the revision at which each was shown); raises CannotCancel.

    A family that loses three classes of a cohort reads one message with the three dates, and not
    three alike within a second; of a single one it reads what it always reads.
    """
    sessions = lock_classes(ClassSession.id.in_(revisions))
    by_cohort: dict[int, list[ClassSession]] = defaultdict(list)
    for session in sessions:
        by_cohort[session.cohort_id].append(session)
    subjects, class_ids = [each.subject for each in sessions], [each.id for each in sessions]
    batch = batches.begin("cancel", by, subjects=subjects, class_ids=class_ids)
    for session in sessions:
        together = {"together": True} if len(by_cohort[session.cohort_id]) > 1 else {}
        facts = {"batch_id": batch.key, **together}
        try:
            schedule.cancel(session, because, revisions[session.id], by, **facts)
        except (AlreadyCancelled, AlreadyHeld, EditConflict) as problem:
            raise CannotCancel(session) from problem
    for several in by_cohort.values():
        if len(several) > 1:
            facts = {"because": several[0].cancelled_because, "batch_id": batch.key}
            ids = [each.id for each in several]
            record("classes_cancelled", by=by, on=several[0].cohort, class_ids=ids, **facts)
    return batch


def undo_cancellations(batch: Batch, by: Person) -> Undone:
    """Bring all of them back; raises TooLate when a meeting or a message has gone already.

    A class of which a family has read that it is off cannot come back in silence: all or nothing.
    """
    sessions = lock_classes(ClassSession.id.in_(batch.facts["class_ids"]))
    batches.cancel_all_effects(batch, by)
    cancelled = [each for each in sessions if each.is_cancelled]
    for session in cancelled:
        schedule.restore(session, by)
    return Undone(len(cancelled), 0)


def is_told_together(event: Event) -> bool:
    """Whether the class that this event cancelled is one of several, which another tells of."""
    return bool(event.facts.get("together"))
