"""How a call stands: one word, of the ledger until Bolna has it, and of Bolna since."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, exists, func, select

from ffapp.calls.models import CallLog
from ffapp.core.db import db, is_among
from ffapp.ledger.models import Effect, State
from ffapp.providers.bolna import wire

# What Bolna calls completed although nobody spoke with the agent.
VOICEMAIL, HUNG_UP, LOST = "voicemail", "hung-up", "lost"
# Ledger's words of the same spelling as other words of Bolna's.
NOT_PLACED, CALLED_OFF = "not-placed", "called-off"


def state_of_call() -> Any:
    """The state, in SQL; the query has `CallLog` and its `Effect`."""
    is_completed = CallLog.status == wire.COMPLETED
    return case(
        (Effect.state == State.FAILED, NOT_PLACED),
        (Effect.state == State.CANCELLED, CALLED_OFF),
        (Effect.state != State.SENT, Effect.state),
        (and_(is_completed, CallLog.is_voicemail), VOICEMAIL),
        (and_(is_completed, func.coalesce(CallLog.seconds, 0) == 0), HUNG_UP),
        (CallLog.lost_at.is_not(None), LOST),
        else_=func.coalesce(CallLog.status, wire.QUEUED),
    )


def states_of_calls(call_ids: Sequence[int]) -> dict[int, str]:
    """Call id → its state."""
    rows = db.session.execute(
        select(CallLog.id, state_of_call())
        .join(Effect, Effect.id == CallLog.effect_id)
        .where(is_among(CallLog.id, call_ids))
    )
    return dict(rows.all())  # type: ignore[arg-type]


def is_open() -> Any:
    """Whether a call waits or is going on, in SQL; the query has `CallLog` and its `Effect`."""
    waits = Effect.state.in_((State.PLANNED, State.SENDING, State.UNCERTAIN))
    goes_on = and_(
        Effect.state == State.SENT, CallLog.ended_at.is_(None), CallLog.lost_at.is_(None)
    )
    return and_(waits | goes_on, Effect.closed_at.is_(None))


def people_in_calls(person_ids: Any) -> set[int]:
    """Those of the people for whom a call waits or is going on."""
    rows = (
        select(CallLog.person_id)
        .join(Effect, Effect.id == CallLog.effect_id)
        .where(is_among(CallLog.person_id, person_ids), is_open())
    )
    return set(db.session.scalars(rows))


def has_later_call() -> Any:
    """Whether the person of a query's `CallLog` was called again after it, in SQL."""
    later = CallLog.__table__.alias("later")
    return exists().where(later.c.person_id == CallLog.person_id, later.c.id > CallLog.id)
