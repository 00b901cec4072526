"""Which classes the sync asks about, for how long, and what that costs at Zoom."""

from datetime import timedelta

import pytest

from ffapp.core.db import db

A_MINUTE = timedelta(minutes=1)
TWO_DAYS, A_MONTH = timedelta(hours=48), timedelta(days=30)


@pytest.mark.parametrize(
    ("after", "asked"), [(TWO_DAYS - A_MINUTE, True), (TWO_DAYS + A_MINUTE, False)]
)
def test_a_class_with_its_recording_is_asked_about_for_48_hours(
    cast, worker, hold, travel, run_sync, after, asked
):
    session = cast.schedule(hours=1)
    worker.drain()
    hold(session)
    worker.drain()
    db.session.refresh(session)
    assert session.recording_state == "available"

    for _ in range(2):  # also again within the hour
        travel.to(session.ends_at + after)
        run = run_sync()
        assert (run.fact("classes"), run.fact("calls") > 0) == (asked, asked)


@pytest.mark.parametrize(
    ("after", "asked"), [(A_MONTH - A_MINUTE, True), (A_MONTH + A_MINUTE, False)]
)
def test_a_class_without_one_is_asked_about_for_30_days(
    cast, worker, travel, run_sync, after, asked
):
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.ends_at + after)

    run = run_sync()

    assert (run.fact("classes"), run.fact("calls") > 0) == (asked, asked)


def test_after_48_hours_it_is_asked_about_once_a_day(cast, worker, travel, run_sync):
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    asked = []
    for hours in (47, 47.5, 47.9, 48.1, 71.8, 72, 95.9, 96):
        travel.to(session.ends_at + timedelta(hours=hours))
        if run_sync().fact("classes"):
            asked.append(hours)

    assert asked == [47, 47.5, 47.9, 72, 96]
