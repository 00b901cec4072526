"""Webhooks as we receive them: signatures, validation, what the posts say."""

import json
from datetime import UTC, datetime

import pytest

from ffapp.core import clock
from ffapp.providers.kit.webhooks import Post
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


@pytest.fixture
def verify(settings, monkeypatch):
    """Verify a post with that secret, so many seconds after the instant of the example."""

    def verify(headers, body, timestamp, seconds=0, secret=SECRET):
        now = datetime.fromtimestamp(int(timestamp) + seconds, UTC)
        monkeypatch.setattr(clock, "wall", lambda: now)
        zoom = settings.providers["zoom"].changed(webhook_secret=secret)
        webhook.verify(zoom, Post(headers, body))

    return verify


@pytest.mark.parametrize(("name", "timestamp", "signature"), EXAMPLES)
def test_the_published_examples_verify(verify, name, timestamp, signature):
    for seconds in (4, -299):
        verify(signed(timestamp, signature), raw(name), timestamp, seconds)


@pytest.mark.parametrize(("name", "timestamp", "signature"), EXAMPLES)
def test_what_is_not_from_zoom_is_refused(verify, name, timestamp, signature):
    body, headers = raw(name), signed(timestamp, signature)
    changed = body.replace(b":", b": ", 1)
    for given, post, options, words in [
        (headers, body, {"secret": "wrong"}, "not one of ours"),
        (headers, body, {"secret": ""}, "not one of ours"),
        (headers, changed, {}, "not one of ours"),
        (headers, body, {"seconds": 600}, "600 seconds ago"),
        (headers, body, {"seconds": -600}, "seconds ago"),
        (signed(timestamp, "v0=" + signature[3:].upper()), body, {}, "not one of ours"),
        (signed(timestamp, "v0=é"), body, {}, "not one of ours"),
        (signed(timestamp, ""), body, {}, "x-zm-signature is missing"),
        ({"x-zm-signature": signature}, body, {}, "x-zm-request-timestamp is missing"),
        (signed("soon", signature), body, {}, "not a number"),
    ]:
        with pytest.raises(NotSigned, match=words):
            verify(given, post, timestamp, **options)


def test_the_url_validation_is_answered_as_published(settings):
    zoom = settings.providers["zoom"].changed(webhook_secret=SECRET)
    asked = [Post({}, body) for body in (raw("hook_url_validation"), raw(EXAMPLES[1][0]), b"<")]
    assert [webhook.validation_answer(zoom, each) for each in asked] == [
        {
            "plainToken": "xys8n8PGS7mAU0m5-YJjRA",
            "encryptedToken": "2fffc6a967dde4f68024025a5bd991c5ae1e5313b4e6365be4883e3e81d479b3",
        },
        None,
        None,
    ]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("hook_*.json")), ids=lambda path: path.stem)
def test_every_sample_is_read(path):
    event = webhook.parse(path.read_bytes())
    assert event.name == json.loads(path.read_text())["event"]
    assert event.meeting_id or event.name == webhook.URL_VALIDATION


def test_a_running_meeting_names_its_id_as_a_string():
    event = webhook.parse(raw("hook_meeting_started"))
    assert event.name == "meeting.started"
    assert event.meeting_id == 85393847045
    assert event.uuid == "jUh5o3dKQIytvcsfTtKBlg=="
    assert event.start_time == datetime(2024, 7, 11, 14, 12, 55, tzinfo=UTC)
    assert event.at == datetime(2024, 7, 11, 14, 12, 55, 904000, tzinfo=UTC)


def test_a_participant_who_is_a_guest_has_no_address():
    event = webhook.parse(raw("hook_participant_joined"))
    person = event.participant
    assert (event.name, event.meeting_id) == ("meeting.participant_joined", 86084701483)
    assert (person.user_name, person.user_id, person.email) == ("Asha R", "62143101", "")
    assert person.join_time == datetime(2026, 12, 1, 4, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"<html>",
        b"\xff",
        b'{"event":"meeting.started","payload":"none"}',
        b'{"event":"meeting.started","payload":{"object":{"id":"soon"}}}',
        b'{"event":"meeting.started","event_ts":-1}',
    ],
)
def test_what_we_do_not_understand_is_unknown(body):
    assert webhook.parse(body).name == webhook.UNKNOWN


def test_tries_of_one_event_have_one_key_and_no_header_hides_another():
    first, again = (webhook.dedupe_key(Post({"X-ZM-Request-ID": "a"}, b"1")) for _ in range(2))

    assert first == again
    assert webhook.dedupe_key(Post({"X-ZM-Request-ID": "a"}, b"2")) != first


def test_signature_is_made_over_the_raw_bytes():
    assert wire.signature("s", "1", "é".encode()) != wire.signature("s", "1", b"\\u00e9")
