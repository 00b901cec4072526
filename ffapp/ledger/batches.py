"""Acts on many at once, which can be undone together while the ledger still holds them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core import clock
from ffapp.core.db import Row, db
from ffapp.core.events import Event, record
from ffapp.ledger import plan
from ffapp.ledger.models import REVIVABLE, Effect, State

PREFIX = "batch="


class Batch(Row, db.Model):
    """One act on many. `facts` hold what its undo needs, and how the undo went."""

    __tablename__ = "batches"
    kind: Mapped[str] = mapped_column(Text)
    made_by_id: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime]
    undo_until: Mapped[datetime]  # the first instant at which it cannot be undone any more
    undone_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]]

    @property
    def key(self) -> str:
        """How effects and events name it (`batch_id`)."""
        return f"{PREFIX}{self.id}"

    @property
    def can_be_undone(self) -> bool:
        return self.undone_at is None and clock.now() < self.undo_until

    def extend(self) -> None:
        """Let the time for undoing begin now: for what is done in several transactions."""
        self.undo_until = clock.now() + plan.HOLD


class TooLate(Exception):
    """Nothing was undone. `gone`: how many of its acts were already sent, where that is why."""

    def __init__(self, gone: int = 0) -> None:
        super().__init__(gone)
        self.gone = gone


class AlreadyUndone(Exception):
    """It was undone before; nothing was changed."""


class CannotUndo(Exception):
    """Something else has happened since; nothing was changed. The message says what."""


@dataclass(frozen=True)
class Undone:
    """`things`: enrolments, messages or classes undone; `gone`: acts that were already sent."""

    things: int
    gone: int


Undo = Callable[[Batch, Any], Undone]
_undo: dict[str, Undo] = {}


def register_undo(functions: Mapping[str, Undo]) -> None:
    """Kind → the domain's undo function. It locks its subjects, then calls `cancel_effects`."""
    _undo.update(functions)


def begin(kind: str, by: Any, subjects: Sequence[str] = (), **facts: Any) -> Batch:
    """A new batch, in the caller's transaction; events of it carry its key as `batch_id`."""
    now = clock.now()
    batch = Batch(
        kind=kind,
        made_by_id=by.id,
        made_at=now,
        undo_until=now + plan.HOLD,
        facts={**facts, "subjects": [*subjects]},
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def undo(batch: Batch, by: Any) -> Undone:
    """Undo what was not sent yet, within a minute; raises AlreadyUndone or TooLate.

    An undo requested in time succeeds even if it then waits for a lock; what was already sent is
    counted as sent.
    """
    requested_at = clock.now()
    db.session.refresh(batch, with_for_update=True)
    if batch.undone_at is not None:
        raise AlreadyUndone
    if requested_at >= batch.undo_until:
        raise TooLate
    batch.undone_at = requested_at
    undone = _undo[batch.kind](batch, by)
    batch.facts = {**batch.facts, "things": undone.things, "gone": undone.gone}
    record("batch_undone", by=by, on=batch, kind=batch.kind, things=undone.things, gone=undone.gone)
    return undone


def cancel_effects(batch: Batch, by: Any) -> Undone:
    """Cancel the effects of the batch that the ledger still holds."""
    return Undone(*plan.undo(batch.key))


def cancel_all_effects(batch: Batch, by: Any) -> None:
    """The same where it is all or nothing: raises TooLate when something was sent already."""
    if gone := cancel_effects(batch, by).gone:
        raise TooLate(gone)


def people_told(batch: Batch) -> set[int]:
    """Ids of the people to whom something of the batch has gone, or may have."""
    about = func.coalesce(Effect.person_id, Effect.payload["person_id"].as_integer())
    open_or_none = [*REVIVABLE, State.PLANNED]
    told = select(about).where(Effect.batch_id == batch.key, Effect.state.not_in(open_or_none))
    return {person_id for person_id in db.session.scalars(told) if person_id is not None}


def is_in_force(event: Event) -> bool:
    """Whether the event has no batch, or one that was not undone.

    A concurrent undo waits until the caller commits, and then finds what the caller planned.
    """
    key = event.facts.get("batch_id")
    if key is None:
        return True
    undone_at = db.session.scalar(
        select(Batch.undone_at)
        .where(Batch.id == int(key.removeprefix(PREFIX)))
        .with_for_update(read=True)
    )
    return undone_at is None
