"""The sheet of a class that nobody counted, and of one with more students than a page holds."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest

from ffapp.attendance.models import ParticipantCheck
from ffapp.classes import phase
from ffapp.classes.models import MeetingInstance
from ffapp.core.db import db, transaction
from tests.app.test_queries import newcomers


@pytest.fixture(autouse=True)
def another(cast):
    """A class of another day, which is held well and has nothing to do with any of it."""
    return cast.schedule("Another", hours=300)


def sheet(session):
    return f"/admin/classes/{session.id}/attendance"


def test_a_class_that_zoom_did_not_count_makes_nobody_absent(client, cast, worker, travel):
    session = cast.schedule(hours=1)
    worker.drain()
    travel.to(session.ends_at + timedelta(hours=3))

    page = client.get(sheet(session)).text
    assert "Zoom has not counted who came" in page
    assert "Not counted" in page
    assert "Absent" not in page
    assert "Zoom has not counted who came" in client.get(f"/admin/classes/{session.id}").text
    file = client.get(f"{sheet(session)}?format=csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert {(each["Attendance"], each["Minutes"]) for each in rows} == {("Not counted", "")}


def test_a_class_without_a_meeting_says_so_and_what_was_said_by_hand(client, cast, travel):
    session = cast.schedule(hours=1)
    travel.to(session.ends_at + timedelta(hours=3))
    said = {"was": "present", "minutes": "60", "reason": "It was held in the library"}
    client.post(f"{sheet(session)}/{cast.asha.id}", data=said)

    page = client.get(sheet(session)).text

    assert (
        "There was no meeting at Zoom, so nobody was counted; 1 came, as was entered by hand"
        in page
    )
    assert "is read ten minutes after the end" not in page


def test_before_a_class_nobody_can_have_come(client, cast):
    session = cast.schedule(hours=30)
    assert "Correct the attendance of" not in client.get(sheet(session)).text
    said = {"was": "present", "reason": "No"}

    answer = client.post(f"{sheet(session)}/{cast.asha.id}", data=said)

    assert answer.status_code == 422
    assert "The class has not begun" in answer.text


def test_a_class_that_was_held_and_to_which_nobody_came_has_everybody_absent(
    client, cast, worker, travel
):
    session = cast.schedule(hours=1)
    worker.drain()
    travel.to(session.ends_at)
    held = {"started_at": session.starts_at, "ended_at": session.ends_at}
    db.session.add(MeetingInstance(session_id=session.id, zoom_uuid="a==", **held))
    phase.store_held_times(session)
    check = ParticipantCheck(session_id=session.id, over_at=session.ends_at, asked_at=travel.now)
    db.session.add(check)
    db.session.commit()

    page = client.get(sheet(session)).text

    assert "0 of 3 students came" in page
    assert "Absent" in page
    assert "Not counted" not in page


def test_a_large_class_has_pages_which_filters_and_corrections_keep(client, cast, travel):
    cast.cohort.seats = 100
    db.session.commit()
    transaction(newcomers, cast, range(60))
    session = cast.schedule(hours=1)
    travel.to(session.starts_at)
    first = client.get(sheet(session)).text
    assert "page 1 of 2" in first

    second = client.get(f"{sheet(session)}?came=expected&page=2").text

    assert second.count("Correct the attendance of") == 13
    (href,) = set(re.findall(r'href="([^"]+/attendance/\d+\?next=[^"]+)"', second)[:1])
    form = client.get(html.unescape(href)).text
    backs = [html.unescape(each) for each in re.findall(r'name="next" value="([^"]+)"', form)]
    assert f"{sheet(session)}?came=expected&page=2" in backs
    page = client.get(f"/admin/classes/{session.id}").text
    assert "The first 50 of 63." in page
