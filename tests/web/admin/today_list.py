"""What the tests of alerts share."""

from datetime import timedelta

from ffapp.core.db import db
from ffapp.providers.simulating import store
from tests.zoom_posts import ended, post


def only(found, *parts):
    (sentence,) = found
    for part in parts:
        assert part in sentence
    return sentence


def break_mails(cast, worker, classes):
    store.set_switch("sendgrid", "fault", {"kind": "unauthorised"})
    for number in range(classes):
        cast.schedule(f"Class {number}", hours=30 + 2 * number)
    worker.drain()
    store.set_switch("sendgrid", "fault", None)


def held(cast, client, worker, travel):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    db.session.refresh(session)
    began = session.starts_at
    travel.to(began + timedelta(minutes=60))
    post(client, ended(session.zoom_meeting_id, began, travel.now))
    worker.drain()
    db.session.refresh(session)
    return session
