"""2,000 simulated callbacks wait, and a class is scheduled: how long until it has its meeting.

`python -m bench.callbacks`. Web, worker and simulators are processes of their own, as `make run`
starts them; Zoom answers without delay. The floor is the same class while nothing else waits.
"""

import logging
import tempfile
import time
from pathlib import Path

import structlog
from sqlalchemy import func, select

from ffapp.app import create_app
from ffapp.classes.models import ClassSession
from ffapp.core import config
from ffapp.core.db import db
from ffapp.local.postgres import PrivatePostgres
from ffapp.providers import registry
from ffapp.providers.simulating import callbacks, store
from tests.cast import Cast, make_cast
from tests.processes.running_app import RunningApp

WAITING = 2000
ROUNDS = 3


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with (
        tempfile.TemporaryDirectory(prefix="ffapp-bench-") as folder,
        PrivatePostgres(Path(folder) / "postgres") as postgres,
        RunningApp(postgres.create_database("bench"), Path(folder)) as running,
    ):
        running.migrate().open()
        running.worker()
        settings = registry.read_settings(running.environment)
        config.use(settings)
        with create_app(settings).app_context():
            cast = make_cast()
            alone = [_seconds_until_ready(cast, n) for n in range(ROUNDS)]
            _make_callbacks()
            beside, left = [], []
            for n in range(ROUNDS):
                beside.append(_seconds_until_ready(cast, ROUNDS + n))
                left.append(_waiting())
        store.close_store()
    print(f"a new class and its meeting, {ROUNDS} times")
    print(f"  while nothing else waits          {_all(alone)} s")
    print(f"  while {WAITING:,} callbacks wait      {_all(beside)} s, then {left} were left")


def _seconds_until_ready(cast: Cast, number: int) -> float:
    began = time.perf_counter()
    session_id = cast.schedule(f"Class {number}", hours=30 + number).id
    state = select(ClassSession.meeting_state).where(ClassSession.id == session_id)
    while db.session.scalar(state) != "ready":
        db.session.rollback()
        time.sleep(0.02)
        assert time.perf_counter() - began < 120, "it never has its meeting"
    db.session.rollback()
    return time.perf_counter() - began


def _make_callbacks() -> None:
    """SendGrid tells of so many mails; each post is stored by the web, and matches none of ours."""
    for number in range(WAITING):
        body = f'[{{"event":"delivered","sg_message_id":"m{number}","sg_event_id":"e{number}"}}]'
        callbacks.schedule("sendgrid", "delivered", body.encode(), headers={})


def _waiting() -> int:
    rows = store.callbacks
    waits = select(func.count()).select_from(rows).where(rows.c.state == "due")
    with store.open_store().connect() as connection:
        return int(connection.execute(waits).scalar() or 0)


def _all(seconds: list[float]) -> str:
    return ", ".join(f"{each:.2f}" for each in seconds)


if __name__ == "__main__":
    main()
