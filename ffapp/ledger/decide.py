"""What a person may decide about one effect: try again, ask, take back, say that it arrived."""

from typing import Any

from ffapp import clock
from ffapp.db import db
from ffapp.events import record
from ffapp.ledger.models import Effect, State
from ffapp.ledger.performers import performer_of, tell_settled
from ffapp.ledger.reconcile import ring_for_uncertain
from ffapp.ledger.ring import ring


class CannotDecide(ValueError):
    """The effect is in a state in which this cannot be done; the message says which."""


def choices(effect: Effect) -> list[str]:
    """Which of the verbs below can be used now."""
    match effect.state:
        case State.PLANNED:
            return ["cancel"]
        case State.FAILED:
            return ["retry"]
        case State.UNCERTAIN if performer_of(effect.kind).ask is not None:
            return ["ask"]  # the provider knows; nobody has to guess
        case State.UNCERTAIN:
            return ["confirm", "retry"]
    return []


def ask(effect: Effect, by: Any) -> None:
    """Ask the provider about an uncertain one now instead of later."""
    _require(effect, "ask")
    record("effect_asked_about", by=by, on=effect)
    effect.due_at = clock.now()
    db.session.flush()
    ring_for_uncertain()


def retry(effect: Effect, by: Any) -> None:
    """Plan it again, now. Of an uncertain one, the person accepts that it may happen twice."""
    _require(effect, "retry")
    record("effect_retried", by=by, on=effect, was=effect.state, reason=effect.reason)
    effect.state, effect.reason = State.PLANNED, f"{by.name} asked for another try."
    effect.due_at, effect.settled_at, effect.closed_at = clock.now(), None, None
    if effect.useful_until is not None and effect.useful_until <= effect.due_at:
        effect.useful_until = None
    ring(effect.lane)


def cancel(effect: Effect, by: Any) -> None:
    """Take it back before it goes."""
    _require(effect, "cancel")
    record("effect_cancelled", by=by, on=effect)
    effect.state, effect.reason = State.CANCELLED, f"{by.name} cancelled it."
    effect.settled_at = clock.now()
    db.session.flush()
    tell_settled([effect.id])


def confirm(effect: Effect, by: Any) -> None:
    """Say of an uncertain one that it did happen."""
    _require(effect, "confirm")
    record("effect_confirmed", by=by, on=effect)
    effect.state, effect.reason = State.SENT, f"{by.name} found out that it arrived."
    effect.settled_at = clock.now()


def _require(effect: Effect, verb: str) -> None:
    db.session.refresh(effect, with_for_update=True)
    if verb not in choices(effect):
        raise CannotDecide(f"This is {effect.state} now; it cannot be changed any more.")
