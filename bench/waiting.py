"""10,000 students who wait for one class, on this machine: what they ask, and how long it takes.

`python -m bench.waiting`. The web runs as the Procfile starts it. Every student has the page open
and asks as often as the card says, through connections that are kept open as a router's are; after
half of the time the host starts the meeting and Zoom posts its webhook. The floor is a bare WSGI
program under the same gunicorn, asked as often. The asking itself takes a part of the same
processors.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import random
import re
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask
import httpx
import psutil
import structlog
from sqlalchemy import text

from bench.instance import add_students, environment_of_instance, instance, worker
from bench.router import Router
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.providers.simulating import store
from ffapp.web.auth import KEY
from tests import zoom_posts
from tests.browse import Browser
from tests.cast import make_cast

ROOT = Path(__file__).parents[1]
STUDENTS, SECONDS = 10_000, 40
PATIENCE = 30
STATE = re.compile(rb'data-state="(\w+)"')
ASKS_AGAIN = re.compile(rb'hx-get="([^"]+)" hx-trigger="every ([0-9.]+)s')
START_SECONDS = 4
WsgiStart = Callable[[str, list[tuple[str, str]]], object]


@dataclass
class Student:
    """Somebody with the page open: what it shows, and when it asks again."""

    cookie: str
    path: str
    every: float
    state: str = "open"
    live_after: float | None = None


@dataclass
class Crowd:
    """All of them. `took` has the seconds of each answer."""

    port: int
    students: list[Student]
    took: list[float] = field(default_factory=list)
    failed: int = 0
    started_at: float = float("inf")

    async def wait(self, seconds: float) -> None:
        """Let all ask for so long, each a little apart from the others as they came."""
        until = time.monotonic() + seconds
        self.router = Router(self.port)
        async with asyncio.TaskGroup() as group:
            for student in self.students:
                group.create_task(self._wait(student, until))

    async def _wait(self, student: Student, until: float) -> None:
        await asyncio.sleep(random.random() * student.every)
        while (asks_at := time.monotonic()) < until:
            try:
                self._read(student, await self.router.get(_request(student)))
                self.took.append(time.monotonic() - asks_at)
            except (OSError, TimeoutError):
                self.failed += 1
            await asyncio.sleep(max(0, asks_at + student.every - time.monotonic()))

    def _read(self, student: Student, answer: bytes) -> None:
        if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
            self.failed += 1
        if (found := STATE.search(answer)) is None:
            return
        asks = ASKS_AGAIN.search(answer)
        assert asks
        student.path, student.every = asks[1].decode(), float(asks[2])
        if (state := found[1].decode()) != student.state:
            student.state, student.live_after = state, time.monotonic() - self.started_at


def _request(student: Student) -> bytes:
    return (
        f"GET {student.path} HTTP/1.1\r\nHost: localhost\r\nHX-Request: true\r\n"
        f"Cookie: ffapp={student.cookie}\r\n\r\n"
    ).encode()


def bare(environ: dict[str, object], start_response: WsgiStart) -> list[bytes]:
    """The floor: what gunicorn costs."""
    start_response("204 No Content", [])
    return []


@contextmanager
def _gunicorn(program: str) -> Iterator[tuple[int, psutil.Process]]:
    """The web as the Procfile starts it, with another program in it: its port and process."""
    (line,) = [each for each in (ROOT / "Procfile").read_text().splitlines() if "gunicorn" in each]
    command = line.removeprefix("web: ").replace("wsgi:application", program)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**environment_of_instance(), "PORT": str(port), "LOG_LEVEL": "error"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    process = psutil.Popen(["sh", "-c", f"exec {command}"], env=environment, cwd=ROOT)
    try:
        _until_it_answers(port)
        yield port, process
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
            return
        time.sleep(0.1)
    sys.exit("gunicorn does not answer")


def _a_class(students: int) -> ClassSession:
    """A class that begins in a few minutes and can be joined, of a cohort of so many."""
    store.set_switch("zoom", "webhooks", {"drop": True})
    cast = make_cast()
    session = cast.schedule("Bench", hours=1 / 12)
    add_students(cast.cohort.id, students)
    statements = (
        f"UPDATE cohorts SET seats = {students + 10}",
        "UPDATE sessions SET zoom_meeting_id = 80000000001, zoom_join_url = 'https://zoom.test/j/1'",
        "DELETE FROM procrastinate_jobs",
        "DELETE FROM effects",
        "ANALYZE",
    )
    for statement in statements:
        db.session.execute(text(statement))
    db.session.commit()
    db.session.refresh(session)
    return session


def _students(app: flask.Flask, session: ClassSession) -> list[Student]:
    """Each signed in, with the card as it was when their page came."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    rows = db.session.execute(
        text(
            "INSERT INTO user_sessions (user_id, key, began_at, seen_at, authenticated_at, place,"
            " device) SELECT users.id, 'bench-' || users.id, now(), now(), now(), '', '' FROM users"
            " JOIN people ON person_id = people.id WHERE email ~ '^s[0-9]+@' RETURNING key"
        )
    ).scalars()
    path, every = f"/classes/{session.id}/card", 2.0
    return [Student(signer.dumps({KEY: each}), path, every) for each in rows]


async def _wait_and_start(
    crowd: Crowd, app: flask.Flask, begun: dict[str, Any], half: float
) -> None:
    """All wait; after half of the time Zoom says that the meeting has begun."""
    await crowd.wait(2 * START_SECONDS)  # each gets the card of their own page
    crowd.took.clear()
    waiting = asyncio.create_task(crowd.wait(2 * half))
    await asyncio.sleep(half)
    crowd.started_at = time.monotonic()
    await asyncio.to_thread(_post, app, begun)
    await waiting


def _post(app: flask.Flask, event: dict[str, Any]) -> None:
    with app.app_context():
        assert zoom_posts.post(app.test_client(), event).status_code == 204


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asked = argparse.ArgumentParser(prog="python -m bench.waiting", description=__doc__)
    asked.add_argument("--students", type=int, default=STUDENTS)
    asked.add_argument("--seconds", type=int, default=SECONDS, help="of which half are live")
    options = asked.parse_args()
    with instance() as app:
        app.test_client_class = Browser
        session = _a_class(options.students)
        students = _students(app, session)
        begun = zoom_posts.started(session.zoom_meeting_id or 0, session.starts_at)
        db.session.rollback()
        with worker(), _gunicorn("wsgi:application") as (port, web):
            crowd = Crowd(port, students)
            busy = _processor_seconds(web)
            asyncio.run(_wait_and_start(crowd, app, begun, options.seconds / 2))
            busy = _processor_seconds(web) - busy
        with _gunicorn(f"bench.waiting:{bare.__name__}") as (port, _):
            floor = Crowd(port, students)
            asyncio.run(floor.wait(options.seconds / 4))
    _print(crowd, floor, options.seconds, busy)


def _processor_seconds(process: psutil.Process) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _print(crowd: Crowd, floor: Crowd, seconds: float, busy: float) -> None:
    count, asks = len(crowd.students), len(crowd.took)
    late = sorted(each.live_after for each in crowd.students if each.live_after is not None)
    print(f"{count:,} students wait for one class for {seconds:g} s")
    print(f"  asked {asks / count / seconds * 60:.1f} times a minute each,", end="")
    print(f" {asks / seconds:,.0f} times a second together; failed {crowd.failed + floor.failed}")
    unit = _percentile(floor.took, 95)
    for name, of in (("a bare program", floor), ("the join card", crowd)):
        p50, p95 = _percentile(of.took, 50), _percentile(of.took, 95)
        print(f"  {name:20} {p50 * 1000:6.0f} ms median {p95 * 1000:6.0f} ms p95", end="")
        print(f"   {p95 / unit:4.1f}")
    print(f"  the web kept {busy / seconds:.1f} of {os.cpu_count()} processors busy")
    print(
        f"  {len(late):,} read “Live now”: half of them after {_percentile(late, 50):.1f} s,",
        end="",
    )
    print(f" 95 % after {_percentile(late, 95):.1f} s, the last after {late[-1]:.1f} s")


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


if __name__ == "__main__":
    main()
