"""Webhooks as we receive them: signatures, validation, what the posts say."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ffapp.providers.zoom import webhook, wire
from ffapp.providers.zoom.webhook import NotSigned
from tests.providers.zoom.lab import SAMPLES

SECRET = "4fv1RkqGQUq5sWbEz6hA5A"
# Published examples: sample, timestamp, signature.
EXAMPLES = [
    (
        "hook_url_validation",
        "1720705455",
        "v0=93a1a675965ceb9c5a50c5dfb31f20e50f763be37a54ef74cd2d16a1a8e5c0d6",
    ),
    (
        "hook_meeting_started",
        "1720707175",
        "v0=1a14e79349318fa1bead50ebbd3c185ae078e182d3bbd30ab8010fcb7f4357c7",
    ),
]


def raw(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def signed(timestamp: str, signature: str) -> dict[str, str]:
    return {"X-Zm-Request-Timestamp": timestamp, "x-zm-signature": signature}


def moment(timestamp: str, **later: float) -> datetime:
    return datetime.fromtimestamp(int(timestamp), UTC) + timedelta(**later)


@pytest.mark.parametrize(("name", "timestamp", "signature"), EXAMPLES)
def test_the_published_examples_verify(name, timestamp, signature):
    body, headers = raw(name), signed(timestamp, signature)
    webhook.verify(SECRET, headers, body, moment(timestamp, seconds=4))
    webhook.verify(["another", SECRET], headers, body, moment(timestamp, seconds=-299))


@pytest.mark.parametrize(("name", "timestamp", "signature"), EXAMPLES)
def test_what_is_not_from_zoom_is_refused(name, timestamp, signature):
    body, now = raw(name), moment(timestamp)
    headers = signed(timestamp, signature)
    for secret, given, post, at, words in [
        ("wrong", headers, body, now, "not one of ours"),
        ("", headers, body, now, "not one of ours"),
        (SECRET, headers, body.replace(b":", b": ", 1), now, "not one of ours"),
        (SECRET, headers, body, now + timedelta(minutes=10), "600 seconds ago"),
        (SECRET, headers, body, now - timedelta(minutes=10), "seconds ago"),
        (SECRET, signed(timestamp, "v0=" + signature[3:].upper()), body, now, "not one of ours"),
        (SECRET, signed(timestamp, "v0=é"), body, now, "not one of ours"),
        (SECRET, signed(timestamp, ""), body, now, "x-zm-signature is missing"),
        (SECRET, {"x-zm-signature": signature}, body, now, "x-zm-request-timestamp is missing"),
        (SECRET, signed("soon", signature), body, now, "not a number"),
    ]:
        with pytest.raises(NotSigned, match=words) as refused:
            webhook.verify(secret, given, post, at)
        assert words in str(refused.value)


def test_the_url_validation_is_answered_as_published():
    assert webhook.validation_answer(SECRET, raw("hook_url_validation")) == {
        "plainToken": "xys8n8PGS7mAU0m5-YJjRA",
        "encryptedToken": "2fffc6a967dde4f68024025a5bd991c5ae1e5313b4e6365be4883e3e81d479b3",
    }
    assert webhook.validation_answer(SECRET, raw("hook_meeting_started")) is None
    assert webhook.validation_answer(SECRET, b"<html>") is None


def test_a_running_meeting_names_its_id_as_a_string():
    event = webhook.parse(raw("hook_meeting_started"))
    assert event.name == "meeting.started"
    assert event.meeting_id == 85393847045
    assert event.uuid == "jUh5o3dKQIytvcsfTtKBlg=="
    assert event.start_time == datetime(2024, 7, 11, 14, 12, 55, tzinfo=UTC)
    assert event.at == datetime(2024, 7, 11, 14, 12, 55, 904000, tzinfo=UTC)
    assert event.topic.startswith("Test 🚒🚒")
    assert event.recordings is None


def test_a_participant_who_is_a_guest_has_no_address():
    event = webhook.parse(raw("hook_participant_joined"))
    person = event.participant
    assert (event.name, event.meeting_id) == ("meeting.participant_joined", 86084701483)
    assert (person.user_name, person.user_id, person.email) == ("Asha R", "62143101", "")
    assert person.join_time == datetime(2026, 12, 1, 4, 32, tzinfo=UTC)


def test_completed_recordings_come_with_the_event():
    event = webhook.parse(raw("hook_recording_completed"))
    assert (event.name, event.meeting_id) == ("recording.completed", 85746065123)
    (file,) = event.recordings.recording_files
    assert file.playable
    # Of a recurring meeting the start is that of the series; the file knows better.
    assert file.recording_start > event.recordings.start_time


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>",
        b"\xff",
        b'{"event":"meeting.started","payload":"none"}',
        b'{"event":"meeting.started","payload":{"object":{"id":"soon"}}}',
        b'{"event":"recording.completed","payload":{"object":{"recording_files":[]}}}',
        b'{"event":"meeting.started","event_ts":99999999999999999999}',
        b'{"event":"meeting.sharing_started","payload":{"object":{"id":"1","uuid":"x"}}}',
    ],
)
def test_what_we_do_not_understand_is_unknown(body):
    assert webhook.parse(body).name == webhook.UNKNOWN


def test_an_unknown_event_keeps_zooms_word_and_the_meeting():
    body = {"event": "meeting.sharing_started", "payload": {"object": {"id": 5, "uuid": "x"}}}
    event = webhook.parse(json.dumps(body).encode())
    assert (event.wire_name, event.meeting_id) == ("meeting.sharing_started", 5)


def test_tries_of_one_event_have_one_key():
    assert webhook.dedupe_key({"X-ZM-Request-ID": "570044ff_fcdf"}, b"1") == "570044ff_fcdf"
    assert webhook.dedupe_key({}, b"1") == webhook.dedupe_key({}, b"1")
    assert webhook.dedupe_key({}, b"1") != webhook.dedupe_key({}, b"2")


def test_signature_is_made_over_the_raw_bytes():
    assert wire.signature("s", "1", "é".encode()) != wire.signature("s", "1", b"\\u00e9")
