"""The Join button opens as long before the start as the setting JOIN_OPENS_MINUTES says."""

import re
from datetime import timedelta

import pytest

from ffapp.core import clock, config
from ffapp.meetings.personal_links import link_of


@pytest.fixture
def opens(settings):
    """Run with another JOIN_OPENS_MINUTES."""

    def use(minutes):
        config.use(settings.changed(join_opens_minutes=minutes))

    return use


@pytest.fixture
def session(cast, worker, travel, client):
    session = cast.schedule(hours=1.25)
    worker.drain()
    client.sign_in(cast.asha)
    return session


@pytest.fixture
def card(client, session):
    def read():
        html = client.get(f"/classes/{session.id}/card").text
        text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
        return re.search(r'data-state="(\w+)"', html).group(1), text, "/join" in html

    return read


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
    state, text, button = card()
    assert (state, button) == ("waiting", False)
    said = f"The Join button appears here {words}, at {clock.spell_time(at, 'Asia/Kolkata')}."
    assert said in text
    assert client.get(f"/classes/{session.id}/join").status_code == 409

    travel.to(at)
    state, _, button = card()
    assert (state, button) == ("open" if minutes else "live_not_started", True)
    assert client.get(f"/classes/{session.id}/join").location == link_of(session, cast.asha)


def test_a_class_that_is_open_long_before_its_start_is_a_card_on_the_schedule(
    client, session, opens
):
    opens(60)
    assert f'href="/classes/{session.id}/join"' not in client.get("/schedule").text

    opens(90)

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
