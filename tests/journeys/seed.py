"""Rows for journeys that begin in the middle: written by a process of its own, as the house's."""

import json
from datetime import datetime
from typing import Any

from tests.journeys.house import House

SCRIPT = """
import json, sys, time
from datetime import timedelta
from ffapp import clock
from ffapp.app import create_app
from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, schedule
from ffapp.db import db, transaction
from ffapp.demo import seed
from ffapp.people.invite import find_by_email
from ffapp.programme.models import Cohort
from ffapp.providers import registry

with create_app(pool_size=1).app_context():
    if find_by_email("admin@futurefounders.example") is None:
        transaction(seed)
        for other in db.session.scalars(db.select(ClassSession)):
            other.starts_at += timedelta(days=30)
        db.session.commit()
    cohort = db.session.scalar(db.select(Cohort))
    starts_at = clock.now() + timedelta(**json.loads(sys.argv[1]))
    wish = Plan("Pricing", "", starts_at, 60, "educator@futurefounders.example")
    made = transaction(schedule, cohort, wish, find_by_email("admin@futurefounders.example"))
    until = time.monotonic() + 20
    while not made.zoom_meeting_id:
        assert time.monotonic() < until, "the meeting does not appear"
        db.session.rollback()
        time.sleep(0.1)
    id, meeting_id = made.id, made.zoom_meeting_id
    db.session.rollback()
    start_url = registry.zoom().get_meeting(meeting_id).start_url
    starts_at = starts_at.isoformat()
    print(json.dumps(dict(id=id, starts_at=starts_at, meeting=meeting_id, start_url=start_url)))
"""


def seed_a_class(house: House, **starts_in: float) -> dict[str, Any]:
    """A class of the demo cohort that begins so much later, once it has its meeting."""
    made = json.loads(house.run("-c", SCRIPT, json.dumps(starts_in)).strip().splitlines()[-1])
    return {**made, "starts_at": datetime.fromisoformat(made["starts_at"])}
