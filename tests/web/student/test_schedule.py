"""The student's schedule: what is near stands there as a card, the rest as a list."""

import re
from datetime import timedelta

import pytest

from tests.attending import attend, begin, deliver, minute, over
from tests.ledger.pupils import enrolled
from tests.zoom_posts import ended, post, started


@pytest.fixture
def session(cast, worker, travel, client):
    """A class two hours from now; Asha is signed in."""
    session = cast.schedule(hours=2)
    worker.drain()
    client.sign_in(cast.asha)
    return session


@pytest.fixture
def schedule(client):
    """The page: the state of each card by its id, and its whole HTML."""

    def read(query=""):
        html = client.get(f"/schedule{query}").text
        cards = re.findall(r'<section class="join [^>]*id="([^"]+)"[^>]*data-state="(\w+)"', html)
        return dict(cards), html

    return read


def join_link(html, session):
    """The button's words, or None where there is no button."""
    found = re.search(rf'<a[^>]*href="/classes/{session.id}/join"[^>]*>(.*?)</a>', html, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found.group(1)).split()) if found else None


def test_a_class_in_two_hours_is_a_row_without_a_button(schedule, session):
    cards, html = schedule()

    assert cards == {}
    assert f'href="/classes/{session.id}"' in html
    assert join_link(html, session) is None


def test_within_the_hour_it_is_a_card_that_says_when_the_button_comes(schedule, session, travel):
    travel.forward(minutes=61)

    cards, html = schedule()

    assert cards == {f"class-{session.id}": "waiting"}
    assert "The Join button appears here 15 minutes before the start, at" in html
    assert f'hx-get="/classes/{session.id}/card?' in html, "it asks by itself"
    assert join_link(html, session) is None


def test_when_it_opens_the_card_has_its_button_and_its_codes(schedule, session, travel):
    travel.forward(minutes=105)

    cards, html = schedule()

    assert cards == {f"class-{session.id}": "open"}
    assert "You can join now." in html
    assert join_link(html, session) == "Join Meeting"
    assert f'data-copy="{session.zoom_passcode}"' in html


def test_two_classes_at_once_are_two_cards(schedule, session, cast, worker, travel):
    other = cast.schedule("Selling", hours=2, host="other@futurefounders.example")
    worker.drain()
    travel.forward(minutes=110)

    cards, html = schedule()

    assert cards == {f"class-{each.id}": "open" for each in (session, other)}
    assert [join_link(html, each) for each in (session, other)] == ["Join Meeting"] * 2


def test_what_is_over_stands_among_the_past_without_a_card(schedule, session, travel):
    travel.forward(hours=4)

    coming, html = schedule()
    past, past_html = schedule("?past=1")

    assert (coming, past) == ({}, {})
    assert f'href="/classes/{session.id}"' not in html
    assert f'href="/classes/{session.id}"' in past_html


def test_a_class_that_began_early_is_past_when_it_is_over_and_not_before_its_start(
    client, worker, travel, schedule, session
):
    began = session.starts_at - timedelta(minutes=10)
    row = f'href="/classes/{session.id}"'
    for minutes, uuid, is_past in ((-5, "earlyQ==", False), (25, "classQ==", True)):
        travel.to(session.starts_at + timedelta(minutes=minutes))
        post(client, started(session.zoom_meeting_id, began, uuid))
        post(client, ended(session.zoom_meeting_id, began, travel.now, uuid))
        worker.drain()

        assert (row in schedule("?past=1")[1]) is is_past


def test_among_the_past_each_student_reads_how_long_they_were_there(client, cast, worker, travel):
    session = cast.schedule(hours=1)
    worker.drain()
    begin(session, travel)
    attend(session, cast.asha, 0, 52)
    attend(session, cast.ravi, 12, 60)
    travel.to(minute(session, 60))
    deliver(over(session))

    read = {}
    for person in (cast.asha, cast.ravi, cast.kabir):
        client.sign_in(person)
        read[person.id] = client.get("/schedule?past=1").text

    assert "You were there for 52 min" in read[cast.asha.id]
    assert "You were there for 48 min, 12 min late" in read[cast.ravi.id]
    assert "We did not see you in this class" in read[cast.kabir.id]


def test_a_class_that_was_held_before_one_had_a_seat_says_nothing_of_one(
    client, cast, worker, travel
):
    session = cast.schedule(hours=1)
    worker.drain()
    begin(session, travel)
    attend(session, cast.asha, 0, 52)
    travel.to(minute(session, 61))
    deliver(over(session))
    travel.forward(hours=1)
    client.sign_in(enrolled(cast, "late"))

    page = client.get("/schedule?past=1").text

    assert session.title in page
    assert "We did not see you" not in page


def test_a_class_that_nobody_counted_says_nothing_of_anybody(client, cast, worker, travel):
    session = cast.schedule(hours=1)
    worker.drain()
    travel.to(minute(session, 120))
    client.sign_in(cast.asha)

    page = client.get("/schedule?past=1").text

    assert session.title in page
    assert "We did not see you" not in page
