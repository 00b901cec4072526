"""The second short transaction: write how it ended, conditional on the attempt."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.outcomes import Accepted, Outcome, Refused, Unavailable, Unclear
from ffapp.ledger import handlers
from ffapp.ledger.handlers import Absent, EffectHandler, Prepared
from ffapp.ledger.models import Effect, EffectAttempt, State

TRIES = 25  # with waits of up to a quarter of an hour: about five hours of a provider's absence
LONGEST_WAIT = timedelta(minutes=15)


def record_outcome(
    handler: EffectHandler,
    prepared: Sequence[Prepared],
    outcomes: Mapping[int, Outcome],
    exchanges: Sequence[dict[str, Any]] = (),
) -> None:
    """Write the outcome of an attempt; the caller commits.

    An outcome counts only for the attempt it belongs to. An acceptance counts also when it comes
    late: it did happen, whatever the row says by now, and what was planned in its place must not.
    When a later attempt did it too, or is just doing it, the channel hears of it, to tidy up.
    """
    rows = {effect.id: effect for effect in _locked([each.effect_id for each in prepared])}
    written: list[tuple[Effect, Prepared | None, Outcome]] = []
    late: list[tuple[Effect, Prepared | None, Outcome]] = []
    for each in prepared:
        effect, outcome = rows[each.effect_id], outcomes[each.effect_id]
        newest = effect.attempts == each.attempt
        if _counts(effect, newest, outcome):
            apply_outcome(effect, handler, outcome)
            written.append((effect, each, outcome))
        elif isinstance(outcome, Accepted) and not newest:
            late.append((effect, None, outcome))
    handler.record([*written, *late])
    handlers.notify_outcomes([effect.id for effect, _, _ in written])
    _remember(prepared, outcomes, exchanges)


def apply_outcome(effect: Effect, handler: EffectHandler, outcome: Outcome) -> None:
    """Move one row to the state that the outcome means."""
    effect.provider = handler.provider
    effect.deadline_at = None
    effect.settled_at = clock.now()
    match outcome:
        case Accepted():
            effect.state, effect.reason = State.SENT, None
            effect.provider_ref = outcome.reference
            effect.doubtful, effect.closed_at = False, None
        case Refused():
            effect.state, effect.reason = State.FAILED, outcome.reason
        case Unavailable():
            _wait(effect, outcome)
        case Unclear():
            effect.state, effect.reason = State.UNCERTAIN, outcome.reason
            effect.doubtful = True
            effect.due_at = clock.now() + handler.visibility_lag


def attempt_row(
    effect_id: int, number: int, outcome: Outcome | Absent, exchanges: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """An append-only row of `effect_attempts`: how a call ended, or what asking brought."""
    return {
        "effect_id": effect_id,
        "number": number,
        "outcome": type(outcome).__name__.lower(),
        "reason": getattr(outcome, "reason", None),
        "exchanges": list(exchanges),
        "at": clock.now(),
    }


def _counts(effect: Effect, newest: bool, outcome: Outcome) -> bool:
    if newest and effect.state in (State.SENDING, State.UNCERTAIN):
        return True
    return isinstance(outcome, Accepted) and effect.state not in (State.SENDING, State.SENT)


def _wait(effect: Effect, outcome: Unavailable) -> None:
    if effect.attempts >= TRIES:
        effect.state = State.FAILED
        effect.reason = f"{outcome.reason} It was tried {effect.attempts} times."
        return
    effect.state, effect.reason = State.PLANNED, f"{outcome.reason} It will be tried again."
    effect.settled_at = None
    effect.due_at = _next_try(effect.attempts, outcome.retry_at)


def _next_try(attempts: int, wished: datetime | None) -> datetime:
    pause = min(timedelta(seconds=2 ** min(attempts, 16)), LONGEST_WAIT) * random.uniform(0.8, 1.2)
    after_wish = wished - clock.wall() if wished else timedelta(0)
    return clock.now() + max(pause, after_wish)


def _remember(
    prepared: Sequence[Prepared],
    outcomes: Mapping[int, Outcome],
    exchanges: Sequence[dict[str, Any]],
) -> None:
    if len(prepared) > 1:
        # The request of a batch names other people, who have no place in this person's record.
        exchanges = [{**exchange, "request": "(a batch)"} for exchange in exchanges]
    rows = [
        attempt_row(each.effect_id, each.attempt, outcomes[each.effect_id], exchanges)
        for each in prepared
    ]
    db.session.execute(insert(EffectAttempt), rows)


def _locked(ids: Sequence[int]) -> Sequence[Effect]:
    return db.session.scalars(
        select(Effect)
        .where(Effect.id.in_(ids))
        .order_by(Effect.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
