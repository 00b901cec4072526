"""Who came, who is registered, and the text of an invitation, at the simulated API."""

import pytest

from ffapp.core import config
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import live_meetings
from tests.providers.zoom.lab import HOST, a_class

OPTIONS = wire.MeetingOptions(approval_type=wire.REGISTRATION)


@pytest.fixture
def held(zoom, business_clock) -> wire.Meeting:
    """A class of an hour to which Asha came for half of it."""
    meeting = zoom.create_meeting(HOST, a_class(options=OPTIONS))
    live_meetings.start(meeting.id)
    business_clock.forward(minutes=30)
    asha = live_meetings.join(meeting.id, "Asha Rao")
    business_clock.forward(minutes=30)
    live_meetings.leave(asha)
    live_meetings.end(meeting.id)
    return meeting


def test_the_report_of_participants(api, zoom, held) -> None:
    uuid = zoom.recordings_of_meeting(held.id).uuid
    path = f"report/meetings/{wire.meeting_path(uuid)}/participants"
    rows = api.get(path).json()["participants"]
    assert [(each["name"], each["duration"]) for each in rows] == [
        ("Educator", 3600),
        ("Asha Rao", 1800),
    ]
    assert "registrant_id" not in rows[0]
    with_id = api.get(path, params={"include_fields": "registrant_id"}).json()["participants"]
    assert "registrant_id" in with_id[0]
    page = api.get(path, params={"page_size": 1}).json()
    assert (page["page_count"], page["total_records"]) == (2, 2)
    assert page["next_page_token"]


def test_the_reports_of_hosts_and_meetings(api, held) -> None:
    days = {"from": "2026-12-01", "to": "2026-12-02"}
    (host,) = api.get("report/users", params=days).json()["users"]
    assert (host["email"], host["meetings"]) == (HOST, 1)
    (row,) = api.get(f"report/users/{host['id']}/meetings", params=days).json()["meetings"]
    assert (row["id"], row["duration"], row["participants_count"]) == (held.id, 60, 2)
    past = api.get(f"past_meetings/{held.id}").json()
    assert past == row
    assert (past["total_minutes"], past["user_email"]) == (90, HOST)
    quiet = {"from": "2026-11-01", "to": "2026-11-02"}
    assert api.get("report/users", params=quiet).json()["users"] == []


def test_one_registrant(api, zoom, held) -> None:
    path = f"meetings/{held.id}/registrants"
    made = api.post(path, json={"email": "asha@x.example", "first_name": "Asha"})
    assert made.status_code == 201
    found = api.get(f"{path}/{made.json()['registrant_id']}").json()
    assert (found["email"], found["status"]) == ("asha@x.example", "approved")
    assert found["join_url"] == made.json()["join_url"]
    assert api.get(f"{path}/nobody").status_code == 404
    assert api.get(f"{path}/nobody").json()["code"] != 3001


def test_the_invitation(api, zoom) -> None:
    meeting = zoom.create_meeting(HOST, a_class(minutes=45))
    text = api.get(f"meetings/{meeting.id}/invitation").json()["invitation"]
    assert "Topic: Cohort 7 – Week 2\r\n" in text
    assert f"\r\n{meeting.join_url}\r\n" in text
    assert f"Passcode: {meeting.password}" in text


def test_the_transcript(api, zoom, held) -> None:
    found = api.get(f"meetings/{held.id}/transcript").json()
    assert found["can_download"] is True
    assert found["download_url"].startswith("http://simulators.test/zoom/rec/download/")
    assert (found["meeting_topic"], len(found["meeting_id"])) == ("Cohort 7 – Week 2", 24)
    waiting = zoom.create_meeting(HOST, a_class(7, minutes=30))
    answer = api.get(f"meetings/{waiting.id}/transcript")
    assert (answer.status_code, answer.json()["code"]) == (404, 3322)


def test_a_transcript_that_is_not_written_yet(api, zoom, settings, business_clock) -> None:
    config.use(settings.changed(simulator_speed=1))
    meeting = zoom.create_meeting(HOST, a_class())
    live_meetings.start(meeting.id)
    business_clock.forward(minutes=30)
    live_meetings.end(meeting.id)
    found = api.get(f"meetings/{meeting.id}/transcript").json()
    assert (found["can_download"], found["download_restriction_reason"]) == (False, "NOT_READY")
