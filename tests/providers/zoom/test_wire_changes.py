"""What Zoom posts of changes made by hand: read with what was, what is, who and when."""

import json

import pytest

from ffapp.providers.zoom import webhook
from ffapp.providers.zoom.wire_events import Batch
from tests.providers.zoom.lab import SAMPLES, a_class, deliver_due, hold, throw_away_recording


def sample(name):
    return webhook.parse((SAMPLES / f"{name}.json").read_bytes())


def parsed(event, **payload):
    return webhook.parse(json.dumps({"event": event, "payload": payload}).encode())


def test_a_change_names_who_made_it():
    event = sample("hook_meeting_updated")

    assert (event.name, event.meeting_id) == ("meeting.updated", 85746065123)
    assert event.operator == "host@school.test"


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
    assert event.effect_id == effect_id


def test_a_recording_in_the_trash_names_its_files():
    event = sample("hook_recording_trashed")
    assert (event.name, event.meeting_id) == ("recording.trashed", 85746065123)
    assert event.file_ids == ("76820abf-618b-4aa0-8311-70a657638b90",)
    assert event.operator == "host@school.test"


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
        {"object": {"id": 5, "agenda": ["x"]}},
        {"object": {"id": "five"}},
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

    assert by_name["meeting.updated"].effect_id == "77"
    assert by_name["meeting.deleted"].operator
    assert by_name["recording.trashed"].file_ids
    assert by_name["recording.transcript_completed"].file_ids
