"""The attempts that this process has claimed, and what is recorded of them when it must stop."""

import threading
from collections.abc import Mapping, Sequence

from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine, NullPool, create_engine, select, tuple_
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from ffapp.core import config
from ffapp.core.outcomes import Unavailable, Unclear
from ffapp.ledger.handlers import Prepared
from ffapp.ledger.models import Effect, State
from ffapp.ledger.record_outcome import add_attempts, apply_outcomes

# The platform kills the process soon; a slow database must not keep it until then.
CONNECT_ARGS = {
    "connect_timeout": 2,
    "application_name": "ffapp stopping worker",
    "options": "-c timezone=UTC -c lock_timeout=400ms -c statement_timeout=1s",
}
TOLD = "The worker was told to stop before it called."
LEFT = "The worker was told to stop, and left before it knew how this ended."

_lock = threading.Lock()
_held: dict[tuple[int, int], bool] = {}  # (effect id, attempt) → its call may have begun


def hold(prepared: Sequence[Prepared]) -> None:
    """Note attempts that are claimed and whose call has certainly not begun."""
    with _lock:
        _held.update({_attempt(each): False for each in prepared})


def begin_call(prepared: Sequence[Prepared]) -> None:
    """Note that the call may have begun: from now on only an outcome tells what happened."""
    with _lock:
        _held.update({_attempt(each): True for each in prepared})


def release(prepared: Sequence[Prepared]) -> None:
    """Forget attempts whose outcome is written."""
    with _lock:
        for each in prepared:
            _held.pop(_attempt(each), None)


def record_interrupted() -> int:
    """Record an outcome for every attempt this process holds, as it ends; answers how many rows.

    What may have been called becomes `uncertain`, to be asked about; the rest is planned again.
    A row that another worker has claimed since is left alone. Commits, on a connection of its own
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
        # One row is locked by somebody else; the others must be recorded all the same.
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
        outcomes = [
            (effect, Unclear(LEFT) if held[effect.id, effect.attempts] else Unavailable(TOLD))
            for effect in rows
        ]
        add_attempts([(effect, effect.attempts, how) for effect, how in outcomes], (), session)
        apply_outcomes(outcomes, session)
        return len(rows)


def _attempt(prepared: Prepared) -> tuple[int, int]:
    return prepared.effect_id, prepared.attempt
