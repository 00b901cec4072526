"""Whether a class is live when webhooks are lost: Zoom is asked, and believed with care."""

from datetime import timedelta

import pytest

from ffapp.classes import phase as live
from ffapp.classes.phase import Phase
from ffapp.classes.schedule import cancel
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.meetings import meeting_refresh
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from tests.at_zoom import delete_inside
from tests.zoom_posts import ended, post, started

OTHER_HOST = "other@futurefounders.example"


@pytest.fixture
def session(cast, worker, travel):
    """A class of an hour that has its meeting and ought to have begun just now."""
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    return session


@pytest.fixture
def without_webhooks(session):
    _lose_webhooks(True)


def _lose_webhooks(lost):
    store.set_switch("zoom", "webhooks", {"drop": True} if lost else None)


def _check():
    db.session.rollback()
    meeting_refresh.check_live(timestamp=0)
    db.session.rollback()


def _phase(session, travel):
    db.session.rollback()
    db.session.refresh(session)
    return live.phase_of(session, travel.now)


def _asked():
    with store.open_store().connect() as connection:
        return connection.scalar(
            db.select(db.func.count()).where(store.journal.c.act == "meeting.get")
        )


def _events(name):
    return db.session.scalar(
        db.select(db.func.count()).select_from(Event).where(Event.name == name)
    )


def test_a_class_is_live_although_its_webhook_was_lost(session, travel, without_webhooks):
    zoom_live.start(session.zoom_meeting_id)
    travel.forward(minutes=2)
    assert _phase(session, travel) is Phase.NOT_STARTED

    for _ in range(2):
        _check()

    assert _phase(session, travel) is Phase.LIVE
    assert len(session.instances) == _events("class_started") == 1
    assert _asked() == 1, "what is known is not asked again"


def test_a_class_that_ends_late_and_unheard_has_ended(session, travel, without_webhooks):
    zoom_live.start(session.zoom_meeting_id)
    _check()
    travel.forward(minutes=70)
    _check()
    assert _phase(session, travel) is Phase.LIVE, "it lives as long as its meeting does"

    zoom_live.end(session.zoom_meeting_id)
    travel.forward(minutes=1)
    for _ in range(2):
        _check()

    assert _phase(session, travel) is Phase.ENDED
    assert session.recording_state == "processing"
    assert session.instances[0].ended_at == travel.now
    assert _events("class_ended") == 1


def test_a_class_that_ought_to_run_finds_out_that_its_meeting_is_gone(session, without_webhooks):
    delete_inside(session)

    _check()

    assert session.meeting_state == "gone"


def test_what_was_known_by_asking_is_the_meeting_that_the_webhook_ends(
    session, worker, travel, without_webhooks
):
    """Zoom names the meeting when it is asked, and the time that it is held in its webhooks."""
    zoom_live.start(session.zoom_meeting_id)
    travel.forward(minutes=2)
    _check()
    _lose_webhooks(False)
    travel.forward(minutes=20)

    zoom_live.end(session.zoom_meeting_id)
    worker.drain()

    assert _phase(session, travel) is Phase.ENDED
    assert len(session.instances) == 1
    assert session.recording_state == "available"


def test_a_webhook_that_comes_after_we_asked_begins_nothing_anew(session, client, travel, worker):
    _lose_webhooks(True)
    zoom_live.start(session.zoom_meeting_id)
    travel.forward(minutes=2)
    _check()

    uuid = store.find("zoom", "instance")[0]["uuid"]
    post(client, started(session.zoom_meeting_id, session.starts_at, uuid))
    worker.drain()
    assert _phase(session, travel) is Phase.LIVE
    assert _events("class_started") == 1

    post(client, ended(session.zoom_meeting_id, session.starts_at, travel.now, uuid))
    worker.drain()
    assert _phase(session, travel) is Phase.ENDED


def test_an_answer_that_is_older_than_a_webhook_changes_nothing(session, worker, travel):
    """Zoom has answered, and while the answer is on its way the webhook overtakes it."""
    waiting = (session.id, "asked==", "waiting", travel.now)
    zoom_live.start(session.zoom_meeting_id)
    worker.drain()
    transaction(live.apply_meeting_status, *waiting)
    assert _phase(session, travel) is Phase.LIVE

    travel.forward(minutes=5)
    running = (session.id, "asked==", "started", travel.now)
    zoom_live.end(session.zoom_meeting_id)
    worker.drain()
    transaction(live.apply_meeting_status, *running)
    assert _phase(session, travel) is Phase.ENDED
    assert len(session.instances) == 1


def test_a_class_of_which_zoom_cannot_tell_stops_no_other(cast, worker, travel):
    classes = [cast.schedule(f"Class {n}", hours=1, host=f"host{n}@school.example") for n in "abc"]
    worker.drain()
    _lose_webhooks(True)
    travel.to(classes[0].starts_at)
    meeting_ids = [session.zoom_meeting_id for session in classes]
    for meeting_id in meeting_ids:
        zoom_live.start(meeting_id)
    for broken in (meeting_ids[0], meeting_ids[2]):
        store.set_switch("zoom", "fault", {"kind": "down", "path": f"/meetings/{broken}"})
        _check()

    assert [_phase(session, travel) for session in classes] == [
        Phase.LIVE,  # when it was another's turn to fail
        Phase.LIVE,
        Phase.LIVE,
    ]


def test_only_classes_that_ought_to_run_are_asked_about(session, cast, worker, travel):
    cancelled = cast.schedule("Cancelled", hours=0, host=OTHER_HOST)
    worker.drain()
    transaction(cancel, cancelled, "", 1, cast.admin)
    worker.drain()
    before = _asked()

    travel.to(session.starts_at - timedelta(minutes=1))
    _check()
    travel.to(session.ends_at + live.LATE_START)
    _check()

    assert _asked() == before
