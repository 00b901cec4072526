"""The application on a throw-away database, its providers reached in process."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flask
import flask_migrate
import httpx
import psutil
from sqlalchemy import text

from ffapp import simulators
from ffapp.app import add_migrations, create_app
from ffapp.core import config
from ffapp.core.db import db
from ffapp.local.postgres import PrivatePostgres
from ffapp.providers import registry
from ffapp.providers.simulating import store


@contextmanager
def instance(**transports: httpx.BaseTransport) -> Iterator[flask.Flask]:
    """A migrated, empty application; durable as in production (fsync on).

    Its providers are the simulators, in process, but for those that `transports` name.
    """
    with (
        tempfile.TemporaryDirectory(prefix="ffapp-bench-") as folder,
        PrivatePostgres(Path(folder) / "postgres") as postgres,
    ):
        settings = registry.read_settings(
            {
                "DATABASE_URL": postgres.create_database("bench"),
                "SECRET_KEY": "a-secret-key-for-the-bench",
                "PUBLIC_URL": "http://localhost",
                "SIMULATORS_URL": "http://simulators.test",
                "SIMULATOR_SPEED": "0",
            }
        )
        config.use(settings)
        api = httpx.WSGITransport(simulators.create_api(settings))
        simulated = dict.fromkeys(settings.providers, api)
        app = create_app(settings, transports={**simulated, **transports}, pool_size=5)
        with add_migrations(app).app_context():
            flask_migrate.upgrade()
            yield app
        store.close_store()


def environment_of_instance() -> dict[str, str]:
    """The variables of a process that is to belong to it."""
    settings = config.current()
    return {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "LOG_LEVEL": "error",
    }


@contextmanager
def worker() -> Iterator[None]:
    """A worker as the Procfile starts it."""
    command = [sys.executable, "-m", "ffapp.worker"]
    process = subprocess.Popen(command, env=environment_of_instance(), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def add_students(cohort_id: int, count: int) -> None:
    """So many students enrolled in it; their addresses are `s1@…`, `s2@…`, …"""
    theirs = "FROM people WHERE email ~ '^s[0-9]+@'"
    for statement in (
        "INSERT INTO people (name, email, created_at) SELECT 'Student ' || n, 's' || n ||"
        f" '@students.example', now() FROM generate_series(1, {count}) n",
        f"INSERT INTO users (person_id, role, sign_in_name) SELECT id, 'student', email {theirs}",
        "INSERT INTO enrolments (cohort_id, person_id, enrolled_at)"
        f" SELECT {cohort_id}, id, now() {theirs}",
    ):
        db.session.execute(text(statement))


class Processor:
    """Processor seconds of this process and of the database since the clock was made.

    They say what something costs also while other work disturbs the wall clock.
    """

    def __init__(self) -> None:
        backend = db.session.scalar(text("SELECT pg_backend_pid()"))
        self._postgres = psutil.Process(psutil.Process(backend).ppid())
        self._began = self._now()

    def seconds(self) -> tuple[float, float]:
        """In this process, and in Postgres."""
        (here, there), (was_here, was_there) = self._now(), self._began
        return here - was_here, there - was_there

    def _now(self) -> tuple[float, float]:
        times = [each.cpu_times() for each in (self._postgres, *self._postgres.children())]
        gone = self._postgres.cpu_times()
        there = sum(each.user + each.system for each in times)
        return time.process_time(), there + gone.children_user + gone.children_system


def median_seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """The median of `rounds` runs, in seconds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)
