"""The join card and the one click: what a student sees at each moment of a class."""

import re
from datetime import timedelta

import pytest

from ffapp.classes.models import Join
from ffapp.classes.schedule import cancel
from ffapp.core import clock, config
from ffapp.core.db import db, transaction
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.personal_links import link_of
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from tests.zoom_posts import ended, post, recorded, started


@pytest.fixture
def session(cast, worker, travel, client):
    """A class two hours from now; Asha is signed in."""
    session = cast.schedule(hours=2)
    worker.drain()
    db.session.refresh(session)
    client.sign_in(cast.asha)
    return session


@pytest.fixture
def card(client, session):
    """The card as the page asks for it now: its state, its text, and when it will ask again."""

    def read():
        html = client.get(f"/classes/{session.id}/card").text
        text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
        state = re.search(r'data-state="(\w+)"', html).group(1)
        every = re.search(r'hx-trigger="every (\d+)s', html)
        return state, text, int(every.group(1)), "/join" in html

    return read


def test_before_it_opens_the_card_says_when_the_button_comes(card, session):
    state, text, every, button = card()

    assert (state, button) == ("waiting", False)
    assert "Starts in 2 h" in text
    opens = clock.spell_time(session.starts_at - timedelta(minutes=15), "Asia/Kolkata")
    assert f"15 minutes before the start, at {opens}" in text
    assert every <= 300


def test_a_minute_before_it_opens_the_page_asks_every_few_seconds(card, session, travel):
    travel.to(session.starts_at - timedelta(minutes=15, seconds=30))

    assert card()[2] <= 5


def test_fifteen_minutes_before_the_button_opens(card, session, travel):
    travel.to(session.starts_at - timedelta(minutes=15))

    state, text, every, button = card()

    assert (state, button) == ("open", True)
    assert "You can join now" in text
    assert session.zoom_passcode in text
    assert every <= 5


def test_meeting_id_and_passcode_are_copied_as_zoom_wants_them(client, session, travel):
    travel.to(session.starts_at - timedelta(minutes=15))

    html = client.get(f"/classes/{session.id}/card").text

    copied = re.findall(r'<button[^>]*data-copy="([^"]*)"[^>]*>.*?</button>', html, re.S)
    digits = str(session.zoom_meeting_id)
    assert copied == [digits, session.zoom_passcode]
    assert f"{digits[:3]} {digits[3:7]} {digits[7:]}" in html, "people read it in groups"


def test_a_cancelled_class_has_no_codes_to_copy(client, session, cast):
    transaction(cancel, session, "", 1, cast.admin)

    assert "data-copy" not in client.get(f"/classes/{session.id}/card").text


def test_when_the_host_is_late_the_card_says_so_and_keeps_the_button(card, session, travel):
    travel.to(session.starts_at + timedelta(minutes=3))

    state, text, _, button = card()

    assert (state, button) == ("live_not_started", True)
    assert "The host has not started yet" in text


def test_live_when_zoom_says_so_and_rejoin_after_a_drop(
    client, card, session, travel, worker, cast
):
    travel.to(session.starts_at)
    post(client, started(session.zoom_meeting_id, travel.now))
    worker.drain()
    travel.forward(minutes=12)

    state, text, _, button = card()
    assert (state, button) == ("live", True)
    assert "Live now, 12 min in" in text
    assert "Join Meeting" in text

    client.get(f"/classes/{session.id}/join")
    state, text, _, button = card()
    assert (state, button) == ("dropped", True)
    assert "Rejoin" in text
    assert "The class is live. You can rejoin." in text, "for who hears the page"


def test_an_overrunning_class_keeps_its_button_and_an_ended_one_loses_it(
    client, card, session, travel, worker
):
    began = session.starts_at
    travel.to(began)
    post(client, started(session.zoom_meeting_id, began))
    worker.drain()

    travel.to(session.ends_at + timedelta(minutes=40))
    assert card()[::3] == ("live", True)

    post(client, ended(session.zoom_meeting_id, began, travel.now))
    worker.drain()
    state, text, every, button = card()
    assert (state, button) == ("ended", False)
    ready = clock.spell_time(travel.now + timedelta(minutes=90), "Asia/Kolkata")
    assert f"The recording is usually ready by {ready}" in text
    assert every <= 5, "it may be started again"


def test_a_rehearsal_of_the_host_is_not_the_class(
    client, card, session, travel, worker, mailbox, cast
):
    began = travel.now
    until = began + timedelta(minutes=20)
    travel.to(until)
    post(client, ended(session.zoom_meeting_id, began, until))
    post(client, recorded(session.zoom_meeting_id, began, until))
    worker.drain()

    assert card()[0] == "waiting"
    assert "Pricing" not in client.get("/recordings").text
    assert not [m for m in mailbox(cast.asha.email) if "Recording" in m["subject"]]


def test_the_recording_takes_the_place_of_the_button(client, card, session, travel, worker):
    began = session.starts_at
    travel.to(session.ends_at)
    post(client, ended(session.zoom_meeting_id, began, travel.now))
    post(client, recorded(session.zoom_meeting_id, began, travel.now))
    worker.drain()

    state, text, _, _ = card()
    assert state == "recording_ready"
    assert "Watch recording" in text


def test_a_cancelled_class_says_why(card, session, cast):
    transaction(cancel, session, "The teacher is ill", 1, cast.admin)

    state, text, _, button = card()

    assert (state, button) == ("cancelled", False)
    assert "Cancelled: The teacher is ill" in text


def test_without_a_meeting_the_card_says_why_there_is_no_button(card, session, travel):
    session.zoom_join_url = None
    db.session.commit()
    travel.to(session.starts_at)

    state, text, _, button = card()

    assert (state, button) == ("not_ready", False)
    assert "Zoom has not given us the link" in text


def test_one_click_writes_down_the_join_and_goes_to_zoom(client, session, travel, cast):
    travel.to(session.starts_at)

    answer = client.get(f"/classes/{session.id}/join")

    assert (answer.status_code, answer.location) == (302, link_of(session, cast.asha))
    (join,) = db.session.scalars(db.select(Join))
    assert (join.person_id, join.session_id) == (cast.asha.id, session.id)


def test_each_student_goes_by_a_link_of_their_own_and_by_the_common_one_until_there_is_one(
    client, session, travel, cast
):
    travel.to(session.starts_at)
    ways = {}
    for person in (cast.asha, cast.ravi, cast.kabir):
        client.sign_in(person)
        ways[person.id] = client.get(f"/classes/{session.id}/join").location
    assert len(set(ways.values())) == 3
    assert all("/w/" in way and "tk=" in way for way in ways.values())

    db.session.execute(db.delete(PersonalLink))
    db.session.commit()
    assert client.get(f"/classes/{session.id}/join").location == session.zoom_join_url


def test_a_click_too_early_is_answered_with_the_card_and_not_written_down(client, session):
    answer = client.get(f"/classes/{session.id}/join")

    assert answer.status_code == 409
    assert "Join button appears here" in answer.text
    assert not db.session.scalars(db.select(Join)).all()


@pytest.mark.parametrize("who", ["tara", "meera"])
@pytest.mark.parametrize("page", ["", "/card", "/join", "/cannot-join"])
def test_a_class_one_is_not_enrolled_in_is_not_there(client, session, cast, travel, who, page):
    travel.to(session.starts_at)
    client.sign_in(getattr(cast, who))

    assert client.get(f"/classes/{session.id}{page}").status_code == 404
    assert "Pricing" not in client.get("/home").text + client.get("/schedule").text


def test_a_withdrawn_student_finds_nothing_and_a_returned_one_everything(
    client, session, travel, worker, cast
):
    began = session.starts_at
    travel.to(session.ends_at)
    post(client, ended(session.zoom_meeting_id, began, travel.now))
    post(client, recorded(session.zoom_meeting_id, began, travel.now))
    worker.drain()
    video = next(each for each in session.recordings if each.is_video)
    pages = (
        f"/classes/{session.id}",
        f"/recordings/classes/{session.id}",
        f"/recordings/{video.id}/play",
    )

    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    assert {client.get(page).status_code for page in pages} == {404}

    transaction(enrol, cast.cohort, cast.asha, cast.admin)
    assert {client.get(page).status_code for page in pages} == {200, 302}


def test_times_are_also_shown_in_the_students_own_zone(client, session, cast):
    cast.asha.time_zone = "Asia/Dubai"
    db.session.commit()

    text = client.get("/home").text

    assert "IST" in text
    assert "Dubai time for you" in text


# ── opening as long before as JOIN_OPENS_MINUTES says ──


@pytest.fixture
def opens(settings):
    """Run with another JOIN_OPENS_MINUTES."""

    def use(minutes):
        config.use(settings.changed(join_opens_minutes=minutes))

    return use


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "at the start"),
        (1, "1 minute before the start"),
        (5, "5 minutes before the start"),
        (30, "30 minutes before the start"),
    ],
)
def test_the_button_opens_at_the_minute_of_the_setting(
    client, card, cast, session, travel, opens, minutes, words
):
    opens(minutes)
    at = session.starts_at - timedelta(minutes=minutes)

    travel.to(at - timedelta(seconds=1))
    state, text, _, button = card()
    assert (state, button) == ("waiting", False)
    said = f"The Join button appears here {words}, at {clock.spell_time(at, 'Asia/Kolkata')}."
    assert said in text
    assert client.get(f"/classes/{session.id}/join").status_code == 409

    travel.to(at)
    state, _, _, button = card()
    assert (state, button) == ("open" if minutes else "live_not_started", True)
    assert client.get(f"/classes/{session.id}/join").location == link_of(session, cast.asha)


def test_a_class_that_is_open_long_before_its_start_is_a_card_on_the_schedule(
    client, session, opens
):
    opens(90)
    assert f'href="/classes/{session.id}/join"' not in client.get("/schedule").text

    opens(120)

    for page in ("/schedule", "/home"):
        assert f'href="/classes/{session.id}/join"' in client.get(page).text, page


@pytest.mark.parametrize(
    ("minutes", "says"),
    [
        (0, "The Join button opens at the start, here:\nhttp"),
        (5, "The Join button opens 5 minutes before the start, here:\nhttp"),
        (15, "You can join now:\nhttp"),
        (30, "You can join now:\nhttp"),
    ],
)
def test_the_reminder_says_you_can_join_only_when_one_can(
    session, cast, travel, worker, mailbox, opens, minutes, says
):
    opens(minutes)

    travel.to(session.starts_at - timedelta(minutes=15))
    worker.drain()

    (mail,) = [m for m in mailbox(cast.asha.email) if m["subject"].startswith("In 15 minutes")]
    assert says in mail["text"]
    assert ("The Join button opens" in mail["html"]) is (minutes < 15)
