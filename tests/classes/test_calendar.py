"""A class as a calendar event, read back as a calendar would read it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from ffapp.classes import calendar
from ffapp.classes.schedule import Plan, cancel, change
from ffapp.core import config
from ffapp.core.db import db, transaction

START = datetime(2026, 12, 5, 11, 30, tzinfo=UTC)


@pytest.fixture
def session(cast, travel):
    travel.to(datetime(2026, 11, 23, 6, 30, tzinfo=UTC))
    return cast.schedule_at("Pricing", START)


def plan_of(session):
    return Plan(session.title, session.description, session.starts_at, 60, session.zoom_host_email)


def read(session):
    """The file's calendar and its one event; whatever is not as RFC 5545 wants it fails here."""
    written = calendar.file_of(session)
    lines = written.split(b"\r\n")
    assert lines[-1] == b""
    assert max(len(line) for line in lines) <= 75
    assert not [line for line in lines if any(byte < 32 for byte in line)]
    found = Calendar.from_ical(written)
    found.validate()
    (event,) = found.events
    assert not found.errors + event.errors
    return found, event


def test_a_class_is_an_event_at_its_instant(session, travel):
    whole, event = read(session)

    assert (whole["VERSION"], whole["METHOD"]) == ("2.0", "PUBLISH")
    assert event.uid == str(session.calendar_uid)
    assert event["DTSTART"].to_ical() == b"20261205T113000Z"
    assert event["DTEND"].to_ical() == b"20261205T123000Z"
    assert (event["SUMMARY"], event["STATUS"], event["SEQUENCE"]) == ("Pricing", "CONFIRMED", 0)
    assert event.DTSTAMP == event.LAST_MODIFIED == travel.now
    assert event["ORGANIZER"] == "mailto:hello@futurefounders.example"


def test_it_leads_to_our_page_and_never_names_the_meeting(session, worker):
    worker.drain()
    db.session.refresh(session)

    written = calendar.file_of(session).replace(b"\r\n ", b"").decode()

    assert f"http://localhost/classes/{session.id}" in written
    assert session.zoom_join_url not in written
    assert session.zoom_passcode not in written
    assert str(session.zoom_meeting_id) not in written
    assert "ATTENDEE" not in written


def test_the_uid_is_the_same_when_the_programme_moves_to_another_address(session, settings):
    _, before = read(session)
    config.use(settings.changed(public_url="https://future.example"))

    _, after = read(session)

    assert after.uid == before.uid
    assert str(after["URL"]).startswith("https://future.example/")


def test_a_change_keeps_the_uid_and_raises_the_sequence(session, cast, travel):
    _, before = read(session)
    travel.forward(minutes=5)
    later = replace(plan_of(session), starts_at=START + timedelta(hours=1))
    transaction(change, session, later, 1, cast.admin)

    _, after = read(session)

    assert after.uid == before.uid
    assert after["SEQUENCE"] == 1
    assert after.start == START + timedelta(hours=1)
    assert after.LAST_MODIFIED == travel.now > before.LAST_MODIFIED


def test_a_cancelled_class_takes_itself_out_of_the_calendar(session, cast):
    transaction(cancel, session, "The teacher is ill; get well", 1, cast.admin)

    whole, event = read(session)

    assert (whole["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert event["DESCRIPTION"].startswith("Cancelled: The teacher is ill; get well")


@pytest.mark.parametrize(
    "title",
    [
        "कक्षा ३: मूल्य निर्धारण, पहली बिक्री और ग्राहकों से बात करना सीखें",
        "🚀 Launch; \\ “day”, part\N{NO-BREAK SPACE}1 👩‍👩‍👧‍👦" + " 🎉" * 30,
        "x" * 150,
    ],
)
def test_any_script_and_sign_comes_back_as_it_went(session, cast, title):
    transaction(change, session, replace(plan_of(session), title=title), 1, cast.admin)

    assert read(session)[1]["SUMMARY"] == " ".join(title.split())


def test_signs_that_no_calendar_may_hold_are_left_out(session, cast):
    plan = replace(
        plan_of(session), title="Pri\x07cing", description="One\r\ntwo\x1b\x85\u2028three"
    )
    transaction(change, session, plan, 1, cast.admin)

    _, event = read(session)

    assert event["SUMMARY"] == "Pricing"
    assert event["DESCRIPTION"].startswith("One\ntwo")


def test_the_same_class_gives_the_same_bytes(session, travel):
    before = calendar.file_of(session)
    travel.forward(hours=3)

    assert calendar.file_of(session) == before
