"""Resolve uncertain effects by asking the provider, never by doing them again blindly.

A row whose worker went away in the middle becomes `uncertain`. Where the provider can be asked, it
is asked, not before what it did can be seen there. One that cannot be asked, or that
refuses the question, proves nothing: the row waits for a person, and closes once it is no longer
useful.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import Select, func, select, update

from ffapp.core import clock, config
from ffapp.core.db import db, transaction
from ffapp.core.jobs import DEFAULT, TRANSIENT, defer_once, queue
from ffapp.core.outcomes import Accepted, Outcome, ProviderError, Refused, Unavailable, Unclear
from ffapp.ledger import handlers
from ffapp.ledger.handlers import Absent, EffectHandler
from ffapp.ledger.models import Effect, State
from ffapp.ledger.perform import log_context, stopping
from ffapp.ledger.record_outcome import add_attempts, apply_outcomes
from ffapp.providers.kit.deadline import within
from ffapp.providers.kit.http import recording

log = structlog.get_logger()

ASK_AGAIN = timedelta(seconds=30)
LOOK_AGAIN = timedelta(hours=1)
# A question that is refused: a person may mend that any minute, but hardly after so many days.
ASK_AGAIN_THOUGH_REFUSED, AT_MOST = timedelta(minutes=15), timedelta(days=14)
MAY_HAVE_BEEN_SENT = "It may have been sent; nobody can know any more."


def mark_abandoned() -> list[int]:
    """Make rows uncertain whose worker let its deadline pass; the caller commits."""
    rows = db.session.scalars(
        select(Effect)
        .where(
            Effect.state == State.SENDING,
            Effect.deadline_at < clock.wall(),
            Effect.kind.in_(handlers.kinds()),
        )
        .with_for_update(skip_locked=True)
    ).all()
    gone = Unclear("The worker went away while this was being sent.")
    _write(rows, gone)
    abandoned = [effect.id for effect in rows]
    handlers.notify_outcomes(abandoned)
    return abandoned


def dispatch_reconcile() -> None:
    """Defer a reconciling job when a row may be asked about now; the caller commits."""
    if db.session.scalar(_askable().limit(1)) is not None:
        defer_once(reconcile, "ledger.reconcile")


@queue.task(name="ledger.reconcile", queue=DEFAULT)
def reconcile() -> None:
    """Ask about each uncertain row that may be asked about now."""
    try:
        while not stopping.is_set() and (effect_id := transaction(_take_next)) is not None:
            with log_context([effect_id]):
                resolve(effect_id)
    except TRANSIENT as error:  # the database went away; the sweep asks for this again
        log.warning("ledger.interrupted", error=str(error)[:200])


def resolve(effect_id: int) -> None:
    """Ask the provider about one uncertain row and write what it says."""
    effect = db.session.get_one(Effect, effect_id)
    handler = handlers.handler_of(effect.kind)
    number = effect.attempts
    if handler.ask is None:
        transaction(_close_when_useless, effect_id)
        return
    db.session.expunge(effect)
    db.session.rollback()
    with recording() as exchanges, within(config.current().provider_deadline_seconds):
        try:
            answer: Outcome | Absent = handler.ask(effect)
        except Refused as refusal:
            transaction(_close_when_useless, effect_id, refusal.reason)
            return
        except ProviderError:
            return  # it does not answer; `_take_next` has moved the next asking
    transaction(_write_answer, effect_id, number, handler, answer, exchanges)


def accept(effect: Effect, reference: str | None) -> None:
    """A webhook proves that an uncertain effect happened; the caller holds the row and commits."""
    accepted = Accepted(reference)
    _write([effect], accepted)
    handlers.handler_of(effect.kind).record([(effect, None, accepted)])


def _write_answer(
    effect_id: int, number: int, handler: EffectHandler, answer: Outcome | Absent, exchanges: list
) -> None:
    effect = db.session.get_one(Effect, effect_id, with_for_update=True)
    if effect.state != State.UNCERTAIN or effect.attempts != number:
        return
    if isinstance(answer, Absent):
        # With patience and a bound, as after any other try that came to nothing.
        unknown = Unavailable(f"{handler.provider.title()} knows nothing of it.")
        apply_outcomes([(effect, unknown)])
        effect.doubtful = False
    else:
        apply_outcomes([(effect, answer)])
        handler.record([(effect, None, answer)])
    handlers.notify_outcomes([effect.id])
    if handler.names_others:
        exchanges = [{**exchange, "response": "(a list of people)"} for exchange in exchanges]
    add_attempts([(effect, number, answer)], exchanges)


def _write(rows: Sequence[Effect], outcome: Outcome) -> None:
    if rows:
        apply_outcomes([(effect, outcome) for effect in rows])
        add_attempts([(effect, effect.attempts, outcome) for effect in rows])


def _askable() -> Select[tuple[int]]:
    return select(Effect.id).where(
        Effect.state == State.UNCERTAIN,
        Effect.closed_at.is_(None),
        Effect.due_at <= clock.now(),
        Effect.kind.in_(handlers.kinds()),
    )


def _take_next() -> int | None:
    effect_id = db.session.scalar(
        _askable().order_by(Effect.due_at).limit(1).with_for_update(skip_locked=True)
    )
    if effect_id is not None:
        db.session.execute(
            update(Effect).where(Effect.id == effect_id).values(due_at=clock.now() + ASK_AGAIN)
        )
    return effect_id


def _close_when_useless(effect_id: int, refused: str | None = None) -> None:
    """What cannot be asked, or whose question was `refused`, is looked at again after a while."""
    # A worker that left in a hurry told nobody, and what was heard may be all that is ever known.
    handlers.notify_outcomes([effect_id])
    now = clock.now()
    useless = Effect.useful_until <= now
    closed = db.session.execute(
        update(Effect)
        .where(
            Effect.id == effect_id,
            Effect.state == State.UNCERTAIN,
            useless | (Effect.settled_at < now - AT_MOST) if refused else useless,
        )
        .values(closed_at=now, reason=MAY_HAVE_BEEN_SENT)
    )
    if not closed.rowcount:
        wait = ASK_AGAIN_THOUGH_REFUSED if refused else LOOK_AGAIN
        db.session.execute(
            update(Effect)
            .where(Effect.id == effect_id, Effect.state == State.UNCERTAIN)
            .values(
                due_at=func.least(now + wait, Effect.useful_until), reason=refused or Effect.reason
            )
        )
