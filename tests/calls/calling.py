"""What the tests of calls share."""

from datetime import datetime

import pytest

from ffapp.calls.models import CallLog
from ffapp.calls.request import request_call
from ffapp.core import clock, config
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from tests.providers import receiver

NUMBER = "+919876543210"


@pytest.fixture
def noon(travel):
    """The business clock, at noon in India."""
    day = clock.local(travel.now, "Asia/Kolkata").date()
    travel.to(datetime(day.year, day.month, day.day, 6, 30, tzinfo=travel.now.tzinfo))
    return travel


@pytest.fixture
def call(cast, noon, worker):
    """Call Asha at a number, as far as it goes by itself; answers the call as it is then."""

    def place(number: str = NUMBER, drain: bool = True) -> CallLog:
        cast.asha.phone = number
        db.session.commit()
        made = transaction(request_call, cast.asha, "Standard call", cast.admin)
        if drain:
            worker.drain()
        return fresh(made)

    return place


@pytest.fixture
def slow_bolna(settings):
    """Calls take as long as in life."""
    config.use(settings.changed(simulator_speed=1.0))
    yield
    config.use(settings)


def fresh(call: CallLog) -> CallLog:
    db.session.expire_all()
    return db.session.get_one(CallLog, call.id)


def effect_of(call: CallLog) -> Effect:
    db.session.expire_all()
    return db.session.get_one(Effect, call.effect_id)


def placed() -> list:
    """The calls that Bolna took."""
    return receiver.journal("bolna", "call")


def ending(digits: str) -> str:
    return f"+919876{digits}"


def daytime_zone() -> str:
    """A time zone in which it is about noon, whenever the tests run."""
    now = clock.now()
    return next(zone for zone in clock.zone_names() if clock.local(now, zone).hour in (11, 12, 13))
