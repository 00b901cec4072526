"""Calling hours: 9 to 21 on the clock of who is called."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from ffapp.calls.hours import zones_of
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import State

from .calling import effect_of, fresh, placed


def at(travel, hour, minute, zone="Asia/Kolkata"):
    day = clock.local(travel.now, zone).date()
    travel.to(
        datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(travel.now.tzinfo)
    )


@pytest.mark.parametrize("minutes", [(20, 59), (9, 0)])
def test_within_the_hours_a_call_goes_at_once(call, noon, worker, minutes):
    at(noon, *minutes)

    call(drain=False)
    worker.drain()

    assert len(placed()) == 1


def test_a_call_at_one_past_nine_waits_for_the_morning(cast, call, noon, worker):
    cast.asha.time_zone = "Asia/Kolkata"
    at(noon, 21, 1)
    made = call()

    effect = effect_of(made)
    assert effect.state == State.PLANNED
    assert clock.local(effect.due_at, "Asia/Kolkata").time() == time(9)
    assert "between 9 am and 9 pm only" in effect.reason
    assert placed() == []

    noon.to(effect.due_at)
    worker.drain()
    assert fresh(made).ended_at is not None


def test_who_lives_elsewhere_is_called_by_day_there(cast, call, noon):
    at(noon, 12, 0)
    cast.asha.time_zone = "America/New_York"

    made = call()

    assert placed() == []
    assert clock.local(effect_of(made).due_at, "America/New_York").time() == time(9)


def test_the_clock_is_ones_own_or_the_cohorts_or_indias(cast, context):
    cast.cohort.time_zone = "Asia/Dubai"
    cast.ravi.time_zone = "Europe/London"
    db.session.commit()

    assert zones_of([cast.asha.id, cast.ravi.id, cast.tara.id]) == {
        cast.asha.id: "Asia/Dubai",
        cast.ravi.id: "Europe/London",
        cast.tara.id: "Asia/Kolkata",
    }
