"""The first short transaction: claim rows that are due, or write why they must not happen."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import aliased

from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.ledger import handlers
from ffapp.ledger.handlers import EffectHandler, Prepared
from ffapp.ledger.models import ACCOUNT, Effect, Lane, State, update_effects
from ffapp.ledger.record_outcome import lock

log = structlog.get_logger()
T = TypeVar("T")

# After the call's own deadline a worker has this long to write the outcome.
SETTLING = timedelta(seconds=5)


class CannotPrepare(Exception):
    """Preparing a batch of so many rows raised; the claim is to be tried again with fewer."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self.rows = rows


def claim(lane: Lane, at_most: int | None = None) -> tuple[EffectHandler, list[Prepared]] | None:
    """Claim what is due and belongs together; None when nothing is due.

    The list is empty when all that was found must not happen; the reasons are written. The caller
    commits. Raises CannotPrepare when a batch of more than one row could not be prepared.
    """
    _give_way()
    head = _due(lane).limit(1)
    first = db.session.scalar(head)
    if first is None:
        return None
    handler = handlers.handler_of(first.kind)
    limit = min(at_most or handler.batch_size, handler.batch_size)
    rows = [first]
    if limit > 1:
        rows += db.session.scalars(_together_with(first, lane, handler).limit(limit - 1)).all()
    contents = _prepare(handler, rows)
    return handler, _take([effect for effect in rows if effect.id in contents], contents)


def _give_way() -> None:
    """Do not wait long for a lock in this transaction; it then fails with LockNotAvailable.

    Domains lock a subject and then its effects; the claim locks in the opposite order, so it is the
    one that gives way, before Postgres sees a deadlock (after one second).
    """
    db.session.execute(text("SET LOCAL lock_timeout = '300ms'"))


def extend(prepared: Sequence[Prepared]) -> set[int]:
    """Prolong the claim on these rows; answers the ids of those still ours. The caller commits."""
    rows = lock([each.effect_id for each in prepared])
    attempts = {each.effect_id: each.attempt for each in prepared}
    ours = [
        effect
        for effect in rows.values()
        if effect.attempts == attempts[effect.id] and effect.state == State.SENDING
    ]
    update_effects(ours, {"deadline_at": _deadline()})
    return {effect.id for effect in ours}


def due(lane: Lane | ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    """What makes a row of the lane one that may be claimed now."""
    other = aliased(Effect)
    overtakes = exists().where(
        other.serial == Effect.serial,
        or_(
            other.state.in_([State.SENDING, State.UNCERTAIN]),
            and_(other.state == State.PLANNED, other.id < Effect.id),
        ),
        other.closed_at.is_(None),
    )
    return (
        Effect.state == State.PLANNED,
        Effect.lane == lane,
        Effect.due_at <= clock.now(),
        Effect.kind.in_(handlers.kinds()),
        or_(Effect.serial.is_(None), ~overtakes),
    )


def _due(lane: Lane) -> Select[tuple[Effect]]:
    return (
        select(Effect)
        .where(*due(lane))
        .order_by(Effect.due_at, Effect.id)
        .with_for_update(skip_locked=True, of=Effect)
    )


def _together_with(first: Effect, lane: Lane, handler: EffectHandler) -> Select[tuple[Effect]]:
    """Rows that one call may carry: the same about the same thing, and mostly for the same cause.

    A notice says what its cause was; one cause each have the students who came at the same time.
    """
    together = _due(lane).where(
        Effect.id != first.id,
        Effect.kind == first.kind,
        Effect.rule == first.rule,
        Effect.subject == first.subject,
    )
    if handler.one_cause:
        same = Effect.cause_event_id.is_not_distinct_from(first.cause_event_id)
        together = together.where(same)
    return together


def _examine(rows: Sequence[Effect]) -> list[Effect]:
    """Stop what is stale, no longer true or withheld, put off what can wait; answer what may go."""
    now = clock.now()
    stale = {
        effect.id: "It was no longer useful when its turn came."
        for effect in rows
        if effect.useful_until is not None and effect.useful_until <= now
    }
    rows = _stop(rows, stale, State.MISSED)
    rows = _stop(rows, handlers.failed_preconditions(rows), State.CANCELLED)
    rows = _stop(rows, handlers.gate_reasons(rows), State.WITHHELD)
    can_wait = [effect for effect in rows if effect.purpose != ACCOUNT]
    return _put_off(rows, handlers.postponed(can_wait))


def _put_off(rows: Sequence[Effect], waits: Mapping[int, tuple[datetime, str]]) -> list[Effect]:
    """Let those wait that have to; they stay planned."""
    for (due_at, reason), effects in _alike(rows, waits).items():
        update_effects(effects, {"due_at": due_at, "reason": reason})
    return [effect for effect in rows if effect.id not in waits]


def _stop(rows: Sequence[Effect], reasons: Mapping[int, str], state: State) -> list[Effect]:
    now = clock.now()
    for reason, effects in _alike(rows, reasons).items():
        update_effects(effects, {"state": state, "reason": reason, "settled_at": now})
    handlers.notify_outcomes(list(reasons))
    return [effect for effect in rows if effect.id not in reasons]


def _alike(rows: Sequence[Effect], answers: Mapping[int, T]) -> dict[T, list[Effect]]:
    """The rows that have an answer, by their answer."""
    alike: dict[T, list[Effect]] = {}
    for effect in rows:
        if effect.id in answers:
            alike.setdefault(answers[effect.id], []).append(effect)
    return alike


def _prepare(handler: EffectHandler, rows: Sequence[Effect]) -> dict[int, dict[str, Any]]:
    """Ask about the rows and prepare those that may go: effect id → content.

    A row about which somebody raises fails, and does not hold up the others.
    """
    try:
        with db.session.begin_nested():
            going = _examine(rows)
            prepared = handler.prepare(going) if going else {}
    except (OperationalError, InterfaceError):
        raise  # not the row's fault: the database went away, or a lock was not to be had
    except Exception as error:
        log.exception("ledger.cannot_prepare", effects=[effect.id for effect in rows])
        if len(rows) > 1:
            raise CannotPrepare(len(rows)) from error
        name = type(error).__name__
        _stop(rows, {rows[0].id: f"It could not be prepared ({name}: {error})."}, State.FAILED)
        return {}
    contents = {effect.id: prepared.get(effect.id, "It could not be prepared.") for effect in going}
    failed = {id_: text for id_, text in contents.items() if isinstance(text, str)}
    _stop(going, failed, State.FAILED)
    return {id_: each for id_, each in contents.items() if not isinstance(each, str)}


def _take(effects: Sequence[Effect], contents: Mapping[int, dict[str, Any]]) -> list[Prepared]:
    taken = [
        Prepared(effect.id, effect.attempts + 1, dict(contents[effect.id])) for effect in effects
    ]
    values = {
        "state": State.SENDING,
        "reason": "It is being sent.",
        "attempts": Effect.attempts + 1,
        "deadline_at": _deadline(),
    }
    update_effects(effects, values)
    return taken


def _deadline() -> datetime:
    allowed = timedelta(seconds=config.current().provider_deadline_seconds)
    return clock.wall() + allowed + SETTLING
