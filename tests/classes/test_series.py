"""Weekly classes keep their local hour, whatever the clocks do, and are classes of their own."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from ffapp.classes.schedule import Plan
from ffapp.classes.series import NUMBER, numbered, schedule_weekly, weekly
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from tests.cast import HOST


def hours(first, at, zone, times):
    """The hours in UTC at which the classes begin, after it was seen that all are at that time."""
    found = weekly(first, at, zone, times)
    days = [clock.local(start, zone).date() for start in found]
    assert days == [first + timedelta(weeks=week) for week in range(times)]
    assert {clock.local(start, zone).time() for start in found} == {at}
    return [start.hour for start in found]


@pytest.mark.parametrize(
    ("first", "zone", "expected"),
    [
        # Britain's clocks change on 28 March and 31 October 2027, America's on 14 March and
        # 7 November; India's never.
        (date(2027, 3, 13), "Europe/London", [17, 17, 17, 16, 16]),
        (date(2027, 10, 16), "Europe/London", [16, 16, 16, 17, 17]),
        (date(2027, 3, 6), "America/New_York", [22, 22, 21, 21, 21]),
        (date(2027, 10, 23), "America/New_York", [21, 21, 21, 22, 22]),
        (date(2027, 3, 13), "Asia/Kolkata", [11, 11, 11, 11, 11]),
    ],
)
def test_the_local_hour_is_kept_across_summer_time(first, zone, expected):
    assert hours(first, time(17), zone, 5) == expected


def test_an_hour_that_the_clocks_skip_begins_at_the_first_one_that_exists():
    before, gap, after = weekly(date(2027, 3, 21), time(1, 30), "Europe/London", 3)

    assert before == datetime(2027, 3, 21, 1, 30, tzinfo=UTC)
    assert gap == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert after == datetime(2027, 4, 4, 0, 30, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_the_first_is_taken():
    _, twice, _ = weekly(date(2027, 10, 24), time(1, 30), "Europe/London", 3)

    assert twice == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_the_number_takes_its_place_in_the_title():
    assert numbered(f"Week {NUMBER}: Pricing", 12) == "Week 12: Pricing"
    assert numbered("Pricing {x}", 2) == "Pricing {x}"


@pytest.fixture
def series(cast, travel):
    """Three classes in the coming weeks."""
    first = travel.now + timedelta(days=2)
    plans = [
        Plan(f"Week {n}", "Bring a pen", first + timedelta(weeks=n - 1), 60, HOST)
        for n in (1, 2, 3)
    ]
    return transaction(schedule_weekly, cast.cohort, plans, cast.admin)


def test_one_event_tells_of_all_and_each_class_has_its_own(series, cast):
    (together,) = db.session.scalars(db.select(Event).filter_by(name="classes_scheduled"))
    each = db.session.scalars(db.select(Event).filter_by(name="class_scheduled")).all()

    assert (together.subject_type, together.subject_id) == ("cohorts", cast.cohort.id)
    assert together.facts["class_ids"] == [session.id for session in series]
    assert [event.facts["place"] for event in each] == [[1, 3], [2, 3], [3, 3]]


def test_a_series_of_one_is_a_class(cast, travel):
    plan = Plan("Pricing", "", travel.now + timedelta(days=2), 60, HOST)
    transaction(schedule_weekly, cast.cohort, [plan], cast.admin)

    (event,) = db.session.scalars(db.select(Event).where(Event.name.like("class%_scheduled")))
    assert event.name == "class_scheduled"
    assert "place" not in event.facts
