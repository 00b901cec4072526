"""Which classes the sync asks about, for how long, and what that costs at Zoom."""

import base64
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from ffapp.core import runs
from ffapp.core.db import db, transaction
from ffapp.core.runs import Run
from ffapp.providers.kit.http import recording
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.recordings import sync

A_MINUTE = timedelta(minutes=1)
TWO_DAYS, A_MONTH = timedelta(hours=48), timedelta(days=30)


def held_as_well(session, count, travel):
    """So many recordings more of the same host, all newer: lists begin with the newest."""
    (instance,) = store.find("zoom", "instance", meeting_id=session.zoom_meeting_id)
    for number in range(count):
        uuid = base64.b64encode(f"{number:016}".encode()).decode()
        began = {"start_time": wire.instant(travel.now + timedelta(minutes=number))}
        other = {**instance, **began, "uuid": uuid, "meeting_id": 70_000_000_000 + number}
        store.put("zoom", "instance", uuid, other)


@pytest.mark.parametrize(("recordings", "pages"), [(300, 1), (301, 2)])
def test_pages_of_300_are_asked_for_and_no_more_than_there_are(
    cast, worker, hold, travel, without_webhooks, recordings, pages
):
    session = cast.schedule(hours=1)
    worker.drain()
    hold(session)
    held_as_well(session, recordings - 1, travel)
    db.session.rollback()

    with recording() as exchanges:
        runs.perform(transaction(sync.start_sync, "the test").id)

    lists = [urlsplit(each["url"]) for each in exchanges if "/users/" in each["url"]]
    asked = [parse_qs(each.query) for each in lists]
    assert [each["page_size"] for each in asked] == [["300"]] * pages
    assert ["next_page_token" in each for each in asked] == [False, True][:pages]
    db.session.rollback()
    assert db.session.scalars(db.select(Run)).one().fact("calls") == pages
    assert session.recording_state == "available", "the oldest stands on the last page"


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
