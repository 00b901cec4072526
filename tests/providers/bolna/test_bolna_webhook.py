"""Whether a post is Bolna's, whether it came before, and what it says."""

import json
from datetime import UTC, datetime

import pytest

from ffapp.providers.bolna import webhook, wire
from ffapp.providers.kit.webhooks import NotSigned, Post

# As captured in life (Oct 2025 and Aug 2026); all values are invented.
REAL = {
    "id": "11111111-2222-4333-8444-555555555555",
    "agent_id": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    "created_at": "2026-11-23T05:00:00.123456",
    "status": "completed",
    "answered_by_voice_mail": False,
    "conversation_duration": 27.2,
    "total_cost": 6.53,
    "transcript": "assistant: Namaste …\nuser: yes\n",
    "telephony_data": {
        "duration": "28",
        "to_number": "+910000000001",
        "recording_url": "https://api.bolna.ai/recordings/call/1111",
        "hangup_by": "Callee",
        "hangup_reason": "Call recipient hungup",
        "hangup_provider_code": 4000,
    },
    "context_details": {"recipient_data": {"ffapp_effect": "7"}},
    "retry_count": 0,
    "something_new": [1],
}


def raw(**changes) -> bytes:
    return json.dumps(REAL | changes).encode()


def post(own, body=b"{}", key=None, address="") -> Post:
    value = own.webhook_secret if key is None else key
    return Post({own.webhook_header.upper(): value}, body, address)


def test_the_header_proves_the_post(own):
    webhook.verify(own, post(own))

    with pytest.raises(NotSigned, match="another value"):
        webhook.verify(own, post(own, key="guessed"))
    with pytest.raises(NotSigned, match="is missing"):
        webhook.verify(own, Post({}, b"{}"))
    with pytest.raises(NotSigned, match="BOLNA_WEBHOOK_SECRET"):
        webhook.verify(own.changed(webhook_secret=""), post(own))


def test_only_the_named_addresses_may_post(own):
    strict = own.changed(webhook_ips="13.203.39.153, 13.126.9.249")

    webhook.verify(strict, post(own, address="13.126.9.249"))
    with pytest.raises(NotSigned, match="address"):
        webhook.verify(strict, post(own, address="13.200.45.61"))


def test_a_real_body_is_read():
    found = webhook.parse(raw())

    assert (found.status, found.effect_id, found.seconds) == ("completed", "7", 27)
    assert found.cost_micros == 65_300
    assert found.phone == "+910000000001"
    assert found.created_at == datetime(2026, 11, 23, 5, 0, 0, 123456, tzinfo=UTC)
    assert found.hangup_reason == "Call recipient hungup"


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-23T05:00:00", 5),
        ("2026-11-23T05:00:00Z", 5),
        ("2026-11-23T05:00:00+00:00", 5),
        ("2026-11-23T10:30:00+05:30", 5),
    ],
)
def test_every_form_of_an_instant_is_read_as_utc(text, hour):
    assert wire.instant(text) == datetime(2026, 11, 23, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "odd",
    [
        {"telephony_data": None, "context_details": None, "user_number": "+910000000002"},
        {"conversation_duration": "27.2", "total_cost": "6.53"},
        {"conversation_duration": None, "conversation_time": 27},
        {"total_cost": -1, "retry_count": "many", "transcript": 5},
    ],
)
def test_what_is_odd_or_missing_breaks_nothing(odd):
    assert webhook.parse(raw(**odd)).status == "completed"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": "x"}', b'{"status": "busy"}'])
def test_what_describes_no_call_is_none(body):
    assert webhook.parse(body) is None
    assert webhook.dedupe_key(Post({}, body)) == Post({}, body).digest


def test_a_second_attempt_of_bolnas_is_another_post():
    key = webhook.dedupe_key
    first = key(Post({}, raw(status="ringing")))

    assert key(Post({}, raw(status="ringing", transcript="x"))) == first
    assert key(Post({}, raw(status="busy"))) != first
    assert key(Post({}, raw(status="ringing", retry_count=1))) != first
