"""Wake a worker for what is due: a job at once where an effect is planned, a sweep each second."""

import threading
from functools import cache

import structlog
from sqlalchemy import Text, func, select, text
from sqlalchemy.dialects.postgresql import array

from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.core.jobs import BULK, DEFAULT, TRANSIENT, URGENT, defer_once, queue
from ffapp.ledger.claim import due
from ffapp.ledger.models import Effect, Lane
from ffapp.ledger.perform import perform_due
from ffapp.ledger.reconcile import dispatch_reconcile, mark_abandoned

log = structlog.get_logger()

QUEUE_OF = {
    Lane.ACCOUNT: URGENT,
    Lane.ACTS: DEFAULT,
    Lane.REGISTRATIONS: DEFAULT,
    Lane.MESSAGES: BULK,
    Lane.CHATS: BULK,
}
# Somebody waits before the screen for these.
PRIORITY = {Lane.ACCOUNT: 100}


@cache
def _slots(lane: Lane) -> threading.BoundedSemaphore | None:
    """How many jobs of a lane may run at once in this process; None where the queue's slots do."""
    if lane == Lane.ACTS:
        # A Zoom that hangs must leave a slot of the queue to the subscriptions, which share it;
        # one more is that of the sweeps.
        return threading.BoundedSemaphore(max(1, config.current().worker_concurrency - 2))
    if lane == Lane.REGISTRATIONS:
        return threading.BoundedSemaphore(max(1, config.current().worker_concurrency - 3))
    if lane == Lane.CHATS:
        # AiSensy takes about ten messages a second; the other slot of the queue is the mail's.
        return threading.BoundedSemaphore(2)
    return None


def dispatch(lane: str) -> None:
    """Ask a worker to perform what is due in the lane, once this transaction commits."""
    options = {"queue": QUEUE_OF[Lane(lane)], "priority": PRIORITY.get(Lane(lane), 0)}
    defer_once(perform_lane, f"ledger.perform:{lane}", options=options, lane=str(lane))


@queue.task(name="ledger.perform", queue=DEFAULT)
def perform_lane(lane: str) -> None:
    """Perform what is due in a lane, for some seconds; then let other jobs have the slot."""
    slots = _slots(Lane(lane))
    if slots and not slots.acquire(blocking=False):
        return
    try:
        perform_due(Lane(lane))
    except TRANSIENT as error:  # the database went away; the next sweep dispatches again
        log.warning("ledger.interrupted", lane=lane, error=str(error)[:200])
    finally:
        if slots:
            slots.release()


def analyze_soon() -> None:
    """Let Postgres count the effects anew, once this transaction commits: many were just added."""
    defer_once(analyze, "ledger.analyze")


@queue.task(name="ledger.analyze", queue=DEFAULT)
def analyze() -> None:
    transaction(lambda: db.session.execute(text("ANALYZE effects")))


def sweep() -> list[Lane]:
    """Find what no job announced: the abandoned, the due and the uncertain. The caller commits.

    Answers the lanes in which something is due.
    """
    mark_abandoned()
    each = func.unnest(array([*Lane], type_=Text)).column_valued("each_lane")
    has_due = select(Effect.id).where(*due(each)).exists()
    lanes = [Lane(name) for name in db.session.scalars(select(each).where(has_due))]
    for lane in lanes:
        dispatch(lane)
    dispatch_reconcile()
    return lanes
