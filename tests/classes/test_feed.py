"""A student's private calendar: what it holds, and whom it serves."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from ffapp.classes import calendar_feed as feeds
from ffapp.classes.calendar_feed import CalendarFeed
from ffapp.core.db import db, transaction
from ffapp.people.models import Role
from ffapp.programme.cohorts import create_cohort
from ffapp.programme.enrol import enrol, enrolment_of, withdraw


@pytest.fixture
def token(travel, cast):
    return transaction(feeds.make_link, cast.asha)


def shown(token):
    """Title → status of what the calendar holds."""
    db.session.rollback()
    content = feeds.content_of(feeds.find(token))
    found = Calendar.from_ical(content)
    found.validate()
    assert "METHOD" not in found, "a calendar that is followed asks for nothing"
    assert all("ORGANIZER" not in event for event in found.events)
    return {str(event["SUMMARY"]): str(event["STATUS"]) for event in found.events}


def test_it_holds_the_classes_of_every_cohort_of_the_student(token, cast):
    other = transaction(
        create_cohort,
        name="Evening",
        starts_on=cast.cohort.starts_on,
        ends_on=cast.cohort.ends_on,
        seats=5,
        time_zone="Europe/London",
        by=cast.admin,
    )
    transaction(enrol, other, cast.asha, cast.admin)
    cast.schedule("Pricing", hours=2)
    cast.cohort, first = other, cast.cohort
    cast.schedule("Selling", days=40)

    assert shown(token) == {"Pricing": "CONFIRMED", "Selling": "CONFIRMED"}

    transaction(withdraw, enrolment_of(first, cast.asha), cast.admin)
    assert shown(token) == {"Selling": "CONFIRMED"}


def test_a_class_stays_for_thirty_days(token, cast, travel):
    session = cast.schedule("Pricing", hours=2)

    travel.to(session.starts_at + timedelta(days=29, hours=23))
    assert shown(token)
    travel.forward(hours=2)
    assert not shown(token)


def test_of_the_token_only_a_digest_is_stored(token):
    stored = db.session.execute(db.select(CalendarFeed.__table__)).mappings().one()

    assert len(token) >= 43, "256 bits"
    assert not [value for value in stored.values() if token in str(value)]


def test_a_new_link_ends_the_old_one(token, cast):
    newer = transaction(feeds.make_link, cast.asha)

    assert feeds.find(token) is None
    assert feeds.find(newer).person_id == cast.asha.id
    assert db.session.scalar(db.select(db.func.count()).select_from(CalendarFeed)) == 1


@pytest.mark.parametrize("end", ["deleted", "no student any more"])
def test_without_an_account_the_link_opens_nothing(token, cast, end):
    if end == "deleted":
        db.session.delete(cast.asha.user)
    else:
        cast.asha.user.role = Role.ADMIN
    db.session.commit()

    assert feeds.find(token) is None


def test_it_says_since_when_it_shows_this(token, cast, travel):
    def since():
        feed = feeds.find(token)
        return transaction(feeds.changed_with, feed, feeds.content_of(feed))

    first = since()
    travel.forward(minutes=10)
    assert since() == first

    cast.schedule("Pricing", hours=2)
    assert since() == travel.now

    cast.schedule("Selling", hours=5)
    assert since() == travel.now + timedelta(seconds=1), "two states never share a second"


def test_many_classes_cost_no_more_questions(token, cast, queries):
    def count():
        db.session.rollback()
        with queries() as seen:
            feeds.content_of(feeds.find(token))
        return len(seen)

    cast.schedule("Class", hours=1)
    few = count()
    for number in range(8):
        cast.schedule(f"Class {number}", hours=3 + number)

    assert count() == few
