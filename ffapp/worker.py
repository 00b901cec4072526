"""The worker: takes jobs, and sweeps the ledger each second.

`python -m ffapp.worker`. Three Procrastinate workers share one process, so that urgent jobs
(account mail, webhooks) and bulk mail never wait for each other. When the database goes away each
of them starts again by itself. SIGTERM lets running jobs end, within 25 seconds, and leaves nothing
`sending`: what has no outcome by then is `uncertain`, and another worker asks about it.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import flask
import psycopg
import structlog
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException
from structlog.contextvars import bound_contextvars

from ffapp import simulators
from ffapp.app import create_app
from ffapp.core import config, error_reports, logs
from ffapp.core import settings as educator_settings
from ffapp.core.db import db, transaction
from ffapp.core.environment import SettingError
from ffapp.core.jobs import (
    BULK,
    DEFAULT,
    HEARTBEAT_SECONDS,
    SIMULATOR,
    STALLED_SECONDS,
    SWEEPS,
    TRANSIENT,
    URGENT,
    connect,
    queue,
)
from ffapp.ledger import in_flight, perform
from ffapp.ledger.dispatch import sweep
from ffapp.people.demo import refuse_demo_accounts
from ffapp.providers.registry import read_settings

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
GRACE_SECONDS = 22
LEAVE_SECONDS = 23  # a dyno is killed 30 s after SIGTERM
LAST_SECONDS = 2
AGAIN_SECONDS = 1.0
URGENT_SLOTS, BULK_SLOTS = 3, 3
QUEUE_POOL = 2  # connections for taking and finishing jobs, beside two that listen


class Worker:
    """What one worker process does, from `run()` until `stop()`."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app
        # One more for the simulators' callbacks, which take one at a time.
        self.slots = config.current().worker_concurrency + config.current().any_simulated
        self.stopped = threading.Event()
        self._main: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watchdog: threading.Timer | None = None

    def run(self) -> None:
        """Work until told to stop."""
        sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
        sweeper.start()
        try:
            asyncio.run(self._work())
        finally:
            self.stopped.set()
            sweeper.join(timeout=5)
            if self._watchdog:
                self._watchdog.cancel()
            _give_up()

    def stop(self) -> None:
        """Claim nothing new, let what runs come to its end."""
        if self.stopped.is_set():
            return  # a second signal must not cut short what the first one waits for
        log.info("worker.stopping")
        perform.stopping.set()
        self.stopped.set()
        self._watchdog = threading.Timer(LEAVE_SECONDS, _leave)
        self._watchdog.daemon = True
        self._watchdog.start()
        if self._loop and self._main:
            self._loop.call_soon_threadsafe(self._main.cancel)

    async def _work(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        threads = self.slots + URGENT_SLOTS + BULK_SLOTS + 1
        self._loop.set_default_executor(ThreadPoolExecutor(threads))
        for name in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(name, self.stop)
        log.info("worker.started", pid=os.getpid())
        with contextlib.suppress(asyncio.CancelledError):
            await self._again_and_again(self._serve)

    async def _again_and_again(self, serve: Callable[[], Awaitable[None]]) -> None:
        """Call `serve`; when it ends, by an error or quietly, do so again until told to stop.

        A Procrastinate worker ends quietly when its listener or its heartbeat has failed.
        """
        while not self.stopped.is_set():
            try:
                await serve()
                error = "it ended by itself"
            except (ConnectorException, psycopg.Error, OSError) as lost:
                error = repr(lost.__cause__ or lost)
            if not self.stopped.is_set():
                log.warning("worker.begins_again", error=error[:200])
                await asyncio.sleep(AGAIN_SECONDS)

    async def _serve(self) -> None:
        """Serve the queues until cancelled."""
        connect(config.current().libpq_url, pool_size=QUEUE_POOL)
        async with queue.open_async(), asyncio.TaskGroup() as group:
            for names, slots, listens in (
                ([URGENT], URGENT_SLOTS, True),
                ([DEFAULT, SWEEPS, SIMULATOR], self.slots, True),
                ([BULK], BULK_SLOTS, False),
            ):
                serve = partial(self._serve_queues, names, slots, listen_notify=listens)
                group.create_task(self._again_and_again(serve))

    async def _serve_queues(self, names: list[str], slots: int, **options: Any) -> None:
        await queue.run_worker_async(
            queues=names,
            name=f"worker-{os.getpid()}-{names[0]}",
            concurrency=slots,
            fetch_job_polling_interval=1,
            abort_job_polling_interval=5,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="successful",
            install_signal_handlers=False,
            task_middleware=[name_coroutine, name_job, self._in_app_context],
            **options,
        )

    def _in_app_context(self, call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
        with self.app.app_context():
            try:
                educator_settings.refresh()
                return call_next()
            finally:
                db.session.rollback()

    def _sweep(self) -> None:
        while not self.stopped.wait(SWEEP_SECONDS):
            try:
                with self.app.app_context():
                    educator_settings.refresh()
                    transaction(sweep)
            except TRANSIENT as error:
                log.warning("worker.cannot_sweep", error=str(error)[:200])
            except Exception:  # nothing may end the sweeping: without it rows lie for ever
                log.exception("worker.cannot_sweep")


def name_job(call_next: Callable[[], Any], context: JobContext, worker: Any) -> Any:
    """Every line that is logged meanwhile carries the job."""
    with bound_contextvars(job=context.job.id, task=context.job.task_name):
        return call_next()


async def name_coroutine(
    call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Any
) -> Any:
    """The same for jobs that are coroutines; the queue takes of the two what fits."""
    with bound_contextvars(job=context.job.id, task=context.job.task_name):
        return await call_next()


def _leave() -> None:
    """End the process with its jobs; another worker's rescue brings them back."""
    log.warning("worker.leaves_jobs_behind")
    at_the_latest = threading.Timer(LAST_SECONDS, os._exit, [1])
    at_the_latest.daemon = True
    at_the_latest.start()
    _give_up()
    os._exit(1)


def _give_up() -> None:
    """Leave nothing `sending`; where the database is away, the deadline of each row does it."""
    try:
        if count := in_flight.record_interrupted():
            log.warning("worker.gives_up", effects=count)
    except Exception:  # whatever it is: the process has to end
        log.exception("worker.cannot_give_up")


def build() -> Worker:
    """The worker of this process, from the environment."""
    settings = read_settings(os.environ)
    logs.configure(settings.log_level)
    error_reports.start(settings.sentry_dsn)
    # Fewer connections than threads: most of the time a job waits for a provider, with none.
    app = create_app(settings, pool_size=settings.worker_concurrency, name="ffapp worker")
    with app.app_context():
        refuse_demo_accounts(settings)
    simulators.register_deliveries(settings)
    return Worker(app)


if __name__ == "__main__":
    try:
        worker = build()
    except SettingError as error:
        sys.exit(str(error))
    worker.run()
