"""Runs what a worker would run now: a real Procrastinate worker that stops when nothing is left.

What comes by the clock does not: a test about a periodic job calls it, and what is periodic is
asserted by `tests/house/test_jobs.py`.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
from sqlalchemy import text

from ffapp import config
from ffapp.db import db, transaction
from ffapp.jobs import QUEUES, connect, queue
from ffapp.ledger.dispatch import sweep
from ffapp.worker import name_coroutine, name_job

ROUNDS = 30


class Drain:
    def __init__(self, app: flask.Flask) -> None:
        self.app = app

    def drain(self) -> None:
        """Sweep and work until no job and no effect is due; a job that raises fails the test."""
        for _ in range(ROUNDS):
            with self.app.app_context():
                transaction(sweep)
                if not self._jobs_due():
                    return
            self._work()
            self._raise_failures()
        raise AssertionError(f"still jobs after {ROUNDS} rounds")

    def _work(self) -> None:
        connect(config.current().libpq_url)
        queue.periodic_defaults = {"max_delay": -1}  # whatever is due by the clock is too old

        async def work() -> None:
            async with queue.open_async():
                await queue.run_worker_async(
                    queues=list(QUEUES),
                    wait=False,
                    concurrency=2,
                    listen_notify=False,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    task_middleware=[name_coroutine, name_job, self._in_app_context],
                )

        # In a thread of its own: Playwright keeps a loop running in the tests' main thread.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, work()).result()

    def _in_app_context(self, call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
        with self.app.app_context():
            return call_next()

    def _jobs_due(self) -> bool:
        return bool(
            db.session.scalar(
                text(
                    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
                    " AND coalesce(scheduled_at, now()) <= now()"
                )
            )
        )

    def _raise_failures(self) -> None:
        with self.app.app_context():
            failed = db.session.scalars(
                text(
                    "SELECT task_name || ' ' || args FROM procrastinate_jobs"
                    " WHERE status = 'failed'"
                )
            ).all()
        assert not failed, f"jobs failed: {failed}"
