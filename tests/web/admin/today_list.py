"""The alerts, as the tests of Today read it and press its buttons."""

import html
import re
from datetime import timedelta

import pytest

from ffapp.core.db import db
from ffapp.providers.simulating import store
from tests.zoom_posts import ended, post

ALERT = re.compile(r'<li class="alert[^"]*">(.*?)</li>', re.S)


@pytest.fixture(autouse=True)
def signed_in(client, cast):
    client.sign_in(cast.admin)


@pytest.fixture
def alerts(client):
    """The sentences of the list, each with what its button posts: address and fields."""

    def read():
        page = client.get("/admin/today").text
        found = {}
        for item in ALERT.findall(page):
            words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", item)).split())
            action = re.search(r'action="([^"]+)"', item)
            fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', item))
            choices = re.findall(r'<button [^>]*name="(\w+)" value="([^"]*)"', item)
            fields |= choices[:1]
            found[words] = (action.group(1) if action else None, fields)
        return found

    return read


@pytest.fixture
def press(client, alerts):
    """Press the only button that there is; it leads back here."""

    def press_it():
        ((action, fields),) = alerts().values()
        answer = client.post(action, data=fields)
        assert (answer.status_code, answer.location) == (303, "/admin/today")

    return press_it


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
