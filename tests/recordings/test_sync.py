"""The recording sync: what it finds, what it costs, and what one bad host does to the others."""

from ffapp.core import runs
from ffapp.core.db import db, transaction
from ffapp.providers.simulating import store
from ffapp.recordings import sync
from ffapp.recordings.models import Recording
from ffapp.recordings.sync import take_recordings

TITLES = ("Before", "Bad", "After")


def test_lost_webhooks_are_made_up_for_by_the_sync(
    cast, worker, hold, mailbox, without_webhooks, run_sync
):
    session = cast.schedule(hours=1)
    worker.drain()
    hold(session)

    run = run_sync()

    assert (run.fact("became_available"), run.problems) == (1, [])
    assert session.recording_state == "available"
    assert len(session.instances) == 1, "the recording proves that the class was held"
    for _ in range(3):
        run_sync()
    news = [m for m in mailbox(cast.asha.email) if m["subject"].startswith("Recording ready")]
    assert len(news) == 1


def test_one_host_costs_one_call_however_many_classes(
    cast, worker, hold, without_webhooks, run_sync
):
    sessions = [cast.schedule(f"Class {n}", hours=1 + 2 * n) for n in range(4)]
    worker.drain()
    for session in sessions:
        hold(session)

    run = run_sync()

    assert (run.total, run.fact("classes"), run.fact("calls")) == (1, 4, 1)
    assert run.fact("became_available") == 4


def test_one_bad_host_stops_no_other(cast, worker, hold, travel, without_webhooks, run_sync):
    good = cast.schedule("Good", hours=1)
    bad = cast.schedule("Bad", hours=1, host="other@futurefounders.example")
    worker.drain()
    hold(good)
    db.session.refresh(bad)
    bad.zoom_host_email = "missing-scope@futurefounders.example"
    db.session.commit()
    travel.forward(hours=1)

    run = run_sync()

    assert good.recording_state == "available"
    assert bad.recording_state == "failed"
    assert "scope" in bad.recording_reason
    assert len(run.problems) == 1

    bad.zoom_host_email = "other@futurefounders.example"
    db.session.commit()
    sync.sync_recordings(timestamp=0)
    worker.drain()

    db.session.refresh(bad)
    assert bad.recording_state == "none"
    (hourly,) = runs.latest(sync.KIND, 1)
    assert (hourly.asked_by, hourly.total, hourly.done) == ("the hourly sync", 2, 2)


def test_one_bad_class_stops_no_other_of_its_host(
    client, cast, worker, hold, travel, without_webhooks, monkeypatch, run_sync
):
    travel.to(travel.now.replace(second=0))
    classes = [cast.schedule(title, hours=3 * n, minutes=120) for n, title in enumerate(TITLES, 1)]
    worker.drain()
    for session in classes:
        hold(session, minutes=120 if session.title == "Bad" else 60)
    bad = classes[1]
    with monkeypatch.context() as strange:

        def store(session, *rest):
            if session.title == "Bad":
                db.session.execute(db.text("SELECT 1 / 0"))
            return take_recordings(session, *rest)

        strange.setattr(sync, "take_recordings", store)
        run = run_sync()

    assert [each.recording_state for each in classes] == ["available", "failed", "available"]
    reason = "What Zoom lists for it could not be stored (DataError)."
    assert bad.recording_reason == reason
    assert run.problems == [f"Bad: {reason}"]
    assert run.fact("became_available") == 2
    client.sign_in(cast.admin)
    page = client.get(f"/admin/classes/{bad.id}").text
    assert reason in page
    assert "Retry" in page


def test_a_class_that_nobody_started_has_none_and_says_why(cast, worker, travel, run_sync):
    session = cast.schedule(hours=1)
    worker.drain()
    travel.forward(hours=3)

    run_sync()

    assert session.recording_state == "none"
    assert "Nobody started" in session.recording_reason


def test_while_zoom_is_working_the_class_is_processing_and_later_available(
    cast, worker, hold, travel, slow_zoom, run_sync
):
    session = cast.schedule(hours=1)
    worker.drain()
    hold(session)
    run_sync()
    assert session.recording_state == "processing"

    travel.forward(hours=3)
    run_sync()

    assert session.recording_state == "available"


def test_after_48_hours_without_a_recording_there_is_none(cast, worker, hold, travel, run_sync):
    session = cast.schedule(hours=1, host="norecording@futurefounders.example")
    worker.drain()
    hold(session)
    run_sync()
    assert session.recording_state == "processing"

    travel.forward(hours=49)
    run_sync()

    assert session.recording_state == "none"
    assert "48 hours" in session.recording_reason


def test_a_listing_that_comes_back_short_deletes_nothing(cast, worker, hold, travel, run_sync):
    session = cast.schedule(hours=1)
    worker.drain()
    hold(session)
    run_sync()
    before = set(db.session.scalars(db.select(Recording.file_id)))
    assert before

    for thing in store.find("zoom", "recording"):
        store.remove("zoom", "recording", str(thing.get("id") or thing.get("uuid")))
    store.set_switch("zoom", "recordings_hidden", 99)
    run_sync()

    assert set(db.session.scalars(db.select(Recording.file_id))) == before
    assert session.recording_state == "available"


def test_pressing_twice_joins_the_sync_that_waits(cast, worker):
    first = transaction(sync.start_sync, cast.admin, None)
    second = transaction(sync.start_sync, cast.admin, None)

    assert first.id == second.id
