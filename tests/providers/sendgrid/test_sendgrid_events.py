"""The event webhook that the simulator posts."""

import itertools
import json
from datetime import timedelta

import pytest
from sendgrid.helpers.eventwebhook import EventWebhook

from ffapp.core import clock
from ffapp.providers.kit.webhooks import Post
from ffapp.providers.sendgrid import webhook, wire
from ffapp.providers.sendgrid.simulator import messages
from ffapp.providers.sendgrid.webhook import BounceType, MailEventKind
from ffapp.providers.simulating import callbacks, store
from tests.providers.receiver import promised

from .conftest import mail


def test_a_delivered_mail_in_exact_bytes(sendgrid, receiver) -> None:
    message_id = sendgrid.send(mail("asha@example.com"))
    receiver.deliver()
    ((headers, body),) = receiver.posts
    processed, delivered = (json.loads(part) for part in body[1:-3].split(b",\r\n"))
    assert body == wire.encode_events([processed, delivered])
    assert body.endswith(b"}]\r\n")
    assert list(processed) == sorted(processed)
    assert processed["effect_id"] == "1"
    assert processed["sg_message_id"].startswith(f"{message_id}.recvd-")
    assert processed["sg_event_id"] != delivered["sg_event_id"]
    assert headers["User-Agent"] == "SendGrid Event API"
    assert headers["Content-Type"] == "application/json;charset=utf-8"


def test_the_signature_passes_our_receiver_and_sendgrids_own_helper(
    settings, sendgrid, receiver
) -> None:
    sendgrid.send(mail("asha@example.com", text="Grüße, आशा"))
    receiver.deliver()
    ((headers, body),) = receiver.posts
    own = settings.providers["sendgrid"]
    webhook.verify(own, Post(headers, body))
    assert EventWebhook(own.webhook_public_key).verify_signature(
        body.decode(), headers[wire.SIGNATURE], headers[wire.TIMESTAMP]
    )


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("asha@example.com", ["processed", "delivered"]),
        ("asha+bounce@example.com", ["processed", "bounce"]),
        ("BOUNCE@example.com", ["processed", "bounce"]),
        ("bounce.2@example.com", ["processed", "bounce"]),
        ("asha+blocked@example.com", ["processed", "bounce"]),
        ("deferred@example.com", ["processed", "deferred", "deferred", "delivered"]),
        ("asha+dropped@example.com", ["dropped"]),
        ("spam@example.com", ["processed", "delivered", "spamreport"]),
        ("silent@example.com", []),
        ("asha_slow@example.com", ["processed", "delivered"]),
        ("bouncer@example.com", ["processed", "delivered"]),
        ("asha+bounce+tag@example.com", ["processed", "delivered"]),
    ],
)
def test_magic_addresses(sendgrid, receiver, address, told) -> None:
    sendgrid.send(mail(address))
    assert [row["event"] for row in receiver.deliver()] == told


def test_bounced_and_blocked_are_told_apart_by_type(sendgrid, receiver) -> None:
    sendgrid.send(mail("bounce@example.com", "blocked@example.com"))
    found = {}
    receiver.deliver()
    for _, body in receiver.posts:
        for event in webhook.parse(body):
            if event.kind is MailEventKind.BOUNCED:
                found[event.email] = event.bounce_type, event.reason[:9]
    assert found == {
        "bounce@example.com": (BounceType.BOUNCE, "550 5.1.1"),
        "blocked@example.com": (BounceType.BLOCKED, "550 5.7.1"),
    }


@pytest.mark.parametrize(
    ("address", "then"),
    [
        ("bounce@example.com", "Bounced Address"),
        ("spam@example.com", "Spam Reporting Address"),
        ("blocked@example.com", None),
    ],
)
def test_suppressed_addresses_drop_later_mails(sendgrid, receiver, address, then) -> None:
    sendgrid.send(mail(address))
    sendgrid.send(mail(address.upper()))
    of_second = [row for row in receiver.deliver() if row["email"] == address.upper()]
    assert of_second[0].get("reason") == then
    assert (of_second[0]["event"] == "dropped") == (then is not None)


def test_later_events_come_in_a_later_post(sendgrid, receiver) -> None:
    sendgrid.send(mail("deferred@example.com"))
    assert [row.event for row in promised()] == ["processed, deferred", "deferred", "delivered"]
    assert [row["attempt"] for row in receiver.deliver() if row["event"] == "deferred"] == [
        "1",
        "2",
    ]


def test_reordered_events_say_delivered_before_processed(sendgrid, receiver, travel) -> None:
    store.set_switch("sendgrid", "webhooks", {"reorder": True, "duplicate": True})
    sendgrid.send(mail("asha@example.com"))
    travel.forward(seconds=3)
    told = [row["event"] for row in receiver.deliver()]
    assert told == ["delivered", "processed"] * 2


def test_a_post_that_fails_is_tried_again_and_signed_anew(
    sendgrid, receiver, settings, monkeypatch, travel
) -> None:
    receiver.answers = [500, 404, 302, 204]
    sendgrid.send(mail("asha@example.com"))
    start, seconds = clock.wall(), itertools.count()
    with monkeypatch.context() as patch:
        patch.setattr(clock, "wall", lambda: start + timedelta(seconds=next(seconds)))
        receiver.deliver()
    assert len(receiver.posts) == 4
    assert len({body for _, body in receiver.posts}) == 1
    assert len({headers[wire.TIMESTAMP] for headers, _ in receiver.posts}) == 4
    for headers, body in receiver.posts:
        webhook.verify(settings.providers["sendgrid"], Post(headers, body))
    (row,) = promised()
    assert (row.state, row.answers) == ("delivered", [500, 404, 302, 204])


def test_retries_end_within_a_day(sendgrid, receiver) -> None:
    receiver.answers = [503] * 50
    sendgrid.send(mail("asha@example.com"))
    receiver.deliver()
    (row,) = promised()
    assert (row.state, row.tries) == ("given_up", len(messages.RETRY_SECONDS) + 1)
    assert sum(messages.RETRY_SECONDS) <= 24 * 3600
    assert list(messages.RETRY_SECONDS) == sorted(messages.RETRY_SECONDS)


def test_a_delivered_callback_can_be_posted_again(sendgrid, receiver) -> None:
    sendgrid.send(mail("asha@example.com"))
    receiver.deliver()
    (row,) = promised()
    assert callbacks.post_now(row.id)
    receiver.deliver()
    (_, first), (_, second) = receiver.posts
    assert first == second
    assert not callbacks.post_now(row.id + 1)


def test_a_post_stays_under_the_size_that_sendgrid_posts(sendgrid, receiver) -> None:
    sendgrid.send(mail(*(f"p{number}@example.com" for number in range(1000))))
    told = receiver.deliver()
    assert len(told) == 2000
    sizes = [len(body) for _, body in receiver.posts]
    assert len(sizes) > 1
    assert max(sizes) <= 768_100
