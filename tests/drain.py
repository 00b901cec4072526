"""Runs what a worker would run now, with a real Procrastinate worker on connections that stay open.

What comes by the clock does not: a test about a periodic job calls it, and what is periodic is
asserted by `tests/app/test_jobs.py`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import flask
from procrastinate.periodic import PeriodicRegistry
from sqlalchemy import text

from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.core.jobs import QUEUES, connect, queue
from ffapp.ledger.dispatch import sweep
from ffapp.worker import name_coroutine, name_job

ROUNDS = 30
STATES = text(
    "SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),"
    " array_agg(task_name || ' ' || args) FILTER (WHERE status = 'failed') FROM procrastinate_jobs"
)


class Drain:
    """One for the whole test process: its event loop and its connections live as long as it does.

    The loop runs in a thread of its own (Playwright keeps one running in the main thread), and only
    during `drain()`, so that nothing is done before a test asks for it.
    """

    def __init__(self, app: flask.Flask) -> None:
        self.app = app
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drain")
        self._runner = asyncio.Runner()
        connect(config.current().libpq_url)
        self._connector = queue.connector
        self._no_periodic_jobs = PeriodicRegistry()

    def drain(self) -> None:
        """Sweep and work until no job and no effect is due; a job that raises fails the test."""
        for _ in range(ROUNDS):
            if not (self._jobs_due() or self._sweep_finds_jobs()):
                return
            self._run(self._work())
        raise AssertionError(f"still jobs after {ROUNDS} rounds")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._run(self._connector.close_async())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _run(self, coroutine: Any) -> None:
        self._thread.submit(self._runner.run, coroutine).result()

    async def _work(self) -> None:
        queue.connector = queue.job_manager.connector = self._connector
        periodic, queue.periodic_registry = queue.periodic_registry, self._no_periodic_jobs
        try:
            await self._connector.open_async()  # does nothing when it is open
            await queue.run_worker_async(
                queues=list(QUEUES),
                wait=False,
                concurrency=2,
                listen_notify=False,
                install_signal_handlers=False,
                delete_jobs="successful",
                task_middleware=[name_coroutine, name_job, self._in_app_context],
            )
        finally:
            queue.periodic_registry = periodic

    def _in_app_context(self, call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
        with self.app.app_context():
            return call_next()

    def _sweep_finds_jobs(self) -> bool:
        with self.app.app_context():
            transaction(sweep)
        return self._jobs_due()

    def _jobs_due(self) -> bool:
        with self.app.app_context():
            due, failed = db.session.execute(STATES).one()
        assert not failed, f"jobs failed: {failed}"
        return bool(due)
