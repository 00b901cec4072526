"""What an admin can do with one effect: try again, ask the provider, cancel, mark as delivered."""

from typing import Any

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.core.outcomes import Accepted
from ffapp.ledger.dispatch import dispatch
from ffapp.ledger.handlers import handler_of, notify_outcomes
from ffapp.ledger.models import Effect, State
from ffapp.ledger.reconcile import dispatch_reconcile


class ActionNotPossible(ValueError):
    """The effect is in a state in which this cannot be done; the message names the state."""


def possible_actions(effect: Effect) -> list[str]:
    """The names of the functions below that can be called now."""
    match effect.state:
        case State.PLANNED:
            return ["cancel"]
        case State.FAILED:
            return ["retry"]
        case State.UNCERTAIN if handler_of(effect.kind).ask is not None:
            return ["ask"]  # the provider knows; no person has to guess
        case State.UNCERTAIN:
            return ["confirm", "retry"]
    return []


def ask(effect: Effect, by: Any) -> None:
    """Ask the provider about an uncertain one now instead of later."""
    _require(effect, "ask")
    record("effect_asked_about", by=by, on=effect)
    effect.due_at = clock.now()
    db.session.flush()
    dispatch_reconcile()


def retry(effect: Effect, by: Any) -> None:
    """Plan it again, now. For an uncertain one, the admin accepts that it may happen twice."""
    _require(effect, "retry")
    record("effect_retried", by=by, on=effect, was=effect.state, reason=effect.reason)
    effect.state, effect.reason = State.PLANNED, f"{by.name} asked for another try."
    effect.due_at, effect.settled_at, effect.closed_at = clock.now(), None, None
    if effect.useful_until is not None and effect.useful_until <= effect.due_at:
        effect.useful_until = None
    db.session.flush()
    notify_outcomes([effect.id])
    dispatch(effect.lane)


def cancel(effect: Effect, by: Any) -> None:
    """Cancel it before it is sent."""
    _require(effect, "cancel")
    record("effect_cancelled", by=by, on=effect)
    effect.state, effect.reason = State.CANCELLED, f"{by.name} cancelled it."
    effect.settled_at = clock.now()
    db.session.flush()
    notify_outcomes([effect.id])


def confirm(effect: Effect, by: Any) -> None:
    """Mark an uncertain one as delivered."""
    _require(effect, "confirm")
    record("effect_confirmed", by=by, on=effect)
    effect.state, effect.reason = State.SENT, f"{by.name} found out that it arrived."
    effect.settled_at = clock.now()
    handler_of(effect.kind).record([(effect, None, Accepted(effect.provider_ref))])


def _require(effect: Effect, verb: str) -> None:
    db.session.refresh(effect, with_for_update=True)
    if verb not in possible_actions(effect):
        raise ActionNotPossible(f"This is {effect.state} now; it cannot be changed any more.")
