"""The queue: Postgres through Procrastinate.

A job is deferred on the session's own connection, so that it exists if and only if the change that
asked for it was committed. Arguments are ids. Every job may run twice.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import procrastinate
import psycopg
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.tasks import Task
from procrastinate.testing import InMemoryConnector
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from ffapp.core.db import db

# Queues by patience. A worker gives `urgent` slots of its own.
URGENT, DEFAULT, BULK, SWEEPS, SIMULATOR = "urgent", "default", "bulk", "sweeps", "simulator"
QUEUES = (URGENT, DEFAULT, BULK, SWEEPS, SIMULATOR)

HEARTBEAT_SECONDS = 4
STALLED_SECONDS = 15
RUNS_BEFORE_GIVING_UP = 5
# The queue's own transactions are of one statement each. Postgres ends one that stands still for so
# long: that of a frozen worker, whose locks would else keep all others from taking jobs.
STANDSTILL_SECONDS = 10

# So long somebody waits for a connection of the queue. At the full minute many periodic jobs ask at
# once; a worker that got none in time takes no more jobs before those that it runs have ended.
CONNECTION_SECONDS = 10
# Sweeps that ask a provider come one after the other, and each gives its slot back after a while,
# so that a provider that hangs leaves slots of the queue to other jobs.
PROVIDER_SWEEPS, SWEEP_SECONDS = "sweeps that ask a provider", 10
RETRY = text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)")
REMOVE = text("DELETE FROM procrastinate_jobs WHERE id = :id")
T = TypeVar("T")
TRANSIENT = (OperationalError, InterfaceError, NoConnectionFree, ConnectorException)


class RetryTransient(procrastinate.BaseRetryStrategy):
    """Runs a job again that broke because the database went away, or locked it up.

    What broke by a mistake of ours stays failed, to be looked at. A job with a queueing lock, such
    as a sweep, comes again by itself.
    """

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision | None:
        passing = isinstance(exception, TRANSIENT) and job.queueing_lock is None
        if not passing or job.attempts >= RUNS_BEFORE_GIVING_UP:
            return None
        return procrastinate.RetryDecision(retry_in={"seconds": 2**job.attempts})


class Queue(procrastinate.App):
    """The App; a task that a lost database broke is run again, unless it says otherwise."""

    def task(self, *args: Any, **options: Any) -> Any:
        return super().task(*args, **{"retry": RetryTransient(), **options})


# One App for the process: registering a task twice would rename it. `connect()` only swaps the
# connector.
queue = Queue(connector=InMemoryConnector())


class Connector(procrastinate.PsycopgConnector):
    """Defers on the session's own (synchronous) connection also while a worker runs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._never_opened = procrastinate.SyncPsycopgConnector(**options)

    def get_sync_connector(self) -> BaseConnector:
        return self._never_opened


def connect(libpq_url: str, pool_size: int = 3) -> None:
    """Use that database's queue; nothing is opened before a worker runs."""
    queue.connector = queue.job_manager.connector = Connector(
        conninfo=libpq_url,
        min_size=1,
        max_size=pool_size,
        timeout=CONNECTION_SECONDS,
        # The pool would wait twice as long after each failed try, for minutes; who wants a
        # connection asks again anyway.
        reconnect_timeout=1,
        kwargs={"options": f"-c idle_in_transaction_session_timeout={STANDSTILL_SECONDS}s"},
    )


def defer(
    task: Task[Any, Any, Any], /, *, options: dict[str, Any] | None = None, **ids: Any
) -> int:
    """Ask for a job in the session's transaction; answers its id.

    Where the database stops it (a deadlock, a lost connection), it raises what any other statement
    of the session would.
    """
    connection = db.session.connection().connection.driver_connection
    try:
        return task.configure(connection=connection, **(options or {})).defer(**ids)
    except ConnectorException as error:
        if isinstance(error.__cause__, psycopg.OperationalError):
            raise OperationalError(f"defer {task.name}", ids, error.__cause__) from error
        raise


def within_time_slice(rows: Iterable[T]) -> Iterator[T]:
    """The rows one after the other, as long as a job may keep its slot from others.

    For a sweep that asks a provider about each: while that hangs, a few are asked about, and the
    rest is due still when the next sweep comes.
    """
    until = time.monotonic() + SWEEP_SECONDS
    for row in rows:
        yield row
        if time.monotonic() > until:
            return


def defer_once(
    task: Task[Any, Any, Any], lock: str, /, *, options: dict[str, Any] | None = None, **ids: Any
) -> None:
    """Ask for a job unless one with the same `lock` is waiting already."""
    db.session.flush()
    try:
        with db.session.begin_nested():
            # The connection must be taken inside the block: taking it is what writes the
            # savepoint, without which a duplicate would silently undo the whole transaction.
            defer(task, options={**(options or {}), "queueing_lock": lock}, **ids)
    except AlreadyEnqueued:
        return


@queue.periodic(cron="* * * * * */5")  # the sixth field is the seconds
@queue.task(
    name="jobs.rescue", queue=SWEEPS, queueing_lock="jobs.rescue", priority=100, pass_context=True
)
async def rescue(context: procrastinate.JobContext, timestamp: int) -> None:
    """Bring back what a dead worker held; a job that keeps killing its workers is given up."""
    manager = queue.job_manager
    await manager.prune_stalled_workers(seconds_since_heartbeat=STALLED_SECONDS)
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if job.attempts >= RUNS_BEFORE_GIVING_UP:
            await manager.finish_job(job, Status.FAILED, delete_job=False)
            continue
        try:
            await manager.retry_job(job)
        except ConnectorException:
            # Its queueing lock is held by a younger twin that waits already and does the same.
            await manager.finish_job(job, Status.ABORTED, delete_job=True)


def run_again(job_id: int) -> bool:
    """Ask for another run of a job that failed; False when there is none. The caller commits."""
    return bool(_again("id = :id AND status = 'failed'", id=job_id))


def release_stalled() -> int:
    """Bring back what workers hold that have not been heard of; answers how many jobs.

    What `rescue` does, for when nobody is there to run it. The caller commits.
    """
    held = (
        "status = 'doing' AND (worker_id IS NULL OR worker_id IN (SELECT id FROM"
        " procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => :stalled)))"
    )
    return _again(held, stalled=STALLED_SECONDS)


def _again(which: str, **values: int) -> int:
    """Each by itself, the youngest first; one whose twin waits already is removed instead."""
    found = text(f"SELECT id FROM procrastinate_jobs WHERE {which} ORDER BY id DESC FOR UPDATE")
    ids = db.session.scalars(found, values).all()
    for job_id in ids:
        try:
            with db.session.begin_nested():
                db.session.execute(RETRY, {"id": job_id})
        except IntegrityError:  # the lock that only one waiting job may have
            db.session.execute(REMOVE, {"id": job_id})
    return len(ids)


@queue.periodic(cron="7 * * * *")
@queue.task(name="jobs.forget_finished", queue=SWEEPS, queueing_lock="jobs.forget_finished")
async def forget_finished(timestamp: int) -> None:
    """Failed jobs are kept for a week to be looked at; nothing else is."""
    await queue.job_manager.delete_old_jobs(nb_hours=24 * 7, include_failed=True)
