"""Perform effects: claim in one short transaction, call with none open, record in a second one."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from psycopg.errors import LockNotAvailable, UniqueViolation
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.contextvars import bound_contextvars

from ffapp.core import config
from ffapp.core.db import transaction
from ffapp.core.jobs import TRANSIENT
from ffapp.core.outcomes import Outcome, ProviderError, Refused, Unavailable, Unclear
from ffapp.ledger import in_flight
from ffapp.ledger.claim import CannotPrepare, claim, extend
from ffapp.ledger.handlers import EffectHandler, Prepared
from ffapp.ledger.models import Lane
from ffapp.ledger.record_outcome import record_outcome
from ffapp.providers.kit.deadline import within
from ffapp.providers.kit.http import recording

log = structlog.get_logger()

SLICE_SECONDS = 5  # then the slot goes to another job; the sweep dispatches again
# What the provider answered must not be forgotten because the database is away for a moment.
WRITING_SECONDS = 8
LOGGED_AT_MOST = 20  # ids of a batch that a log line carries

stopping = threading.Event()  # set on SIGTERM: nothing new is claimed


@contextmanager
def log_context(effect_ids: Sequence[int]) -> Iterator[None]:
    """Add `effects` to every line logged in the block, and to an exception that leaves it."""
    effects = list(effect_ids[:LOGGED_AT_MOST])
    with bound_contextvars(effects=effects):
        try:
            yield
        except Exception as error:
            # It is logged outside this block, where the context is gone.
            error.effects = getattr(error, "effects", effects)  # type: ignore[attr-defined]
            raise


def perform_due(lane: Lane, seconds: float = SLICE_SECONDS) -> int:
    """Perform what is due in the lane until nothing is, or the time is over; answers how many."""
    until = time.monotonic() + seconds
    performed = 0
    while not stopping.is_set() and time.monotonic() < until:
        count = perform_next(lane)
        if count is None:
            break
        performed += count
    return performed


def perform_next(lane: Lane) -> int | None:
    """Perform the next row, or the rows that one call may carry; None when nothing is due."""
    began = time.monotonic()
    claimed = _claim(lane)
    if claimed is None:
        return None
    handler, prepared = claimed
    if prepared:
        in_flight.hold(prepared)
        with log_context([each.effect_id for each in prepared]):
            _call(handler, prepared, began)
    return len(prepared)


def _claim(lane: Lane) -> tuple[EffectHandler, list[Prepared]] | None:
    """Claim; a batch that cannot be prepared is halved until the row at fault stands alone."""
    at_most = None
    while True:
        try:
            return transaction(claim, lane, at_most=at_most)
        except CannotPrepare as error:
            at_most = error.rows // 2
        except (OperationalError, IntegrityError) as error:
            # Somebody is just changing what it is about, or has claimed another of that serial;
            # the sweep comes back.
            if isinstance(error.orig, LockNotAvailable | UniqueViolation):
                return None
            raise


def _call(handler: EffectHandler, prepared: Sequence[Prepared], began: float) -> None:
    """Call the provider; a refused batch is cut in two until the row at fault stands alone."""
    calls: dict[Any, list[Prepared]] = defaultdict(list)
    for each in prepared:
        calls[handler.same_call(each)].append(each)
    waiting: list[Sequence[Prepared]] = list(calls.values())
    while waiting:
        batch = waiting.pop()
        with recording() as exchanges, log_context([each.effect_id for each in batch]):
            outcomes = _outcomes(handler, batch, began)
        if len(batch) > 1 and all(_divisible(outcome) for outcome in outcomes.values()):
            in_flight.hold(batch)  # what is refused as a whole has not begun for any of them
            middle = len(batch) // 2
            waiting += [batch[middle:], batch[:middle]]
        else:
            _write(handler, batch, outcomes, exchanges)
            in_flight.release(batch)
        if waiting:
            began = time.monotonic()
            ours = transaction(extend, [each for batch in waiting for each in batch])
            waiting = [kept for batch in waiting if (kept := _among(ours, batch))]


def _among(ours: set[int], batch: Sequence[Prepared]) -> list[Prepared]:
    return [each for each in batch if each.effect_id in ours]


def _divisible(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.divisible


def _outcomes(
    handler: EffectHandler, prepared: Sequence[Prepared], began: float
) -> dict[int, Outcome]:
    """What the call brought for each row; `began` is when their claim did."""
    in_flight.begin_call(prepared)
    left = began + config.current().provider_deadline_seconds - time.monotonic()
    try:
        if stopping.is_set():
            raise Unavailable(in_flight.TOLD)
        if left < config.current().provider_deadline_seconds / 2:
            # A call that is begun too late is likely to be cut off, and then nobody knows.
            raise Unavailable("The worker was held up before it called.")
        with within(left):
            answered = handler.call(prepared)
    except ProviderError as error:
        return {each.effect_id: error for each in prepared}
    except Exception as error:  # a mistake of ours: how far the call had come is not known
        log.exception("ledger.call_broke", effects=[each.effect_id for each in prepared])
        unclear = Unclear(f"Something of ours broke while it was being sent ({error!r}).")
        return {each.effect_id: unclear for each in prepared}
    nothing = Unclear("The provider's answer did not mention this one.")
    return {each.effect_id: answered.get(each.effect_id, nothing) for each in prepared}


def _write(handler: EffectHandler, prepared: Sequence[Prepared], *known: Any) -> None:
    until: float | None = None
    while True:
        try:
            return transaction(record_outcome, handler, prepared, *known)
        except TRANSIENT as error:
            # From the first failure on: it may have come to light only after a long standstill.
            until = until or time.monotonic() + WRITING_SECONDS
            if time.monotonic() > until:
                raise
            log.warning("ledger.cannot_record", error=str(error)[:200])
            time.sleep(0.2)
