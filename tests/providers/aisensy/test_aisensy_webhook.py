"""What our receiver makes of AiSensy's posts."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffapp.providers.aisensy import webhook, wire
from ffapp.providers.aisensy.failures import FAILURES
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.webhook import NotSigned, WhatsAppEventKind
from ffapp.providers.kit.settings import Simulation
from ffapp.providers.kit.webhooks import Post

from .test_aisensy_wire import BODY, SECRET, SIGNATURE

PROJECT = "650000000000000000000001"
ID = "11111111-2222-4333-8444-555555555555"
SIGNED = {wire.SIGNATURE: SIGNATURE, wire.PROJECT_ID: PROJECT}
KEY_THAT_WAS_HEX_DECODED = "5a5dcc01881937e3a2933617ff39aea67fcf4eef0e01f7b81038322a0c434c4a"
DELIVERED = {
    "id": "evt-2",
    "created_at": 1793059201000,
    "topic": "message.status.updated",
    "delivery_attempt": 1,
    "app_id": "app",
    "webhook_id": "hook",
    "project_id": PROJECT,
    "data": {
        "message": {
            "type": "message",
            "id": "msg-1",
            "project_id": PROJECT,
            "phone_number": "910000000001",
            "contact_id": "contact",
            "campaign": {"name": "class_reminder_v1", "sent_at": 1793059198000},
            "sender": "API",
            "message_content": {},
            "message_type": "TEXT",
            "status": "DELIVERED",
            "is_HSM": True,
            "chatbot_response": None,
            "agent_id": None,
            "sent_at": 1793059198000,
            "delivered_at": 1793059200000,
            "read_at": None,
            "failed_at": None,
            "failureResponse": None,
            "submitted_message_id": ID,
            "messageId": "wamid.DEMO",
            "userName": "Demo",
        }
    },
}


def verify(headers, body, secret=SECRET, project=PROJECT) -> None:
    simulation = Simulation("http://simulators.test", "a key")
    settings = AiSensySettings.read_own({}, simulation)
    webhook.verify(settings.changed(webhook_secret=secret, project_id=project), Post(headers, body))


def parse(**changes):
    """The event of the sample with its message changed; `topic` changes the envelope."""
    topic = changes.pop("topic", DELIVERED["topic"])
    message = {**DELIVERED["data"]["message"], **changes}
    body = {**DELIVERED, "topic": topic, "data": {"message": message}}
    return webhook.parse(json.dumps(body).encode())


def test_the_worked_example_passes_whatever_the_case_of_its_headers() -> None:
    verify(SIGNED, BODY)
    shouted = {name.upper(): value for name, value in SIGNED.items()}
    verify(shouted, BODY)


def test_what_was_signed_compact_and_posted_in_another_form_passes() -> None:
    spaced = json.dumps(json.loads(BODY), indent=2).encode()
    assert spaced != BODY

    verify(SIGNED, spaced)


@pytest.mark.parametrize("escaped", [True, False])
def test_letters_beyond_ascii_pass_in_both_forms(escaped) -> None:
    value = {"id": "1", "text": "आशा 🎓 </script>"}
    signature = wire.signature(SECRET, wire.compact(value))
    posted = json.dumps(value, separators=(",", ":"), ensure_ascii=escaped).encode()

    verify({**SIGNED, wire.SIGNATURE: signature}, posted)


@pytest.mark.parametrize(
    ("secret", "project", "headers", "body", "reason"),
    [
        (SECRET, PROJECT, {wire.PROJECT_ID: PROJECT}, BODY, "X-AiSensy-Signature is missing"),
        (SECRET, PROJECT, {wire.SIGNATURE: SIGNATURE}, BODY, "X-AiSensy-Project-Id is missing"),
        (SECRET, PROJECT, {**SIGNED, wire.PROJECT_ID: "7" * 24}, BODY, "another project"),
        (SECRET, PROJECT, {**SIGNED, wire.PROJECT_ID: "प"}, BODY, "another project"),
        (SECRET, PROJECT, {**SIGNED, wire.SIGNATURE: "0" * 64}, BODY, "does not cover"),
        (SECRET, PROJECT, {**SIGNED, wire.SIGNATURE: "आ"}, BODY, "does not cover"),
        (SECRET, PROJECT, {**SIGNED, wire.SIGNATURE: SIGNATURE.upper()}, BODY, "does not cover"),
        (
            SECRET,
            PROJECT,
            {**SIGNED, wire.SIGNATURE: KEY_THAT_WAS_HEX_DECODED},
            BODY,
            "does not cover",
        ),
        ("0" * 64, PROJECT, SIGNED, BODY, "does not cover"),
        (SECRET, PROJECT, SIGNED, BODY.replace(b"READ", b"SENT"), "does not cover"),
        (SECRET, PROJECT, SIGNED, b"not json", "does not cover"),
        (SECRET, PROJECT, SIGNED, b"[" * 9999, "does not cover"),
        (SECRET, PROJECT, SIGNED, b'{"id":"\\ud800"}', "does not cover"),
        ("", "", SIGNED, BODY, "AISENSY_WEBHOOK_SECRET is not set"),
    ],
)
def test_a_post_that_is_not_ours_is_refused_with_the_reason(
    secret, project, headers, body, reason
) -> None:
    with pytest.raises(NotSigned, match=reason):
        verify(headers, body, secret, project)


def test_without_a_secret_an_empty_one_proves_nothing() -> None:
    forged = {wire.SIGNATURE: wire.signature("", BODY), wire.PROJECT_ID: ""}

    with pytest.raises(NotSigned):
        verify(forged, BODY, "", "")


def test_each_try_of_one_event_has_the_same_key() -> None:
    again = {**DELIVERED, "delivery_attempt": 2}
    bodies = [json.dumps(each).encode() for each in (DELIVERED, again)]

    assert {webhook.dedupe_key(Post({}, body)) for body in bodies} == {"evt-2"}


@pytest.mark.parametrize("body", [b"{}", b"not json", b'{"id":""}', b'{"id":"%s"}' % (b"x" * 9000)])
def test_a_post_without_a_usable_id_is_known_by_its_bytes(body) -> None:
    key = webhook.dedupe_key(Post({}, body))

    assert len(key) == 64
    assert webhook.dedupe_key(Post({}, body + b" ")) != key


def test_an_event_in_full() -> None:
    event = webhook.parse(json.dumps(DELIVERED).encode())

    assert event == webhook.WhatsAppEvent(
        kind=WhatsAppEventKind.DELIVERED,
        topic="message.status.updated",
        submitted_message_id=ID,
        phone="910000000001",
        at=datetime(2026, 10, 27, 0, 0, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"status": "SENT"}, WhatsAppEventKind.SENT),
        ({"status": "DELIVERED"}, WhatsAppEventKind.DELIVERED),
        ({"status": "READ"}, WhatsAppEventKind.READ),
        ({"status": "FAILED"}, WhatsAppEventKind.FAILED),
        ({"status": "read"}, WhatsAppEventKind.UNKNOWN),
        ({"status": "TELEPORTED"}, WhatsAppEventKind.UNKNOWN),
        ({"status": ["READ"]}, WhatsAppEventKind.UNKNOWN),
        ({"topic": "message.created"}, WhatsAppEventKind.ACCEPTED),
        ({"topic": "message.created", "sender": "USER"}, WhatsAppEventKind.INBOUND),
        ({"topic": "message.sender.user", "sender": "USER"}, WhatsAppEventKind.INBOUND),
        ({"topic": "message.created", "submitted_message_id": ""}, WhatsAppEventKind.UNKNOWN),
        ({"topic": "contact.campaign.read"}, WhatsAppEventKind.UNKNOWN),
        ({"topic": "contact.created"}, WhatsAppEventKind.UNKNOWN),
        ({"topic": None}, WhatsAppEventKind.UNKNOWN),
    ],
)
def test_each_topic_and_status_has_a_kind(changes, kind) -> None:
    assert parse(**changes).kind is kind


@pytest.mark.parametrize(
    ("status", "at"),
    [
        ("SENT", 1793059198),
        ("DELIVERED", 1793059200),
        ("READ", 1793059260),
        ("FAILED", 1793059270),
    ],
)
def test_each_status_has_its_own_instant(status, at) -> None:
    event = parse(status=status, read_at=1793059260000, failed_at=1793059270000)

    assert event.at == datetime.fromtimestamp(at, UTC)


@pytest.mark.parametrize("missing", [None, "soon", True, float("nan"), 10**30])
def test_without_an_instant_of_its_own_that_of_the_post_counts(missing) -> None:
    assert parse(delivered_at=missing).at == datetime(2026, 10, 27, 0, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("code", FAILURES)
def test_every_failure_has_a_sentence_that_says_what_to_do(code) -> None:
    event = parse(status="FAILED", failureResponse={"code": code, "reason": "Meta's words"})

    assert event.failure_code == code
    assert event.reason == FAILURES[code].sentence
    assert event.reason.count(".") >= 1
    assert "!" not in event.reason
    assert "invalid" not in event.reason.lower()


@pytest.mark.parametrize(
    ("failure", "code", "reason"),
    [
        ({"code": 131026}, "131026", FAILURES["131026"].sentence),
        (
            {"code": "999", "reason": "New thing"},
            "999",
            "WhatsApp did not deliver it (code 999: New thing).",
        ),
        ({"reason": "New thing"}, "", "WhatsApp did not deliver it (New thing)."),
        (None, "", "WhatsApp did not deliver it (it does not say why)."),
    ],
)
def test_a_failure_may_be_worded_otherwise(failure, code, reason) -> None:
    event = parse(status="FAILED", failureResponse=failure)

    assert (event.failure_code, event.reason) == (code, reason)


def test_a_failure_on_something_that_was_delivered_is_not_told() -> None:
    event = parse(status="READ", failureResponse={"code": "131026"})

    assert (event.failure_code, event.reason) == ("", "")


def test_what_a_person_wrote() -> None:
    event = parse(
        topic="message.sender.user",
        sender="USER",
        message_content={"text": "Can I come late? 🙏"},
        campaign=None,
        submitted_message_id="",
        phone_number="+91 00000-00001",
    )

    assert (event.text, event.phone) == ("Can I come late? 🙏", "910000000001")
    assert event.submitted_message_id == ""


def test_words_that_the_database_cannot_store_are_made_harmless() -> None:
    event = parse(topic="message.created", sender="USER", message_content={"text": "a\0b\ud800"})

    assert event.text == "ab"


KEYS = ["id", "topic", "data", "message", "status", "sender", "read_at", "created_at", "campaign"]


@given(st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["message.status.updated", "message.created", "FAILED", "USER"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_nothing_that_arrives_can_break_it(raw: bytes) -> None:
    event = webhook.parse(raw)
    assert isinstance(event.kind, WhatsAppEventKind)
    assert event.at is None or event.at.tzinfo is UTC
    assert webhook.dedupe_key(Post({}, raw))
