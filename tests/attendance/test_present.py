"""Who was present: half of the class or twenty minutes, whichever is less; the educator sets it."""

import pytest

from ffapp.attendance.attendance import attendance_of
from ffapp.core import config
from ffapp.core.db import db
from tests.attending import attend, begin, deliver, minute, over


@pytest.fixture
def status(cast, worker, travel):
    """Hold a class for so many minutes of its hour; Asha is in it from one minute to another."""

    def hold(start, end, held=60):
        session = cast.schedule(hours=1)
        worker.drain()
        begin(session, travel)
        attend(session, cast.asha, start, end)
        travel.to(minute(session, held))
        deliver(over(session, held))
        db.session.refresh(session)
        found = attendance_of(session, travel.now)[cast.asha.id]
        return str(found.status), found.is_present

    return hold


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 20, ("present", True)),
        (0, 19.5, ("left early", False)),
        (0, 5, ("left early", False)),
        (0, 1, ("briefly", False)),
        (30, 50, ("late", True)),
        (50, 60, ("briefly", False)),
    ],
)
def test_of_a_class_of_an_hour_twenty_minutes_are_needed(status, start, end, expected):
    assert status(start, end) == expected


@pytest.mark.parametrize(("end", "expected"), [(8, ("present", True)), (7, ("left early", False))])
def test_of_a_short_one_half_of_what_was_held(status, end, expected):
    assert status(0, end, held=16) == expected


@pytest.mark.parametrize(
    ("end", "held", "is_present"), [(44, 60, False), (45, 60, True), (29, 40, False)]
)
def test_the_educator_sets_both(status, settings, end, held, is_present):
    config.use(settings.changed(present_percent=75, present_minutes=45))

    assert status(0, end, held)[1] is is_present


def test_they_stand_on_the_settings_page(client, cast):
    client.sign_in(cast.admin)

    page = client.get("/admin/settings").text

    assert 'name="present_percent"' in page
    assert 'name="present_minutes"' in page
