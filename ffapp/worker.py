"""The worker: takes jobs, and sweeps the ledger each second.

`python -m ffapp.worker`. Three Procrastinate workers share one process, so that urgent jobs
(account mail, webhooks) and bulk mail never wait for each other. When the database goes away they
start again by themselves. SIGTERM lets running jobs end, within 25 seconds, and leaves nothing
`sending`.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import DBAPIError

from ffapp import config, simulators
from ffapp.app import create_app
from ffapp.db import db, transaction
from ffapp.jobs import (
    BULK,
    DEFAULT,
    HEARTBEAT_SECONDS,
    SIMULATOR,
    STALLED_SECONDS,
    SWEEPS,
    URGENT,
    connect,
    queue,
)
from ffapp.ledger import perform
from ffapp.ledger.sweep import sweep
from ffapp.web import logs

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
GRACE_SECONDS = 22
URGENT_SLOTS, BULK_SLOTS = 2, 1


class Worker:
    """What one worker process does, from `run()` until `stop()`."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app
        self.slots = config.current().worker_concurrency
        self.stopped = threading.Event()
        self._main: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self) -> None:
        """Work until told to stop."""
        sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
        sweeper.start()
        try:
            asyncio.run(self._work())
        finally:
            self.stopped.set()
            sweeper.join(timeout=5)

    def stop(self) -> None:
        """Claim nothing new, let what runs come to its end."""
        log.info("worker.stopping")
        perform.stopping.set()
        self.stopped.set()
        if self._loop and self._main:
            self._loop.call_soon_threadsafe(self._main.cancel)

    async def _work(self) -> None:
        self._loop, self._main = asyncio.get_running_loop(), asyncio.current_task()
        threads = self.slots + URGENT_SLOTS + BULK_SLOTS + 1
        self._loop.set_default_executor(ThreadPoolExecutor(threads))
        for name in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(name, self.stop)
        log.info("worker.started", pid=os.getpid())
        while not self.stopped.is_set():
            try:
                await self._serve()
            except (ConnectorException, psycopg.Error, OSError, ExceptionGroup) as error:
                log.warning("worker.lost_the_database", error=str(error)[:200])
                await self._pause(1)
            except asyncio.CancelledError:
                return

    async def _serve(self) -> None:
        """Serve the queues until cancelled, or until the database is lost."""
        connect(config.current().libpq_url, pool_size=4)
        async with queue.open_async(), asyncio.TaskGroup() as group:
            group.create_task(self._serve_queues([URGENT], URGENT_SLOTS))
            group.create_task(self._serve_queues([DEFAULT, SWEEPS, SIMULATOR], self.slots))
            group.create_task(self._serve_queues([BULK], BULK_SLOTS, listen_notify=False))

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
            task_middleware=[self._in_app_context],
            **options,
        )

    def _in_app_context(self, call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
        with self.app.app_context():
            try:
                return call_next()
            finally:
                db.session.rollback()

    def _sweep(self) -> None:
        while not self.stopped.wait(SWEEP_SECONDS):
            with self.app.app_context():
                try:
                    transaction(sweep)
                except DBAPIError as error:
                    log.warning("worker.cannot_sweep", error=str(error)[:200])
                    db.engine.dispose()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.stopped.set()


def build() -> Worker:
    """The worker of this process, from the environment."""
    logs.configure()
    settings = config.read(os.environ)
    pool = settings.worker_concurrency + URGENT_SLOTS + BULK_SLOTS + 1
    app = create_app(settings, pool_size=pool, name="ffapp worker")
    simulators.register_timetables(settings)
    return Worker(app)


if __name__ == "__main__":
    build().run()
