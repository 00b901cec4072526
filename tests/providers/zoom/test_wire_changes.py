"""What Zoom posts of changes made by hand: read with what was, what is, who and when."""

import json
from datetime import UTC, datetime

import pytest

from ffapp.providers.zoom import webhook
from ffapp.providers.zoom.wire_events import Batch
from tests.providers.zoom.lab import SAMPLES, a_class, deliver_due, hold, throw_away_recording


def sample(name):
    return webhook.parse((SAMPLES / f"{name}.json").read_bytes())


def parsed(event, **payload):
    return webhook.parse(json.dumps({"event": event, "payload": payload}).encode())


def test_an_update_names_what_has_changed_and_what_it_was():
    event = sample("hook_meeting_updated")

    assert (event.name, event.meeting_id) == ("meeting.updated", 85746065123)
    new, old = event.changed.object, event.changed.old_object
    assert new.names == {"topic", "start_time", "duration", "password", "agenda"}
    assert (new.topic, old.topic) == ("Prices 🚀", "Pricing · Winter 2026")
    assert new.start_time == datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
    assert (new.duration, old.duration) == (75, 60)
    assert event.operator == "host@school.test"


def test_the_instant_is_that_of_the_change_and_not_of_the_post():
    event = sample("hook_meeting_updated")
    assert event.changed_at == datetime(2026, 7, 29, 23, 55, 56, 123000, tzinfo=UTC)
    assert event.at > event.changed_at

    deleted = sample("hook_meeting_deleted")
    assert deleted.changed_at == deleted.at


def test_passcodes_are_not_kept_in_what_is_read():
    assert "new1" not in repr(sample("hook_meeting_updated"))
    assert "106747" not in repr(sample("hook_meeting_updated"))
    assert "7h*Kq2xZ" not in repr(sample("hook_recording_trashed"))


@pytest.mark.parametrize(
    ("new", "old", "effect_id"),
    [
        ("[ff:41] Pricing", "[ff:40] Pricing", "41"),
        ("[ff:41] Pricing", "", "41"),
        ("[ff:41] Pricing", None, "41"),
        ("[ff:41] Pricing and more", "[ff:41] Pricing", None),
        ("By hand", "[ff:41] Pricing", None),
        (None, None, None),
    ],
)
def test_our_own_change_is_known_by_a_marker_that_is_new(new, old, effect_id):
    event = parsed(
        "meeting.updated", object={"id": 5, "agenda": new}, old_object={"id": 5, "agenda": old}
    )
    assert event.changed.effect_id == effect_id


@pytest.mark.parametrize(
    ("operation", "about", "is_one"),
    [
        ("single", {"occurrences": [{"occurrence_id": "1"}]}, True),
        ("single", {"occurrence_id": "1"}, True),
        ("all", {"occurrences": [{"occurrence_id": "1"}]}, False),
        ("single", {}, False),
    ],
)
def test_one_day_of_a_series_is_told_from_the_meeting(operation, about, is_one):
    event = parsed("meeting.deleted", operation=operation, object={"id": 5, **about})
    assert event.changed.is_of_one_occurrence is is_one


def test_a_recording_in_the_trash_names_its_files():
    event = sample("hook_recording_trashed")
    assert (event.name, event.meeting_id) == ("recording.trashed", 85746065123)
    assert [each.file_type for each in event.recordings.recording_files] == ["MP4"]
    assert event.operator == "host@school.test"


def test_a_transcript_comes_by_itself():
    event = sample("hook_transcript_completed")
    (file,) = event.recordings.recording_files
    assert (file.file_type, file.playable) == ("TRANSCRIPT", False)
    assert event.changed is None


def test_posts_about_many_recordings_name_them_by_uuid():
    both = {
        "meetings": [
            {"meeting_uuid": "a==", "recording_files": [{"recording_file_id": "f-1"}]},
            {"meeting_uuid": ""},
        ],
        "meeting_uuids": ["b=="],
    }
    event = parsed("recording.batch_trashed", object=both)
    assert event.batch == (Batch("a==", ("f-1",)), Batch("b=="))
    assert parsed("recording.batch_trashed", object={}).batch == ()


@pytest.mark.parametrize(
    "payload",
    [
        {"object": {"id": 5, "duration": "long"}},
        {"object": {"id": 5, "start_time": "soon"}},
        {"object": {"id": 5}, "time_stamp": -1},
        {"object": {"id": 5}, "time_stamp": 10**20},
        {"object": {"id": 5}, "old_object": "was"},
    ],
)
def test_what_cannot_be_read_is_unknown_and_never_an_error(payload):
    assert parsed("meeting.updated", **payload).name == webhook.UNKNOWN


def test_what_the_simulator_posts_is_what_is_read_here(zoom, receiver):
    meeting = hold(zoom)
    zoom.update_meeting(meeting.id, a_class(77, topic="Moved"))
    throw_away_recording(meeting)
    zoom.delete_meeting(meeting.id)
    deliver_due()
    by_name = {}
    for _, raw in receiver.posts:
        event = webhook.parse(raw)
        by_name[event.name] = event

    assert by_name["meeting.updated"].changed.effect_id == "77"
    assert by_name["meeting.updated"].changed.object.topic == "Moved"
    assert by_name["meeting.deleted"].operator
    assert by_name["recording.trashed"].recordings.recording_files
    assert by_name["recording.transcript_completed"].recordings.recording_files
