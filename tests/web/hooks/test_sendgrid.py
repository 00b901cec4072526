"""SendGrid's events: statuses move forward only, dead addresses are not written to again."""

import json
from datetime import timedelta

import pytest

from ffapp.core import clock, config
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect, State
from ffapp.messaging.models import EmailLog, Suppression
from ffapp.people.invite import invite
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.settings import simulated_signing_key
from ffapp.providers.simulating import store
from ffapp.webhooks.models import DeliveryState, WebhookDelivery, WebhookRefusal


def post(client, events, *, key=None, headers=None, at=None):
    raw = events if isinstance(events, bytes) else json.dumps(events).encode()
    timestamp = str(int((at or clock.wall()).timestamp()))
    key = key or simulated_signing_key(config.current().secret_key)
    signed = {wire.SIGNATURE: wire.sign(key, timestamp, raw), wire.TIMESTAMP: timestamp}
    return client.post("/hooks/sendgrid", data=raw, headers=headers or signed, csrf=False)


def said(event, effect, at=0, **more):
    moment = int(clock.now().timestamp()) + at
    about = {"event": event, "email": "asha@students.example", "timestamp": moment}
    return {**about, "effect_id": str(effect.id), "sg_message_id": "M.recvd-1.0", **more}


@pytest.fixture
def effect(cast, worker):
    """A mail to Asha that SendGrid has taken; its own events are not posted."""
    store.set_switch("sendgrid", "webhooks", {"delay_seconds": 86400})
    transaction(invite, cast.asha, cast.admin)
    worker.drain()
    return db.session.scalar(db.select(Effect).filter_by(rule="invitation"))


def log_of(effect):
    db.session.rollback()
    return db.session.scalar(db.select(EmailLog).where(EmailLog.effect_id == effect.id))


def test_a_status_moves_forward_and_never_back(client, effect, worker):
    for kind, expected in (
        ("processed", "processed"),
        ("delivered", "delivered"),
        ("deferred", "delivered"),
        ("processed", "delivered"),
        ("bounce", "bounced"),
        ("delivered", "bounced"),
    ):
        post(client, [said(kind, effect, at=1)])
        worker.drain()
        assert log_of(effect).status == expected


@pytest.mark.parametrize("kind", ["open", "click", "unsubscribe", "group_resubscribe"])
def test_what_says_nothing_about_a_delivery_changes_nothing(client, effect, worker, kind):
    """The recipients are minors: who opened what, and when, is not kept."""
    post(client, [said("delivered", effect)])
    post(client, [said(kind, effect, at=1, url="https://x.example")])
    post(client, [said(kind, effect, at=2), said("processed", effect, at=2)])
    worker.drain()

    assert log_of(effect).status == "delivered"
    states = db.session.scalars(db.select(WebhookDelivery.state).order_by(WebhookDelivery.id))
    assert states.all() == [DeliveryState.DONE, DeliveryState.IGNORED, DeliveryState.DONE]


def test_a_bounced_address_gets_only_account_mail(client, effect, worker, cast, mailbox):
    post(client, [said("bounce", effect, type="bounce", reason="550 no such user")])
    worker.drain()
    assert db.session.scalar(db.select(Suppression)).address == "asha@students.example"

    before = len(mailbox("asha@students.example"))
    cast.schedule(hours=5)
    transaction(invite, cast.asha, cast.admin)
    worker.drain()

    withheld = db.session.scalar(
        db.select(Effect).filter_by(rule="class_scheduled", person_id=cast.asha.id)
    )
    assert withheld.state == State.WITHHELD
    assert "550 no such user" in withheld.reason
    assert len(mailbox("asha@students.example")) == before + 1


def test_a_blocked_mail_does_not_make_the_address_dead(client, effect, worker):
    post(client, [said("bounce", effect, type="blocked", reason="try later")])
    worker.drain()

    assert log_of(effect).status == "blocked"
    assert db.session.scalar(db.select(Suppression)) is None


def test_delivered_before_our_own_outcome_is_written_waits_for_it(client, effect, worker):
    effect.state = State.SENDING
    effect.deadline_at = clock.wall().replace(year=2099)
    db.session.commit()
    post(client, [said("delivered", effect)])
    worker.drain()
    unmatched = db.session.scalar(db.select(WebhookDelivery))
    assert unmatched.state == DeliveryState.UNMATCHED

    _record(effect)
    worker.drain()

    db.session.rollback()
    assert unmatched.state == DeliveryState.DONE
    assert log_of(effect).status == "delivered"


def _record(effect):
    """The outcome that the worker would write now."""
    from ffapp.core.outcomes import Accepted
    from ffapp.ledger.handlers import Prepared, handler_of
    from ffapp.ledger.record_outcome import record_outcome
    from ffapp.messaging.compose import Sheet

    content = {
        "sheet": Sheet("s", "t", "h"),
        "address": "asha@students.example",
        "shown": {},
    }
    prepared = [Prepared(effect.id, effect.attempts, content)]
    transaction(record_outcome, handler_of("email"), prepared, {effect.id: Accepted("M")})


@pytest.mark.parametrize("state", [State.UNCERTAIN, State.PLANNED])
def test_an_event_resolves_a_mail_that_nobody_knew_of(client, effect, worker, state):
    """Also when a person has asked for it again and it waits: a second copy must not go."""
    effect.state, effect.doubtful, effect.reason = state, True, "Nobody knows."
    effect.due_at = clock.now().replace(year=2099)
    db.session.commit()

    post(client, [said("delivered", effect)])
    worker.drain()

    db.session.rollback()
    assert (effect.state, effect.doubtful) == (State.SENT, False)


@pytest.mark.parametrize("effect_id", ["999999", "abc", "٣", "9" * 30, None])
def test_an_event_about_something_unknown_is_kept_and_breaks_nothing(
    client, effect, worker, effect_id
):
    event = said("delivered", effect)
    event["effect_id"] = effect_id
    post(client, [event])
    worker.drain()

    delivery = db.session.scalar(db.select(WebhookDelivery))
    assert delivery.state == DeliveryState.DONE
    assert log_of(effect).status == "handed over"


@pytest.mark.parametrize("body", [b"[]", b"{}", b"not json", b'[1, "x", null]', b'[{"event": 7}]'])
def test_strange_bodies_are_kept_and_answered(client, cast, worker, body):
    assert post(client, body).status_code == 204
    worker.drain()

    assert db.session.scalar(db.select(WebhookDelivery)).state == DeliveryState.IGNORED


def test_a_post_that_sendgrid_did_not_sign_is_refused(client, cast):
    other = simulated_signing_key("another secret of somebody else")

    assert post(client, [], key=other).status_code == 401
    assert post(client, [], headers={"X-Nothing": "1"}).status_code == 401
    assert db.session.scalars(db.select(WebhookRefusal)).all()
    assert db.session.scalar(db.select(WebhookDelivery)) is None


@pytest.mark.parametrize("ago", [timedelta(hours=26), timedelta(days=400), -timedelta(minutes=11)])
def test_a_post_that_was_signed_too_far_from_now_is_refused_and_counted(client, effect, ago):
    for more in (timedelta(0), timedelta(seconds=90)):
        answer = post(client, [said("delivered", effect)], at=clock.wall() - ago + more)
        assert answer.status_code == 401
        assert "too far from now" in answer.json["error"]

    (refusal,) = db.session.scalars(db.select(WebhookRefusal))
    assert (refusal.provider, refusal.count) == ("sendgrid", 2), "counted under one reason"
    assert db.session.scalar(db.select(WebhookDelivery)) is None


@pytest.mark.parametrize("ago", [timedelta(hours=24), -timedelta(minutes=9)])
def test_a_retry_of_the_last_day_and_a_clock_a_little_ahead_are_taken(client, effect, worker, ago):
    answer = post(client, [said("delivered", effect)], at=clock.wall() - ago)
    worker.drain()

    assert answer.status_code == 204
    assert log_of(effect).status == "delivered"


@pytest.mark.parametrize("timestamp", ["", "yesterday", "-1", "٣", "9" * 40])
def test_a_timestamp_that_is_none_is_refused(client, effect, timestamp):
    raw = json.dumps([said("delivered", effect)]).encode()
    key = simulated_signing_key(config.current().secret_key)
    headers = {wire.SIGNATURE: wire.sign(key, timestamp, raw), wire.TIMESTAMP: timestamp}

    assert post(client, raw, headers=headers).status_code == 401


def test_a_mail_whose_worker_died_has_a_log_and_what_sendgrid_says_of_it_counts(
    client, effect, worker, cast, sign_in
):
    """Handed over, and the worker died before it could write anything down."""
    db.session.execute(db.delete(EmailLog))
    db.session.execute(
        db.update(Effect).values(state=State.UNCERTAIN, doubtful=True, provider_ref=None)
    )
    db.session.commit()

    post(client, [said("bounce", effect, at=1, type="bounce", reason="550 nobody here")])
    worker.drain()

    log = log_of(effect)
    assert (log.address, log.status, log.sheet_id) == (cast.asha.email, "bounced", None)
    assert db.session.get(Effect, effect.id).state == "sent"
    sign_in(cast.admin)
    shown = client.get(f"/admin/messages/{effect.id}").text
    assert "As it reads now: how it read when it went was not kept" in shown


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("Bounced Address", "bounced"), ("Spam Reporting Address", "opted_out")],
)
def test_what_is_dropped_because_of_its_address_counts_as_that(
    client, effect, worker, cast, reason, cause
):
    """SendGrid's own list knew it before us: the bounce was of another sender, or was lost."""
    post(client, [said("dropped", effect, at=1, reason=reason)])
    worker.drain()

    (row,) = db.session.scalars(db.select(Suppression))
    assert (row.address, row.cause) == (cast.asha.email, cause)
