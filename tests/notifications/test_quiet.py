"""Until when it is quiet, on any clock."""

from datetime import UTC, datetime, time

import pytest

from ffapp.notifications.quiet import quiet_until

NIGHT = (time(21), time(8))


@pytest.mark.parametrize(
    ("at", "hours", "zone", "until"),
    [
        ("2026-12-01T15:29", NIGHT, "Asia/Kolkata", None),  # 20:59
        ("2026-12-01T15:30", NIGHT, "Asia/Kolkata", "2026-12-02T02:30"),  # 21:00
        ("2026-12-01T20:00", NIGHT, "Asia/Kolkata", "2026-12-02T02:30"),  # 1:30, the next day
        ("2026-12-02T02:30", NIGHT, "Asia/Kolkata", None),  # 8:00
        ("2026-12-01T08:00", (time(13), time(15)), "Asia/Kolkata", "2026-12-01T09:30"),
        ("2026-12-01T20:00", (time(0), time(0)), "Asia/Kolkata", None),  # never quiet
        # The clocks go forward at 1:00 UTC; 1:30 does not exist, so the quiet ends at 2:00 there.
        ("2027-03-28T00:30", (time(22), time(1, 30)), "Europe/London", "2027-03-28T01:00"),
    ],
)
def test_it_is_quiet_until_the_morning_of_the_person(at, hours, zone, until):
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)

    found = quiet_until(instant, hours, zone)

    assert found == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)
