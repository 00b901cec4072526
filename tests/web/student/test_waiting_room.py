"""A crowd that waits for one class: answered from memory, and as right as one who waits alone."""

import os
import re

import pytest

from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.people.sessions import sign_out_everywhere
from ffapp.programme.enrol import enrolment_of, withdraw
from ffapp.web.student import waiting_room
from ffapp.web.student.join_card import ask_again_seconds
from ffapp.web.student.waiting_room import CROWD
from tests.zoom_posts import post, started

DRAWN_AT = re.compile(r'data-server-now="\d+"')


@pytest.fixture
def session(cast, worker):
    """A class that begins in ten minutes."""
    session = cast.schedule(hours=1 / 6)
    worker.drain()
    db.session.refresh(session)
    return session


@pytest.fixture(autouse=True)
def kept_for(app, monkeypatch):
    """The middleware's clock stands still, however slow the machine is; call it to move it on."""
    _middleware(app)._rooms.clear()  # of other tests, by the clock on the wall
    now = [1000.0]
    monkeypatch.setattr(waiting_room, "monotonic", lambda: now[0])

    def move(seconds):
        now[0] += seconds

    return move


@pytest.fixture
def url(session):
    return f"/classes/{session.id}/card"


@pytest.fixture
def browser(app, settings, clean):
    """A browser of somebody's own."""

    def of(person):
        browser = app.test_client()
        if person is not None:
            browser.sign_in(person)
        return browser

    return of


@pytest.fixture
def crowd(browser, cast, url):
    """Let many ask within a second; answers the last answer."""
    ravi = browser(cast.ravi)

    def ask():
        for _ in range(CROWD):
            answer = ravi.get(url, lint=False)
        return answer

    return ask


def drawn(answer):
    return DRAWN_AT.sub("", answer.text)


def version(answer):
    return re.search(r"seen=(\w+)", answer.text).group(1)


def test_the_card_of_a_crowd_is_that_of_one_who_waits_alone(browser, cast, url, crowd, queries):
    asha = browser(cast.asha)
    alone = asha.get(url)
    crowd()
    ravis = crowd()

    with queries() as asked:
        answers = [asha.get(url) for _ in range(20)]

    assert asked == []
    assert {drawn(each) for each in [ravis, *answers]} == {drawn(alone)}
    assert "Join Meeting" in alone.text
    kept = dict(answers[-1].headers)
    assert "Set-Cookie" not in kept
    assert "Set-Cookie" in alone.headers, "a session is renewed by each long way"
    assert kept["Content-Security-Policy"] == alone.headers["Content-Security-Policy"]
    assert kept["Cache-Control"] == "no-store"


@pytest.mark.parametrize("crowded", [False, True])
def test_who_has_the_card_already_gets_nothing(browser, cast, url, crowd, crowded):
    asha = browser(cast.asha)
    seen = version(asha.get(url))
    if crowded:
        crowd()
        crowd()

    again = asha.get(url, query_string={"seen": seen})
    older = asha.get(url, query_string={"seen": "0badcafe"})

    assert (again.status_code, again.data) == (204, b"")
    assert again.headers["Cache-Control"] == "no-store"
    assert (older.status_code, version(older)) == (200, seen)


def test_each_sees_the_card_of_their_kind(browser, cast, url, session, crowd, client, worker):
    """Who has joined before may rejoin; who lives elsewhere reads their own time as well."""
    cast.asha.time_zone = "Europe/London"
    db.session.commit()
    post(client, started(session.zoom_meeting_id, session.starts_at))
    worker.drain()
    tara, asha = browser(cast.tara), browser(cast.asha)
    browser(cast.ravi).get(f"/classes/{session.id}/join")
    crowd()

    ravis, ashas = crowd(), [asha.get(url) for _ in range(2)]

    assert "Rejoin" in ravis.text
    assert "for you" not in ravis.text
    for each in ashas:
        assert "Rejoin" not in each.text
        assert "for you" in each.text
    assert tara.get(url).status_code == 404


def test_what_changes_is_seen_within_a_second(
    browser, cast, url, session, crowd, client, worker, kept_for
):
    asha = browser(cast.asha)
    crowd()
    seen = version(asha.get(url))

    post(client, started(session.zoom_meeting_id, session.starts_at))
    worker.drain()

    kept_for(waiting_room.FRESH_SECONDS)
    crowd()
    crowd()
    answer = asha.get(url, query_string={"seen": seen})
    assert 'data-state="live"' in answer.text


def test_who_may_no_longer_see_it_does_not_within_a_second(browser, cast, url, crowd, kept_for):
    asha, kabir = browser(cast.asha), browser(cast.kabir)
    crowd()
    assert asha.get(url).status_code == kabir.get(url).status_code == 200

    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    transaction(sign_out_everywhere, cast.kabir.user, cast.kabir)

    kept_for(waiting_room.FRESH_SECONDS)
    crowd()
    crowd()
    assert asha.get(url).status_code == 404
    assert kabir.get(url).headers["Location"].startswith("/sign-in")


def test_nobody_else_is_let_in_by_a_crowd(browser, cast, url, crowd):
    crowd()
    crowd()

    assert browser(None).get(url).headers["Location"].startswith("/sign-in")
    assert browser(cast.admin).get(url).status_code == 403
    assert browser(cast.meera).get(url).status_code == 404
    forged = browser(cast.asha)
    forged.set_cookie("ffapp", forged.get_cookie("ffapp").value[:-4] + "AAAA")
    assert forged.get(url).headers["Location"].startswith("/sign-in")


def test_who_joins_a_moment_before_shows_nobody_else_their_own_card(
    browser, cast, url, session, crowd, client, worker, kept_for
):
    post(client, started(session.zoom_meeting_id, session.starts_at))
    worker.drain()
    ravi, asha = browser(cast.ravi), browser(cast.asha)
    crowd()
    kept_for(waiting_room.FRESH_SECONDS)
    crowd()
    crowd()
    room = next(each for each in reversed(_rooms(asha)) if each.members)
    room.cards.clear()  # as when the room was filled just now
    room.fill(dict(room.members), waiting_room.monotonic())

    ravi.get(f"/classes/{session.id}/join")
    first = ravi.get(url)

    assert "Rejoin" in first.text
    assert "Rejoin" not in asha.get(url).text


def test_numbers_that_somebody_makes_up_are_not_remembered(browser, cast):
    asha = browser(cast.asha)

    for number in range(waiting_room.ROOMS + 50):
        asha.get(f"/classes/{10**9 + number}/card", lint=False)
        if number == waiting_room.ROOMS - 1:
            _grow_old(asha)

    assert len(_rooms(asha)) <= 50


def _rooms(browser):
    return list(_middleware(browser.application)._rooms.values())


def _middleware(app):
    inner = app.wsgi_app
    while not isinstance(inner, waiting_room.WaitingRoom):
        inner = getattr(inner, "application", None) or inner.app
    return inner


def _grow_old(browser):
    for room in _rooms(browser):
        room._second -= 10


@pytest.mark.parametrize(("load", "seconds"), [(1, 3.5), (2, 7), (3, 7), (9, 14)])
def test_a_crowd_asks_later_while_the_machine_is_overloaded(session, monkeypatch, load, seconds):
    monkeypatch.setattr("os.getloadavg", lambda: (load * os.cpu_count(), 0, 0))
    session.cohort.seats = 10_000
    assert ask_again_seconds(session, Phase.LIVE, clock.now()) == seconds

    session.cohort.seats = 20
    assert ask_again_seconds(session, Phase.LIVE, clock.now()) == 2, "few are always served"
