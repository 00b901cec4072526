"""Time zones, summer time, and how an instant is spelt."""

from datetime import UTC, date, datetime, time

import pytest

from ffapp.core import clock
from ffapp.core.clock import NonexistentTime, UnknownZone
from ffapp.core.db import Instant


def test_a_local_time_is_an_instant():
    at = clock.instant_of(date(2026, 12, 5), time(17, 0), "Asia/Kolkata")

    assert at == datetime(2026, 12, 5, 11, 30, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_names_the_first_that_exists():
    with pytest.raises(NonexistentTime) as skipped:
        clock.instant_of(date(2026, 3, 29), time(2, 30), "Europe/Berlin")

    assert skipped.value.later.strftime("%H:%M") == "03:00"


def test_of_a_repeated_hour_the_first_is_taken():
    at = clock.instant_of(date(2026, 10, 25), time(2, 30), "Europe/Berlin")

    assert at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", "IST", "Mars/Base", "Etc/GMT+5", "asia/kolkata", "../etc"])
def test_a_zone_that_is_none_is_told(name):
    with pytest.raises(UnknownZone):
        clock.zone(name)


@pytest.mark.parametrize(
    ("instant", "zone", "text"),
    [
        (datetime(2026, 12, 5, 11, 30, tzinfo=UTC), "Asia/Kolkata", "Sat 5 Dec, 5:00 pm IST"),
        (datetime(2026, 12, 5, 11, 30, tzinfo=UTC), "Asia/Dubai", "Sat 5 Dec, 3:30 pm Dubai time"),
        (datetime(2027, 1, 1, 0, 5, tzinfo=UTC), "UTC", "Fri 1 Jan 2027, 12:05 am UTC"),
        (datetime(2026, 7, 5, 12, 0, tzinfo=UTC), "Europe/Berlin", "Sun 5 Jul, 2:00 pm CEST"),
    ],
)
def test_an_instant_is_spelt_in_a_zone(instant, zone, text):
    with clock.running_on(lambda: datetime(2026, 11, 23, tzinfo=UTC)):
        assert clock.spell(instant, zone) == text


def test_a_naive_datetime_is_not_stored():
    with pytest.raises(ValueError, match="naive"):
        Instant().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001


def test_the_business_clock_can_be_set_and_comes_back():
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    with clock.running_on(lambda: moment):
        assert clock.now() == moment
        assert clock.wall() != moment
    assert clock.now() != moment
