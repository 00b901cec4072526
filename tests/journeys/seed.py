"""Rows for journeys that begin in the middle: written by a process of its own, as the app's.

It stays for all journeys, as much of its time goes by until it has begun.
"""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys, time
from datetime import timedelta
from ffapp.providers.zoom.client import ZoomClient
from ffapp.core import clock
from ffapp.app import create_app
from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, schedule
from ffapp.core.db import db
from ffapp.core.db import transaction
from ffapp.local.demo import seed
from ffapp.local.demo_accounts import password
from ffapp.people.passwords import hash_password
from ffapp.people.address import find_by_email
from ffapp.programme.models import Cohort
from ffapp.providers import registry

def make(starts_in):
    if find_by_email("admin@futurefounders.example") is None:
        db.session.rollback()
        transaction(seed, hash_password(password()))
        for other in db.session.scalars(db.select(ClassSession)):
            other.starts_at += timedelta(days=30)
        db.session.commit()
    cohort = db.session.scalar(db.select(Cohort))
    starts_at = clock.now() + timedelta(**starts_in)
    wanted = Plan("Pricing", "", starts_at, 60, "educator@futurefounders.example")
    made = transaction(schedule, cohort, wanted, find_by_email("admin@futurefounders.example"))
    until = time.monotonic() + 120
    while not made.zoom_meeting_id:
        assert time.monotonic() < until, "the meeting does not appear"
        db.session.rollback()
        time.sleep(0.1)
    id, meeting_id = made.id, made.zoom_meeting_id
    db.session.rollback()
    start_url = ZoomClient.current().get_meeting(meeting_id).start_url
    return dict(id=id, starts_at=starts_at.isoformat(), meeting=meeting_id, start_url=start_url)

app = create_app(pool_size=1)
for line in sys.stdin:
    with app.app_context():
        print(json.dumps(make(json.loads(line))), flush=True)
"""


class Seeder:
    """The process; it begins when it is needed first, and ends with the `with` block."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def a_class(self, **starts_in: float) -> dict[str, Any]:
        """A class of the demo cohort that begins so much later, once it has its meeting."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(starts_in) + "\n")
        process.stdin.flush()
        while not (line := process.stdout.readline()).startswith("{"):  # what else it has to say
            assert line, f"the seeder ended with {process.wait()}"
        made = json.loads(line)
        return {**made, "starts_at": datetime.fromisoformat(made["starts_at"])}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _started(self) -> "subprocess.Popen[str]":
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT],
                env=self._environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process
