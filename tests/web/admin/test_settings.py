"""The Settings page: what the educator decides takes effect everywhere, and is audited."""

import pytest

from ffapp.classes import phase
from ffapp.core import config
from ffapp.core import settings as educator_settings
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.providers.sendgrid.settings import SendGridSettings
from ffapp.providers.zoom.settings import ZoomSettings
from tests.web.admin.looking import typed_fields


@pytest.fixture(autouse=True)
def _as_before(settings):
    """No value of a test is left in the process."""
    yield
    educator_settings._cache.values = {}
    educator_settings.forget()


@pytest.fixture
def admin(client, cast, sign_in):
    sign_in(cast.admin)
    return client


def saved(admin, **typed):
    form = typed_fields(admin.get("/admin/settings"))
    return admin.post("/admin/settings", data={**form, **typed})


def test_what_is_saved_takes_effect_and_stands_in_the_history(admin):
    answer = saved(
        admin,
        programme_name="Young Makers",
        sender_name="Priya from Young Makers",
        join_opens="30",
        quiet_begins="22:00",
        quiet_ends="07:30",
        host="priya@school.example",
    )

    assert answer.status_code == 303
    page = admin.get("/admin/settings").text
    assert "Young Makers" in page
    assert "when Join opens from 15 min before the start to 30 min before the start" in page
    assert phase.describe_opening() == "30 minutes before the start"
    assert SendGridSettings.current().from_name == "Priya from Young Makers"
    assert ZoomSettings.current().host_email == "priya@school.example"
    assert [f"{each:%H:%M}" for each in config.current().quiet_hours] == ["22:00", "07:30"]
    assert config.environment().join_opens_minutes == 15


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("join_opens", "121", "Give a number from 0 to 120 minutes."),
        ("join_opens", "soon", "Give a whole number."),
        ("recording_wait", "0", "Give a number from 1 to 2880 minutes."),
        ("time_zone", "Mars/Olympus", "Choose one from the list."),
        ("quiet_begins", "25:00", "This is not a time of day"),
        ("host", "nobody", "@"),
        ("programme_name", "", "Give the name."),
    ],
)
def test_a_value_out_of_range_is_refused_beside_its_field(admin, field, typed, said):
    answer = saved(admin, **{field: typed})

    assert answer.status_code == 422
    assert said in answer.text
    assert educator_settings.stored_row() is None


def test_a_save_over_another_save_is_a_conflict(admin):
    form = typed_fields(admin.get("/admin/settings"))
    saved(admin, join_opens="20")

    answer = admin.post("/admin/settings", data={**form, "join_opens": "40"})

    assert answer.status_code == 409
    assert "when Join opens from 15 min before the start to 20 min" in answer.text
    assert 'value="40"' in answer.text
    again = typed_fields(answer)
    assert admin.post("/admin/settings", data=again).status_code == 303
    assert educator_settings.stored_row().values["join_opens_minutes"] == 40


def test_the_same_values_again_record_nothing(admin):
    saved(admin)

    assert db.session.scalar(db.select(Event).where(Event.name == "settings_changed")) is None
