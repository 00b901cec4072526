"""The second short transaction: write how an attempt ended, if the row still belongs to it."""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.core.outcomes import Accepted, Outcome, Refused, Unavailable, Unclear
from ffapp.ledger import handlers
from ffapp.ledger.handlers import Absent, EffectHandler, Prepared
from ffapp.ledger.models import Effect, State, update_effects

TRIES = 25  # with waits of up to a quarter of an hour: about five hours of a provider's absence
LONGEST_WAIT = timedelta(minutes=15)

INSERT_ATTEMPTS = """
INSERT INTO effect_attempts (effect_id, number, outcome, reason, exchanges, at)
SELECT effect_id, number, outcome, reason, CAST(:exchanges AS jsonb), :at
  FROM jsonb_to_recordset(CAST(:attempts AS jsonb))
    AS attempt (effect_id bigint, number bigint, outcome text, reason text)
"""

# An effect, the number of the attempt, and how it ended (or what asking the provider brought).
Attempt = tuple[Effect, int, Outcome | Absent]


def record_outcome(
    handler: EffectHandler,
    prepared: Sequence[Prepared],
    outcomes: Mapping[int, Outcome],
    exchanges: Sequence[dict[str, Any]] = (),
) -> None:
    """Write the outcome of an attempt; the caller commits.

    An outcome counts only for the attempt it belongs to. An acceptance counts also when it comes
    late: it did happen, whatever the row says by now, and what was planned in its place must not.
    When a later attempt did it too, or is just doing it, the handler is told, so that it tidies up.
    """
    rows = lock([each.effect_id for each in prepared])
    written: list[tuple[Effect, Prepared | None, Outcome]] = []
    late: list[tuple[Effect, Prepared | None, Outcome]] = []
    for each in prepared:
        effect, outcome = rows[each.effect_id], outcomes[each.effect_id]
        newest = effect.attempts == each.attempt
        if _counts(effect, newest, outcome):
            written.append((effect, each, outcome))
        elif isinstance(outcome, Accepted) and not newest:
            late.append((effect, None, outcome))
    apply_outcomes([(effect, outcome) for effect, _, outcome in written])
    handler.record([*written, *late])
    handlers.notify_outcomes([effect.id for effect, _, _ in written])
    if len(prepared) > 1:
        # The request of a batch names other people, who have no place in this person's record.
        exchanges = [{**exchange, "request": "(a batch)"} for exchange in exchanges]
    add_attempts(
        [(rows[each.effect_id], each.attempt, outcomes[each.effect_id]) for each in prepared],
        exchanges,
    )


def lock(ids: Sequence[int]) -> dict[int, Effect]:
    """Lock these rows in the order of their ids and read them anew: effect id → row."""
    rows = db.session.scalars(
        select(Effect)
        .where(is_among(Effect.id, ids))
        .order_by(Effect.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {effect.id: effect for effect in rows}


def apply_outcomes(rows: Sequence[tuple[Effect, Outcome]], session: Any = db.session) -> None:
    """Move rows to the states that their outcomes mean; one statement for all that become equal."""
    now, jitter = clock.now(), random.uniform(0.8, 1.2)
    alike: dict[tuple[Any, ...], list[Effect]] = {}
    for effect, outcome in rows:
        values = _values(effect, outcome, now, jitter)
        alike.setdefault(tuple(values.items()), []).append(effect)
    for columns, effects in alike.items():
        update_effects(effects, dict(columns), session)


def add_attempts(
    attempts: Sequence[Attempt],
    exchanges: Sequence[dict[str, Any]] = (),
    session: Any = db.session,
) -> None:
    """Add a row to the append-only `effect_attempts` for each of these."""
    rows = [
        {
            "effect_id": effect.id,
            "number": number,
            "outcome": type(outcome).__name__.lower(),
            "reason": getattr(outcome, "reason", None),
        }
        for effect, number, outcome in attempts
    ]
    values = {"attempts": json.dumps(rows), "exchanges": json.dumps(exchanges), "at": clock.now()}
    session.execute(text(INSERT_ATTEMPTS), values)


def _counts(effect: Effect, newest: bool, outcome: Outcome) -> bool:
    if newest and effect.state in (State.SENDING, State.UNCERTAIN):
        return True
    return isinstance(outcome, Accepted) and effect.state not in (State.SENDING, State.SENT)


def _values(effect: Effect, outcome: Outcome, now: datetime, jitter: float) -> dict[str, Any]:
    """The columns that the outcome changes, and what they become."""
    handler = handlers.handler_of(effect.kind)
    values = {"provider": handler.provider, "deadline_at": None, "settled_at": now}
    match outcome:
        case Accepted():
            return values | {
                "state": State.SENT,
                "reason": None,
                "provider_ref": outcome.reference,
                "doubtful": False,
                "closed_at": None,
            }
        case Refused():
            return values | {"state": State.FAILED, "reason": outcome.reason}
        case Unavailable() if effect.attempts >= TRIES:
            reason = f"{outcome.reason} It was tried {effect.attempts} times."
            return values | {"state": State.FAILED, "reason": reason}
        case Unavailable():
            return values | {
                "state": State.PLANNED,
                "reason": f"{outcome.reason} It will be tried again.",
                "settled_at": None,
                "due_at": _next_try(effect.attempts, outcome.retry_at, jitter),
            }
        case Unclear():
            return values | {
                "state": State.UNCERTAIN,
                "reason": outcome.reason,
                "doubtful": True,
                "due_at": now + handler.visibility_lag,
            }
    raise TypeError(f"not an outcome: {outcome!r}")


def _next_try(attempts: int, retry_at: datetime | None, jitter: float = 1.0) -> datetime:
    pause = min(timedelta(seconds=2 ** min(attempts, 16)), LONGEST_WAIT) * jitter
    asked_for = retry_at - clock.wall() if retry_at else timedelta(0)
    return clock.now() + max(pause, asked_for)
