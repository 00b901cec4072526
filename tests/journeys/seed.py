"""Rows for journeys that begin in the middle: written by a process of its own, as the house's."""

import json
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
from datetime import timedelta
from ffapp import clock
from ffapp.app import create_app
from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, schedule
from ffapp.db import db, transaction
from ffapp.demo import is_empty, seed
from ffapp.people.invite import find_by_email
from ffapp.programme.models import Cohort
from ffapp.providers import registry

with create_app(pool_size=1).app_context():
    asked = json.loads(sys.argv[1])
    if "class_id" in asked:
        made = db.session.get(ClassSession, asked["class_id"])
        meeting_id = made.zoom_meeting_id
        db.session.rollback()
        start_url = registry.zoom().get_meeting(meeting_id).start_url if meeting_id else None
        print(json.dumps({"meeting": meeting_id, "start_url": start_url}))
    else:
        if find_by_email("admin@futurefounders.example") is None:
            transaction(seed)
            for other in db.session.scalars(db.select(ClassSession)):
                other.starts_at += timedelta(days=30)
            db.session.commit()
        cohort = db.session.scalar(db.select(Cohort))
        starts_at = clock.now() + timedelta(**asked)
        wish = Plan("Pricing", "", starts_at, 60, "educator@futurefounders.example")
        made = transaction(schedule, cohort, wish, find_by_email("admin@futurefounders.example"))
        print(json.dumps({"id": made.id, "starts_at": starts_at.isoformat()}))
"""


def seed_a_class(house: Any, **starts_in: float) -> dict[str, Any]:
    """A class of the demo cohort that begins so much later; waits until it has its meeting."""
    made = _run(house, starts_in)
    until = time.monotonic() + 20
    while not (meeting := _run(house, {"class_id": made["id"]}))["meeting"]:
        assert time.monotonic() < until, "the meeting does not appear"
        time.sleep(0.3)
    return {**made, **meeting, "starts_at": datetime.fromisoformat(made["starts_at"])}


def _run(house: Any, asked: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(asked)],
        env=house.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))
