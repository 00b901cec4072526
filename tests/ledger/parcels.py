"""An act of the tests' own: sending a parcel. It is handed to the ledger as every room does it.

The ledger knows no room, so what it promises is shown here with the smallest possible one; the
packages' own acts have tests of their own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from ffapp.core.db import db, transaction
from ffapp.core.outcomes import Accepted, Outcome, ProviderError
from ffapp.ledger import handlers
from ffapp.ledger.handlers import Absent, EffectHandler, Prepared
from ffapp.ledger.models import Effect, Lane
from ffapp.ledger.perform import perform_due
from ffapp.ledger.plan import plan

KIND = "parcel"  # in the lane of acts

Answer = Callable[[Sequence[Prepared]], Mapping[int, Outcome]]


class Parcels:
    """The carrier. What it answers is set by the test; what it was asked to do is kept."""

    def __init__(self, *, batch_size: int = 1, can_be_asked: bool = True) -> None:
        self.carried: list[list[int]] = []  # one list of effect ids for each call
        self.told: list[tuple[int, bool, Outcome]] = []  # what `record` was given
        self.answer: Answer = self.accept
        self.prepare: Callable[[Effect], dict[str, Any] | str] = lambda effect: {"to": effect.id}
        self.knows: Callable[[Effect], Outcome | Absent] = lambda effect: Absent()
        self.while_recording: Callable[[], Any] = lambda: None
        self.precondition: Callable[[Effect], str | None] = lambda effect: None
        self.handler = EffectHandler(
            kind=KIND,
            provider="carrier",
            prepare=lambda effects: {effect.id: self.prepare(effect) for effect in effects},
            call=self._call,
            record=self._record,
            ask=self._ask if can_be_asked else None,
            batch_size=batch_size,
            visibility_lag=timedelta(seconds=10),
        )

    def plan(self, key: str = "parcel", **options: Any) -> Effect:
        """One planned parcel, committed."""
        return self.plan_many(key, [None], **options)[0]

    def plan_many(self, key: str, people: Sequence[int | None], **options: Any) -> list[Effect]:
        """One parcel for each of these people (who need not exist), committed."""
        facts = {"purpose": "parcels", "subject": "shelf=1", "cause": None, **options}
        ids = transaction(plan, key, kind=KIND, rule=KIND, people=people, **facts)
        return [db.session.get_one(Effect, id_) for id_ in ids]

    def perform(self) -> int:
        """Perform what is due now; answers how many were carried."""
        count = perform_due(Lane.ACTS)
        db.session.rollback()
        return count

    def accept(self, prepared: Sequence[Prepared]) -> Mapping[int, Outcome]:
        """The usual answer."""
        return {each.effect_id: Accepted(f"parcel-{each.effect_id}") for each in prepared}

    def refuse(self, error: ProviderError) -> None:
        """From now on every call raises this."""

        def answer(prepared: Sequence[Prepared]) -> Mapping[int, Outcome]:
            raise error

        self.answer = answer

    def _call(self, prepared: Sequence[Prepared]) -> Mapping[int, Outcome]:
        self.carried.append([each.effect_id for each in prepared])
        return self.answer(prepared)

    def _ask(self, effect: Effect) -> Outcome | Absent:
        return self.knows(effect)

    def _record(self, rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
        self.while_recording()
        self.told += [(effect.id, each is not None, outcome) for effect, each, outcome in rows]


@contextmanager
def carrying(parcels: Parcels) -> Iterator[Parcels]:
    """Let the ledger carry parcels while the block runs."""
    handlers.register_handlers(parcels.handler)
    handlers.register_preconditions(
        {
            KIND: lambda effects: {
                effect.id: reason for effect in effects if (reason := parcels.precondition(effect))
            }
        }
    )
    try:
        yield parcels
    finally:
        del handlers._handlers[KIND], handlers._preconditions[KIND]
