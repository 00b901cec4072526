"""What our receiver makes of SendGrid's posts."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffapp.core import clock, config
from ffapp.providers.kit.webhooks import Post
from ffapp.providers.sendgrid import webhook, wire
from ffapp.providers.sendgrid.settings import simulated_signing_key
from ffapp.providers.sendgrid.webhook import BounceType, MailEventKind, NotSigned

BODY = wire.encode_events([{"event": "delivered", "email": "asha@example.com"}])


def signed(settings: config.Settings, age: timedelta = timedelta(0)) -> dict[str, str]:
    timestamp = str(int((clock.wall() - age).timestamp()))
    key = simulated_signing_key(settings.secret_key)
    return {
        wire.SIGNATURE.lower(): wire.sign(key, timestamp, BODY),
        wire.TIMESTAMP.upper(): timestamp,
    }


def verify(settings: config.Settings, headers: dict[str, str]) -> None:
    webhook.verify(settings.providers["sendgrid"], Post(headers, BODY))


def test_a_signed_post_passes_whatever_the_case_of_its_headers(settings) -> None:
    verify(settings, signed(settings))


def test_a_retry_of_the_same_day_passes(settings) -> None:
    verify(settings, signed(settings, timedelta(hours=24)))


@pytest.mark.parametrize("age", [timedelta(hours=26), timedelta(hours=-1)])
def test_a_post_from_another_day_or_from_the_future_does_not(settings, age) -> None:
    with pytest.raises(NotSigned, match="too far from now"):
        verify(settings, signed(settings, age))


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "missing"),
        ({wire.TIMESTAMP: "1757090101"}, "missing"),
        ({wire.SIGNATURE: "AAAA", wire.TIMESTAMP: "soon"}, "not a number"),
        ({wire.SIGNATURE: "AAAA", wire.TIMESTAMP: "٣٣٣"}, "not a number"),
        ({wire.SIGNATURE: "AAAA", wire.TIMESTAMP: "9" * 5000}, "not a number"),
        ({wire.SIGNATURE: "AAAA", wire.TIMESTAMP: "1757090101"}, "does not cover"),
        ({wire.SIGNATURE: "%%%%", wire.TIMESTAMP: "1757090101"}, "not base64"),
    ],
)
def test_a_post_that_is_not_signed_is_refused_with_the_reason(settings, headers, reason) -> None:
    with pytest.raises(NotSigned, match=reason):
        verify(settings, headers)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("processed", MailEventKind.PROCESSED),
        ("deferred", MailEventKind.DEFERRED),
        ("delivered", MailEventKind.DELIVERED),
        ("bounce", MailEventKind.BOUNCED),
        ("dropped", MailEventKind.DROPPED),
        ("spamreport", MailEventKind.MARKED_SPAM),
        ("open", MailEventKind.UNKNOWN),
        ("teleported", MailEventKind.UNKNOWN),
        (["bounce"], MailEventKind.UNKNOWN),
        (None, MailEventKind.UNKNOWN),
    ],
)
def test_each_word_has_a_kind(event, kind) -> None:
    (found,) = webhook.parse(json.dumps([{"event": event}]).encode())
    assert found.kind is kind


def test_an_event_in_full() -> None:
    row = {
        "event": "bounce",
        "type": "blocked",
        "email": "asha@example.com",
        "timestamp": 1757090099,
        "effect_id": "42",
        "sg_event_id": "e1",
        "sg_message_id": "AAECAwQFBgcICQoLDA0ODw.recvd-5b6c5d8b9c-abcde-1-68BB1132-C.0",
        "reason": "550 no",
    }
    (event,) = webhook.parse(wire.encode_events([row]))
    assert event == webhook.MailEvent(
        kind=MailEventKind.BOUNCED,
        email="asha@example.com",
        at=datetime(2025, 9, 5, 16, 34, 59, tzinfo=UTC),
        effect_id="42",
        message_id="AAECAwQFBgcICQoLDA0ODw",
        bounce_type=BounceType.BLOCKED,
        reason="550 no",
    )


def test_an_asynchronous_bounce_has_neither_message_nor_effect() -> None:
    (event,) = webhook.parse(b'[{"event":"bounce","type":"bounce","email":"asha@example.com"}]')
    assert (event.message_id, event.effect_id, event.at) == (None, None, None)
    assert event.bounce_type is BounceType.BOUNCE


def test_a_custom_argument_called_type_makes_no_bounce() -> None:
    (event,) = webhook.parse(b'[{"event":"delivered","type":"bounce","response":"250 OK"}]')
    assert event.bounce_type is None
    assert event.reason == "250 OK"


def test_words_that_the_database_cannot_store_are_made_harmless() -> None:
    (event,) = webhook.parse(rb'[{"event":"bounce","reason":"a\u0000b\ud800"}]')
    assert event.reason == "ab"


@given(st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["event", "timestamp", "email", "type", "sg_message_id"]), inner, max_size=4
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_nothing_that_arrives_can_break_it(raw: bytes) -> None:
    for event in webhook.parse(raw):
        assert isinstance(event.kind, MailEventKind)
        assert event.at is None or event.at.tzinfo is UTC
