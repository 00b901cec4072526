"""Cancelling several classes at once, and bringing all of them back while nothing has gone."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import AlreadyCancelled, cancel, restore
from ffapp.core.db import EditConflict, db
from ffapp.core.events import Event, record
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, TooLate, Undone
from ffapp.people.models import Person


class CannotCancel(Exception):
    """One of the classes was changed or cancelled meanwhile; none was cancelled."""

    def __init__(self, session: ClassSession) -> None:
        super().__init__(session.title)
        self.session = session


def cancel_many(revisions: Mapping[int, int], because: str, by: Person) -> Batch:
    """Cancel the classes (id → the revision at which each was shown); raises CannotCancel.

    A family that loses three classes of a cohort reads one message with the three dates, and not
    three alike within a second; of a single one it reads what it always reads.
    """
    sessions = _locked(list(revisions))
    by_cohort: dict[int, list[ClassSession]] = defaultdict(list)
    for session in sessions:
        by_cohort[session.cohort_id].append(session)
    batch = batches.begin(
        "cancel",
        by,
        subjects=[each.subject for each in sessions],
        class_ids=[each.id for each in sessions],
    )
    for session in sessions:
        together = len(by_cohort[session.cohort_id]) > 1
        facts = {"batch_id": batch.key, **({"together": True} if together else {})}
        try:
            cancel(session, because, revisions[session.id], by, **facts)
        except (AlreadyCancelled, EditConflict) as problem:
            raise CannotCancel(session) from problem
    for several in by_cohort.values():
        if len(several) > 1:
            _record_together(several, batch, by)
    return batch


def undo_cancellations(batch: Batch, by: Person) -> Undone:
    """Bring all of them back; raises TooLate when a meeting or a message has gone already.

    A class of which a family has read that it is off cannot come back in silence: all or nothing.
    """
    sessions = _locked(batch.facts["class_ids"])
    gone = batches.cancel_effects(batch, by).gone
    if gone:
        raise TooLate(gone)
    cancelled = [each for each in sessions if each.is_cancelled]
    for session in cancelled:
        restore(session, by)
    return Undone(len(cancelled), 0)


def is_told_together(event: Event) -> bool:
    """Whether the class that this event cancelled is one of several, which another tells of."""
    return bool(event.facts.get("together"))


def _record_together(sessions: list[ClassSession], batch: Batch, by: Person) -> None:
    record(
        "classes_cancelled",
        by=by,
        on=sessions[0].cohort,
        class_ids=[each.id for each in sessions],
        because=sessions[0].cancelled_because,
        batch_id=batch.key,
    )


def _locked(class_ids: list[int]) -> list[ClassSession]:
    return list(
        db.session.scalars(
            select(ClassSession)
            .where(ClassSession.id.in_(class_ids))
            .order_by(ClassSession.id)
            .with_for_update(of=ClassSession)
            .execution_options(populate_existing=True)
        )
    )
