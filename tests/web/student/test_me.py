"""What a student chooses: what is told where, and when it is quiet."""

from datetime import time

import pytest
from sqlalchemy import select

from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.notifications.choices import declined_by
from ffapp.notifications.quiet import hours_of
from tests.browse import flashed
from tests.web.admin.looking import hidden


@pytest.fixture(autouse=True)
def _signed_in(client, cast):
    client.sign_in(cast.asha)


def save(client, **changed):
    said = {
        "time_zone": "Asia/Kolkata",
        "quiet_from": "21:00",
        "quiet_until": "08:00",
        "wanted": ["class_reminders:email", "class_reminders:bell", "recordings:email"],
    }
    return client.post("/me", data=said | changed)


def test_each_kind_has_a_choice_on_each_channel_but_news_of_classes(client):
    page = client.get("/me").text

    assert page.count('name="wanted"') == 6
    assert page.count(">Always<") == 3
    assert page.count(" checked") >= 6


def test_what_is_unticked_is_switched_off_and_nothing_else(client, cast):
    answer = save(client)

    assert "Saved" in flashed(client.get(answer.location))
    assert declined_by(cast.asha) == {
        ("class_reminders", "whatsapp"),
        ("recordings", "whatsapp"),
        ("recordings", "bell"),
    }
    save(client, wanted=["class_reminders:whatsapp", "class_changes:email", "nonsense"])
    assert ("class_reminders", "whatsapp") not in declined_by(cast.asha)


def test_saving_a_tick_chooses_no_time_zone(client, cast):
    page = client.get("/me")
    assert hidden(page, "time_zone") == ""

    save(client, time_zone="")

    assert changes_of(cast.asha) == []


def test_a_time_zone_can_be_chosen_and_removed(client, cast):
    save(client, time_zone="Europe/Berlin")
    assert hidden(client.get("/me"), "time_zone") == "Europe/Berlin"

    save(client, time_zone="Europe/Berlin")
    save(client, time_zone="")

    assert hidden(client.get("/me"), "time_zone") == ""
    assert changes_of(cast.asha) == [[None, "Europe/Berlin"], ["Europe/Berlin", None]]


def changes_of(person):
    mine = select(Event).where(Event.name == "person_changed", Event.subject_id == person.id)
    rows = db.session.scalars(mine.order_by(Event.id))
    return [row.facts["changed"]["time_zone"] for row in rows]


def test_quiet_hours_are_ones_own_and_may_be_none(client, cast):
    save(client, quiet_from="22:15", quiet_until="07:00")
    assert hours_of([cast.asha.id])[cast.asha.id] == (time(22, 15), time(7))

    save(client, quiet_from="00:00", quiet_until="00:00")
    assert hours_of([cast.asha.id])[cast.asha.id] == (time(0), time(0))


def test_a_time_that_is_none_is_said_beside_it_and_the_ticks_stay(client, cast):
    answer = save(client, quiet_from="late", wanted=["recordings:bell"])

    assert answer.status_code == 422
    assert "This is not a time of day" in answer.text
    assert 'value="recordings:bell" checked' in answer.text
    assert 'value="recordings:email" checked' not in answer.text
    assert declined_by(cast.asha) == set()
