"""The webhooks that the simulator posts."""

from datetime import timedelta

import pytest

from ffapp.providers.aisensy import webhook, wire
from ffapp.providers.aisensy.failures import FAILURES
from ffapp.providers.aisensy.simulator import messages
from ffapp.providers.aisensy.webhook import WhatsAppEventKind
from ffapp.providers.kit.webhooks import Post
from ffapp.providers.simulating import store
from tests.providers.receiver import promised

from .conftest import NUMBER, message

OUTBOUND = ["accepted", "sent", "delivered", "read"]


def kinds(receiver) -> list[str]:
    receiver.deliver()
    return [str(webhook.parse(body).kind) for _, body in receiver.posts]


def test_an_ordinary_message_is_told_of_in_four_posts(aisensy, receiver) -> None:
    submitted = aisensy.send(message())

    assert kinds(receiver) == OUTBOUND
    events = [webhook.parse(body) for _, body in receiver.posts]
    assert {event.submitted_message_id for event in events} == {submitted}
    assert {event.phone for event in events} == {"919876543210"}
    assert len({webhook.dedupe_key(Post(*post)) for post in receiver.posts}) == 4


def test_an_envelope_and_its_headers(settings, aisensy, receiver) -> None:
    aisensy.send(message())
    envelope = receiver.deliver()[-1]
    headers, body = receiver.posts[-1]

    sent = envelope["data"]["message"]
    assert sent["sent_at"] <= sent["delivered_at"] <= sent["read_at"] == envelope["created_at"]
    assert sent["sender"] == "API"
    assert envelope["project_id"] == settings.providers["aisensy"].project_id
    assert len(settings.providers["aisensy"].project_id) == 24
    assert headers["X-Aisensy-Project-Id"] == settings.providers["aisensy"].project_id
    assert headers["X-Aisensy-Api-Version"]
    assert headers["Content-Type"] == "application/json"
    assert body == wire.compact(envelope)


def test_the_signature_passes_our_receiver_also_beyond_ascii(settings, receiver) -> None:
    messages.write_back(NUMBER, "आशा 🎓", "Hello")
    receiver.deliver()

    for headers, body in receiver.posts:
        assert "आशा 🎓".encode() in body
        webhook.verify(settings.providers["aisensy"], Post(headers, body))


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("543210", ["SENT", "DELIVERED", "READ"]),
        ("200200", ["SENT", "DELIVERED"]),
        ("100100", ["SENT"]),
        ("300300", []),
        ("600600", ["SENT", "DELIVERED", "READ"]),
        ("131026", ["SENT", "FAILED"]),
        ("131049", ["FAILED"]),
        ("131050", ["FAILED"]),
        ("130472", ["FAILED"]),
    ],
)
def test_magic_numbers(aisensy, receiver, ending, told) -> None:
    aisensy.send(message(f"+919876{ending}"))

    assert receiver.statuses() == told
    assert bool(receiver.posts) == (ending != "300300")


def test_a_failure_carries_metas_code_and_words(aisensy, receiver) -> None:
    aisensy.send(message("+919876131026"))

    failed = receiver.deliver()[-1]["data"]["message"]
    assert failed["failureResponse"] == {"code": "131026", "reason": FAILURES["131026"].words}
    assert failed["failed_at"] >= failed["sent_at"]
    event = webhook.parse(receiver.posts[-1][1])
    assert (event.kind, event.failure_code) == (WhatsAppEventKind.FAILED, "131026")


# ── how it delivers


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_post_that_fails_is_tried_once_more(settings, aisensy, receiver, status) -> None:
    receiver.answers = [status]
    messages.write_back(NUMBER, "Asha", "Hello")
    receiver.deliver()

    first, second = (post for post in receiver.posts if b"message.created" in post[1])
    assert webhook.dedupe_key(Post(*first)) == webhook.dedupe_key(Post(*second))
    for post in (first, second):
        webhook.verify(settings.providers["aisensy"], Post(*post))
    assert [row.answers for row in promised()] == [[status, 204], [204]]


def test_the_second_try_comes_five_minutes_later(aisensy, receiver, settings, travel) -> None:
    receiver.answers = [500] * 2
    aisensy.send(message("+919876100100"))
    object.__setattr__(settings, "simulator_speed", 1.0)
    try:
        receiver.deliver()
    finally:
        object.__setattr__(settings, "simulator_speed", 0.0)

    assert {row.due_at - travel.now for row in promised()} == {timedelta(minutes=5)}
    assert messages.TIMEOUT_SECONDS == 5


def test_after_410_nothing_is_tried_again(aisensy, receiver) -> None:
    receiver.answers = [410] * 2
    aisensy.send(message("+919876100100"))
    receiver.deliver()

    assert [(row.state, row.answers) for row in promised()] == [("given_up", [410])] * 2


def test_duplicates_have_one_id_and_every_other_comes_late(aisensy, receiver, travel) -> None:
    store.set_switch("aisensy", "webhooks", {"duplicate": True, "reorder": True})
    aisensy.send(message())

    assert kinds(receiver) == ["sent", "sent", "read", "read"]
    travel.forward(seconds=3)
    assert sorted(kinds(receiver)) == sorted(OUTBOUND * 2)
    assert len({webhook.dedupe_key(Post(*post)) for post in receiver.posts}) == 4


# ── what people write


def test_what_a_person_writes_comes_on_two_topics_under_one_message_id(receiver) -> None:
    messages.write_back(NUMBER, "Asha Rao", "Can I come late? 🙏\nSorry")
    receiver.deliver()

    events = [webhook.parse(body) for _, body in receiver.posts]
    assert [event.topic for event in events] == ["message.created", "message.sender.user"]
    assert {event.kind for event in events} == {WhatsAppEventKind.INBOUND}
    assert {event.text for event in events} == {"Can I come late? 🙏\nSorry"}
    assert {event.phone for event in events} == {"919876543210"}
    assert len({webhook.dedupe_key(Post(*post)) for post in receiver.posts}) == 1
    assert {event.submitted_message_id for event in events} == {""}
