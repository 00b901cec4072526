"""What this process has in hand, and what becomes of that when it ends before it is done."""

import threading
from collections.abc import Mapping, Sequence

from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine, NullPool, create_engine, insert, select, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ffapp import config
from ffapp.ledger import performers
from ffapp.ledger.models import Effect, EffectAttempt, State
from ffapp.ledger.performers import Prepared
from ffapp.ledger.settle import attempt_row, write
from ffapp.outcomes import Unavailable, Unclear

# A dyno is killed soon; whatever keeps the database busy, the process must be gone before.
CONNECT_ARGS = {
    "connect_timeout": 2,
    "application_name": "ffapp worker that leaves",
    "options": "-c timezone=UTC -c lock_timeout=400ms -c statement_timeout=1s",
}
TOLD = "The worker was told to stop before it called."
LEFT = "The worker was told to stop, and left before it knew how this ended."

_lock = threading.Lock()
_held: dict[tuple[int, int], bool] = {}  # (effect id, attempt) → its call may have begun


def hold(prepared: Sequence[Prepared]) -> None:
    """These are claimed, and their call has certainly not begun."""
    with _lock:
        _held.update({_attempt(each): False for each in prepared})


def begin_call(prepared: Sequence[Prepared]) -> None:
    """From now on nobody can know of these, until their outcome is."""
    with _lock:
        _held.update({_attempt(each): True for each in prepared})


def let_go(prepared: Sequence[Prepared]) -> None:
    """The outcome of these is written."""
    with _lock:
        for each in prepared:
            _held.pop(_attempt(each), None)


def give_up() -> int:
    """Write what becomes of what this process holds, now that it ends; answers how many rows.

    What may have been called becomes `uncertain`, to be asked about; the rest is planned again.
    A row that somebody else has taken meanwhile is left alone. Commits, on a connection of its own
    that needs no free one in the pool, within some seconds; or raises what the database raised.
    """
    with _lock:
        held = dict(_held)
    if not held:
        return 0
    url = config.current().database_url
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=CONNECT_ARGS)
    try:
        return _write_down(engine, held, skip_locked=False)
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        # Somebody keeps one of them; because of that the others must not stay as they are.
        return _write_down(engine, held, skip_locked=True)


def _write_down(engine: Engine, held: Mapping[tuple[int, int], bool], *, skip_locked: bool) -> int:
    with Session(engine) as session, session.begin():
        rows = session.scalars(
            select(Effect)
            .where(tuple_(Effect.id, Effect.attempts).in_(list(held)))
            .where(Effect.state == State.SENDING)
            .order_by(Effect.id)
            .with_for_update(skip_locked=skip_locked)
        ).all()
        attempts = []
        for effect in rows:
            called = held[effect.id, effect.attempts]
            outcome = Unclear(LEFT) if called else Unavailable(TOLD)
            write(effect, performers.performer_of(effect.kind), outcome)
            attempts.append(attempt_row(effect.id, effect.attempts, outcome, []))
        if attempts:
            session.execute(insert(EffectAttempt), attempts)
        return len(rows)


def _attempt(prepared: Prepared) -> tuple[int, int]:
    return prepared.effect_id, prepared.attempt
