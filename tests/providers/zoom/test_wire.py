"""What is said on the wire: bodies read and written, paths, markers."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import ValidationError

from ffapp.providers.zoom import wire
from tests.providers.zoom.lab import SAMPLES, a_class


def sample(name: str) -> str:
    return (SAMPLES / f"{name}.json").read_text()


def test_a_meeting_with_nulls_and_new_keys_is_read():
    meeting = wire.Meeting.model_validate_json(sample("meeting_created"))
    assert meeting.id == 85746065123
    assert meeting.start_time == datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
    assert meeting.settings.auto_recording == "cloud"
    assert "zak" not in repr(meeting)
    assert "106747" not in repr(meeting)


def test_recordings_are_read_while_zoom_is_processing_them():
    page = wire.RecordingPage.model_validate_json(sample("recordings_while_processing"))
    ((file,),) = (meeting.recording_files for meeting in page.meetings)
    assert file.recording_end is None
    assert (file.status, file.file_type, file.recording_type, file.playable) == (
        "processing",
        "",
        "",
        False,
    )


def test_completed_recordings_may_have_types_that_are_missing_or_new():
    found = wire.MeetingRecordings.model_validate_json(sample("recordings_completed"))
    assert [file.playable for file in found.recording_files] == [True, False, False]
    assert [file.id for file in found.recording_files][2] == "12345"
    assert found.recording_files[1].recording_type == ""
    assert found.recording_files[2].recording_type == "a_type_of_next_year"


def test_a_class_is_sent_in_utc_with_its_zone_and_our_id_first():
    start = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
    body = a_class(7, start_at=start, agenda="x" * 3000, topic="Week 2\n" + "y" * 300).request(
        creating=True
    )
    assert body["start_time"] == "2026-12-01T04:30:00Z"
    assert body["timezone"] == "Asia/Kolkata"
    assert body["agenda"].startswith("[ff:7] xxx")
    assert (len(body["agenda"]), len(body["topic"])) == (2000, 200)
    assert "\n" not in body["topic"]
    assert body["settings"]["auto_recording"] == "cloud"
    assert body["default_password"] is True


def test_a_change_does_not_touch_the_passcode():
    body = a_class().request(creating=False)
    assert "default_password" not in body
    assert "password" not in body


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_at": datetime(2026, 12, 1, 10, 0)},  # noqa: DTZ001
        {"minutes": 0},
        {"minutes": 1441},
        {"marker": "no marker"},
        {"unknown": 1},
    ],
)
def test_what_we_send_is_checked(wrong):
    with pytest.raises(ValidationError):
        a_class(**wrong)


def test_the_marker_is_found_at_the_beginning_only():
    assert wire.effect_id_of(wire.marker(12) + " and more") == "12"
    assert wire.effect_id_of("see " + wire.marker(12)) is None
    assert wire.effect_id_of(None) is None


def test_a_uuid_is_encoded_twice_and_stays_so():
    path = wire.meeting_path("/ajX//a+b==")
    assert path == "%252FajX%252F%252Fa%252Bb%253D%253D"
    assert httpx.URL(f"https://api.zoom.us/v2/meetings/{path}").raw_path.endswith(path.encode())
    assert wire.meeting_path(85746065123) == wire.meeting_path("85746065123") == "85746065123"
