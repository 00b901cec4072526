"""The webhook route, as AiSensy and as others post to it."""

import json

import pytest

from ffapp.core import config
from ffapp.core.db import db
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.webhooks.models import WebhookDelivery, WebhookRefusal

ID = "11111111-2222-4333-8444-555555555555"


def post(client, body, **headers):
    """Post a body as AiSensy would; `signature` and `project` take the place of the right ones."""
    known = AiSensySettings.current()
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    given = {
        wire.SIGNATURE: headers.get("signature", wire.signature(known.webhook_secret, raw)),
        wire.PROJECT_ID: headers.get("project", known.project_id),
        wire.API_VERSION: "v1",
    }
    return client.post(
        "/hooks/aisensy",
        data=raw,
        headers={name: value for name, value in given.items() if value},
        content_type="application/json",
        csrf=False,
    )


def status(word="DELIVERED", event_id="evt-1", **message):
    about = {"status": word, "submitted_message_id": ID, "phone_number": "910000000001", **message}
    topic = "message.status.updated"
    return {"id": event_id, "topic": topic, "delivery_attempt": 1, "data": {"message": about}}


def kept():
    return db.session.scalars(
        db.select(WebhookDelivery).filter_by(provider="aisensy").order_by(WebhookDelivery.id)
    ).all()


def refused():
    return db.session.scalars(db.select(WebhookRefusal).filter_by(provider="aisensy")).all()


def test_a_signed_post_is_kept_as_it_came(client, cast):
    body = status(userName="आशा 🎓")

    assert post(client, body).status_code == 204

    (delivery,) = kept()
    assert json.loads(delivery.body) == body
    assert (delivery.dedupe_key, delivery.event) == ("evt-1", "message.status.updated delivered")
    assert delivery.headers["X-Aisensy-Api-Version"] == "v1"
    assert not any("signature" in name.lower() for name in delivery.headers)


def test_both_tries_of_one_event_are_kept_once(client, cast):
    for attempt in (1, 2, 2):
        assert post(client, {**status(), "delivery_attempt": attempt}).status_code == 204

    (delivery,) = kept()
    assert delivery.duplicates == 2
    assert json.loads(delivery.body)["delivery_attempt"] == 1


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"signature": "0" * 64}, "does not cover this body"),
        ({"signature": ""}, "X-AiSensy-Signature is missing"),
        ({"project": ""}, "X-AiSensy-Project-Id is missing"),
        ({"project": "650000000000000000000009"}, "another project"),
    ],
)
def test_a_post_that_is_not_ours_is_refused_and_counted(client, cast, headers, reason):
    for _ in range(2):
        answer = post(client, status(), **headers)

    assert answer.status_code == 401
    assert reason in answer.json["error"]
    (refusal,) = refused()
    assert refusal.count == 2
    assert not kept()


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"id": "evt-9", "topic": "contact.danced", "data": {}}, "contact.danced unknown"),
        ({"id": "evt-9", "topic": "order.placed"}, "order.placed unknown"),
        ({"id": "evt-9", "topic": 7, "data": [1]}, "7 unknown"),
        (b"[]", "unknown"),
        (b"\xff not json", "unknown"),
    ],
)
def test_what_is_not_understood_is_kept(client, cast, body, event):
    assert post(client, body).status_code == 204

    (delivery,) = kept()
    assert delivery.event == event


def test_the_door_never_says_gone(client, cast):
    """A 410 would disable the webhook for ever."""
    odd = [(b"", {}), (b"x" * 3_000_000, {}), (status(), {"signature": "x"}), (b"{", {})]

    statuses = {post(client, body, **headers).status_code for body, headers in odd}

    assert 410 not in statuses


def test_without_a_secret_no_post_is_let_in(client, cast, settings):

    closed = settings.providers["aisensy"].changed(webhook_secret="", project_id="")
    config.use(settings.with_provider(closed))

    answer = post(client, status(), project="anything")

    assert answer.status_code == 401
    assert "AISENSY_WEBHOOK_SECRET is not set" in answer.json["error"]
    assert not kept()


@pytest.mark.parametrize(
    ("headers", "advice"),
    [
        ({"signature": "0" * 64}, "Compare AISENSY_WEBHOOK_SECRET"),
        ({"project": "650000000000000000000009"}, "Compare AISENSY_PROJECT_ID"),
    ],
)
def test_the_admin_is_told_what_to_compare(client, cast, headers, advice):
    post(client, status(), **headers)
    client.sign_in(cast.admin)

    page = client.get("/admin/webhooks").text

    assert advice in page
    assert "<b>AiSensy</b>" in page


def test_the_admin_sees_no_whole_phone_number(client, cast):
    post(client, status())
    client.sign_in(cast.admin)

    page = client.get(f"/admin/webhooks/{kept()[0].id}").text

    assert "910000000001" not in page
    assert "•••01" in page
