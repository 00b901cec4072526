"""A class as a file for the student's own calendar."""

import pytest
from icalendar import Calendar

from ffapp.classes.schedule import cancel
from ffapp.core.db import transaction


@pytest.fixture
def session(travel, cast, client):
    client.sign_in(cast.asha)
    return cast.schedule("Pricing", hours=2)


def test_a_class_can_be_kept_in_ones_own_calendar(client, session):
    answer = client.get(f"/classes/{session.id}.ics")

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    name = f"attachment; filename=class-{session.id}.ics"
    assert answer.headers["Content-Disposition"] == name
    (event,) = Calendar.from_ical(answer.data).events
    assert event.start == session.starts_at


def test_the_card_leads_to_it(client, session):
    card = client.get(f"/classes/{session.id}").text

    assert f'href="/classes/{session.id}.ics"' in card
    assert "Add to calendar" in card


def test_the_file_of_a_cancelled_class_says_so(client, session, cast):
    transaction(cancel, session, "", 1, cast.admin)

    answer = client.get(f"/classes/{session.id}.ics")

    assert Calendar.from_ical(answer.data)["METHOD"] == "CANCEL"


@pytest.mark.parametrize("who", ["tara", "meera"])
def test_the_file_of_a_class_one_has_no_seat_in_is_not_there(client, session, cast, who):
    client.sign_in(getattr(cast, who))

    assert client.get(f"/classes/{session.id}.ics").status_code == 404
