"""The private calendar over HTTP: no sign-in, no logs, no stale answers."""

import re

import pytest
from icalendar import Calendar

from ffapp.classes import calendar_feed as feeds
from ffapp.core.db import db, transaction
from ffapp.people.sessions import sign_out_everywhere
from ffapp.programme.enrol import enrolment_of, withdraw


@pytest.fixture
def path(travel, cast):
    cast.schedule("Pricing", hours=2)
    return f"/calendar/{transaction(feeds.make_link, cast.asha)}.ics"


def titles(answer):
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.data).events]


def test_the_calendar_is_read_without_signing_in(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers
    assert titles(answer) == ["Pricing"]


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_what_has_not_changed_is_not_sent_again(client, cast, path, travel, header):
    asks = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    known = {asks[header]: client.get(path).headers[header]}
    travel.forward(hours=1)

    again = client.get(path, headers=known)
    assert (again.status_code, again.data) == (304, b"")

    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    changed = client.get(path, headers=known)
    assert (changed.status_code, titles(changed)) == (200, [])


def test_an_old_link_and_a_made_up_one_are_not_there(client, cast, path):
    transaction(feeds.make_link, cast.asha)

    for old in (path, "/calendar/x.ics", "/calendar/" + "A" * 5000 + ".ics", "/calendar/%00.ics"):
        assert client.get(old).status_code == 404


def test_who_signs_out_everywhere_ends_it(client, cast, path, worker):
    transaction(sign_out_everywhere, cast.asha.user, cast.asha)
    worker.drain()

    assert client.get(path).status_code == 404


def test_the_link_does_not_stand_in_the_log(client, path, capfd):
    client.get(path)
    client.get("/calendar/no-such-token.ics")

    written = "".join(capfd.readouterr())
    assert "/calendar/<token>.ics" in written
    assert path.split("/")[-1].removesuffix(".ics") not in written
    assert "no-such-token" not in written


@pytest.fixture
def me(client, travel, cast):
    client.sign_in(cast.asha)
    cast.schedule("Pricing", hours=2)


def link_on(page):
    found = re.search(r'data-copy="http://localhost(/calendar/[\w-]+\.ics)"', page.text)
    return found and found.group(1)


def test_a_student_makes_a_link_copies_it_and_follows_it(client, me):
    assert "Make a calendar link" in client.get("/me").text

    answer = client.post("/me/calendar-link")

    assert (answer.status_code, answer.location) == (303, "/me#calendar")
    page = client.get("/me")
    path = link_on(page)
    assert titles(client.get(path)) == ["Pricing"]
    assert f'href="webcal://localhost{path}"' in page.text
    assert "paste the link" in page.text


def test_switched_off_the_page_offers_to_make_one(client, me):
    client.post("/me/calendar-link")
    path = link_on(client.get("/me"))

    client.post("/me/calendar-link/end")

    assert client.get(path).status_code == 404
    assert "Make a calendar link" in client.get("/me").text


def test_another_browser_sees_that_there_is_a_link_and_not_which(app, client, cast, me):
    client.post("/me/calendar-link")
    path = link_on(client.get("/me"))
    with client.session_transaction() as session:
        assert path.split("/")[-1].removesuffix(".ics") not in str(dict(session))

    elsewhere = app.test_client()
    elsewhere.sign_in(cast.asha)
    page = elsewhere.get("/me")

    assert link_on(page) is None
    assert "follows a private link" in page.text
    assert "Make a new link" in page.text


def test_a_link_that_was_replaced_elsewhere_is_not_shown_any_more(client, cast, me):
    client.post("/me/calendar-link")
    transaction(feeds.make_link, db.session.merge(cast.asha))

    assert link_on(client.get("/me")) is None
