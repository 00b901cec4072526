"""The bell in the shells, and its page."""

import pytest
from sqlalchemy import select

from ffapp.core.db import db
from ffapp.notifications.models import Notification


@pytest.fixture
def session(cast, worker, client):
    session = cast.schedule("Pricing", hours=30)
    worker.drain()
    client.sign_in(cast.asha)
    return session


def first_line(person):
    mine = select(Notification).filter_by(person_id=person.id)
    return db.session.scalars(mine.order_by(Notification.id.desc())).first()


def test_the_bell_counts_what_was_not_read(client, session):
    page = client.get("/home").text

    assert "Notifications, 2 not read" in page, "the welcome and the class"


def test_following_a_line_reads_it_and_leads_to_the_class(client, cast, session):
    line = first_line(cast.asha)
    page = client.get("/notifications").text
    assert "Pricing is on " in page
    assert f'href="/notifications/{line.id}"' in page

    answer = client.get(f"/notifications/{line.id}")

    assert answer.location == f"/classes/{session.id}"
    assert "Notifications, 1 not read" in client.get("/home").text
    assert "1 not read yet" in client.get("/notifications").text


def test_all_can_be_read_at_once(client, session):
    client.post("/notifications/readings")

    assert "Mark all as read" not in client.get("/notifications").text


def test_the_lines_of_others_are_not_there(client, cast, session):
    assert client.get(f"/notifications/{first_line(cast.ravi).id}").status_code == 404


def test_an_admin_has_a_bell_of_their_own(client, cast, session):
    client.sign_in(cast.admin)

    page = client.get("/admin/notifications").text

    assert "Nothing yet" in page
    assert client.get("/notifications").status_code == 403
