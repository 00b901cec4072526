"""What providers told us, as an admin reads it."""

import json

import pytest
from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.webhooks import inbox
from ffapp.webhooks.models import DeliveryState, WebhookDelivery
from tests.web.admin.looking import hidden
from tests.zoom_posts import post, started


def keep(event="meeting.started", provider="zoom", state=None, **more):
    """A delivery that was kept; in `state`, as its job would have left it."""

    def work():
        body = more.pop("body", {"event": event, "payload": {}})
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        key = more.pop("key", event)
        headers = {"Content-Type": "application/json", "X-Zm-Request-Id": "b3f6"}
        inbox.keep(provider, dedupe_key=key, event=event, headers=headers, body=raw)
        row = db.session.scalars(select(WebhookDelivery).filter_by(dedupe_key=key)).one()
        for name, value in {"state": state or row.state, **more}.items():
            setattr(row, name, value)
        return row

    return transaction(work)


def test_the_list_says_what_came_and_what_became_of_it(client, cast):
    keep(state="unmatched", reason="No class has the Zoom meeting 1.")
    keep(state="unmatched", reason="No class has the Zoom meeting 1.")
    keep("delivered", "sendgrid", "done")

    page = client.get("/admin/webhooks").text

    assert "No class has the Zoom meeting 1." in page
    assert '1<span class="mute"> ×' in page
    assert "SendGrid" in page


def test_the_page_counts_how_often_it_came_again(client, cast):
    row = keep()
    keep()
    keep()

    assert "2 times<" in client.get(f"/admin/webhooks/{row.id}").text


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        ("?state=failed", ["bounced"], ["meeting.started"]),
        ("?provider=zoom", ["meeting.started"], ["bounced"]),
        ("?provider=zoom&state=failed", ["No post fits"], ["bounced", "meeting.started</a>"]),
        ("?q=keyerror", ["bounced"], ["meeting.started"]),
        ("?q=%25", ["No post fits"], ["bounced"]),
        ("?state=odd", ["does not know State “odd”", "bounced"], []),
        ("?page=99", ["bounced"], []),
    ],
)
def test_posts_are_found_by_what_stands_in_the_address(client, cast, query, found, missing):
    keep(state="done")
    keep("bounced", "sendgrid", "failed", reason="It could not be handled (KeyError: 'x').")

    rows = client.get(f"/admin/webhooks{query}").text.split('id="webhooks"')[1]

    for words in found:
        assert words in rows
    for words in missing:
        assert words not in rows


def test_a_post_is_shown_as_it_came_without_its_secrets(client, cast):
    about = {"password": "4xHd9", "phone_number": "+919876543210", "topic": "Über <b>Preise</b>"}
    row = keep(body={"event": "meeting.started", "payload": {"object": about}})

    page = client.get(f"/admin/webhooks/{row.id}").text

    assert "4xHd9" not in page
    assert "+919876543210" not in page
    assert "Über &lt;b&gt;Preise&lt;/b&gt;" in page
    assert "X-Zm-Request-Id" in page


@pytest.mark.parametrize(
    "body", [b"not json", b"\xff\xfe\x00", b"[" * 100_000, b'"' + b"x" * 200_000]
)
def test_whatever_was_posted_can_be_shown(client, cast, body):
    row = keep(body=body)

    page = client.get(f"/admin/webhooks/{row.id}", lint=False)

    assert page.status_code == 200
    assert len(page.text) < 250_000


@pytest.mark.parametrize("state", ["failed", "unmatched", "ignored", "done"])
def test_a_post_is_replayed_once(client, cast, worker, state):
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    post(client, started(session.zoom_meeting_id, clock.now()))
    row = db.session.scalars(select(WebhookDelivery).filter_by(event="meeting.started")).one()
    row.state = state
    db.session.commit()
    url = f"/admin/webhooks/{row.id}"
    before = client.get(url)
    data = {"submission": hidden(before, "submission")}
    assert "Handle again" in before.text

    client.post(f"{url}/replays", data=data)
    client.post(f"{url}/replays", data=data)

    page = client.get(url)
    assert "Received</span>" in page.text
    assert 'hx-trigger="every 2s"' in page.text
    worker.drain()
    page = client.get(url)
    assert page.text.count("had it handled once more") == 1
    assert "every 2s" not in page.text
    db.session.refresh(row)
    assert row.state == DeliveryState.DONE


def test_what_was_not_let_in_is_counted_with_what_to_check(client, cast):
    for _ in range(2):
        assert post(client, {"event": "meeting.started"}, signature="v0=wrong").status_code == 401

    page = client.get("/admin/webhooks").text

    assert "2 posts were not let in" in page
    assert "The signature is not one of ours." in page
    assert "Compare ZOOM_WEBHOOK_SECRET" in page
