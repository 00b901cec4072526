"""A host who tries the meeting days before: a rehearsal is not the class, on any page."""

from datetime import timedelta

import pytest

from ffapp.attendance.attendance import attendance_of, enrolled_later
from ffapp.classes import phase as live
from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase
from ffapp.classes.schedule import Plan, change
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.meetings import meeting_lifecycle, meeting_refresh
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.recordings import permissions
from tests.attending import registrant
from tests.zoom_posts import ended, joined, post, recorded, started

BEFORE = timedelta(days=2)


@pytest.fixture
def session(cast, worker, travel):
    """A class in three days, with its meeting."""
    session = cast.schedule(hours=72)
    worker.drain()
    db.session.refresh(session)
    return session


@pytest.fixture
def rehearsed(session, client, worker, travel):
    """The host held the meeting for twenty minutes two days before the class."""
    began = session.starts_at - BEFORE
    over = began + timedelta(minutes=20)
    travel.to(over)
    post(client, started(session.zoom_meeting_id, began, "rehearsal=="))
    post(client, ended(session.zoom_meeting_id, began, over, "rehearsal=="))
    worker.drain()
    return session


def phase(session, travel):
    db.session.rollback()
    db.session.refresh(session)
    return live.phase_of(session, travel.now)


def check_live():
    db.session.rollback()
    meeting_refresh.check_live(timestamp=0)


def test_one_that_runs_days_before_is_not_live_and_its_end_is_asked_for(session, travel):
    store.set_switch("zoom", "webhooks", {"drop": ["meeting.ended"]})
    travel.to(session.starts_at - BEFORE)
    zoom_live.start(session.zoom_meeting_id)
    transaction(live.apply_meeting_status, session.id, "rehearsal==", "started", travel.now)
    assert phase(session, travel) is Phase.WAITING
    assert [each.state for each in session.instances] == ["outside"]
    travel.forward(minutes=20)
    zoom_live.end(session.zoom_meeting_id)

    check_live()

    assert phase(session, travel) is Phase.WAITING
    assert session.instances[0].ended_at == travel.now


def test_the_class_is_over_when_it_is_planned_to_be(rehearsed, cast):
    db.session.refresh(rehearsed)

    assert live.ended_at(rehearsed) == rehearsed.ends_at
    assert rehearsed.started_at is None
    assert not enrolled_later(rehearsed, rehearsed.starts_at - timedelta(days=1))


def test_what_was_held_is_a_rehearsal_of_a_class_that_is_moved_behind_it(
    session, client, cast, worker, travel
):
    travel.to(session.ends_at)
    post(client, started(session.zoom_meeting_id, session.starts_at))
    post(client, ended(session.zoom_meeting_id, session.starts_at, session.ends_at))
    worker.drain()
    assert phase(session, travel) is Phase.ENDED

    later = Plan("Pricing", "", session.starts_at + BEFORE, 60, session.zoom_host_email)
    transaction(change, session, later, session.revision, cast.admin)

    assert phase(session, travel) is Phase.WAITING
    assert [each.state for each in session.instances] == ["outside"]


def test_a_meeting_that_is_deleted_is_not_being_held(session, client, worker, travel):
    """Its end was not told: Zoom deletes no meeting that runs."""
    travel.to(session.starts_at)
    post(client, started(session.zoom_meeting_id, session.starts_at))
    worker.drain()
    travel.forward(minutes=50)
    assert phase(session, travel) is Phase.LIVE

    session = db.session.get_one(ClassSession, session.id, with_for_update={"of": ClassSession})
    meeting_lifecycle.mark_deleted(session)
    db.session.commit()

    assert phase(session, travel) is Phase.ENDED
    assert session.recording_state == "processing"
    assert db.session.scalar(db.select(Event).filter_by(name="class_ended"))


def test_a_student_is_not_promised_a_recording_of_it(rehearsed, client, cast, travel):
    travel.to(rehearsed.ends_at + live.LATE_START + timedelta(minutes=1))
    client.sign_in(cast.asha)

    card = client.get(f"/classes/{rehearsed.id}/card").text

    assert "Zoom has not told us that anybody started it." in card


@pytest.fixture
def tried(session, client, worker, travel):
    """The host tried the sound in the last minutes before the class, when Join was open already."""
    began, over = (session.starts_at - timedelta(minutes=each) for each in (12, 7))
    travel.to(over)
    post(client, started(session.zoom_meeting_id, began, "sound=="))
    post(client, ended(session.zoom_meeting_id, began, over, "sound=="))
    worker.drain()
    return session


def test_who_tries_the_sound_before_the_class_does_not_end_it(tried, client, cast, travel):
    assert phase(tried, travel) is Phase.OPEN
    client.sign_in(cast.asha)
    assert "Join Meeting" in client.get("/home").text

    travel.to(tried.starts_at + timedelta(minutes=1))

    assert phase(tried, travel) is Phase.NOT_STARTED
    assert "The host has not started" in client.get("/home").text
    client.sign_in(cast.admin)
    coming = client.get("/admin/classes").text
    assert tried.title in coming
    assert tried.title not in client.get("/admin/classes?when=past").text
    assert "Ended" not in client.get("/admin/today").text.partition('id="needs"')[0]


def test_nobody_who_joins_later_makes_the_try_of_the_sound_a_class(tried, client, cast, travel):
    client.sign_in(cast.asha)
    travel.forward(minutes=3)
    client.get(f"/classes/{tried.id}/join")

    assert phase(tried, travel) is Phase.OPEN


def test_a_try_with_a_student_at_the_door_changes_nothing(session, client, cast, worker, travel):
    """Even one who is let in: the class is not over before it was to begin."""
    began, over = (session.starts_at - timedelta(minutes=each) for each in (12, 3))
    travel.to(began)
    post(client, started(session.zoom_meeting_id, began, "earlyQ=="))
    worker.drain()
    client.sign_in(cast.asha)
    travel.forward(minutes=2)
    client.get(f"/classes/{session.id}/join")
    in_it = {"uuid": "earlyQ==", "registrant_id": registrant(session, cast.asha)}
    post(client, joined(session.zoom_meeting_id, travel.now, **in_it))
    travel.to(over)
    post(client, ended(session.zoom_meeting_id, began, over, "earlyQ=="))
    post(client, recorded(session.zoom_meeting_id, began, over, "earlyQ=="))
    worker.drain()

    assert phase(session, travel) is Phase.OPEN
    assert session.recording_state is None
    assert permissions.watchable(session) == []
    assert not attendance_of(session, travel.now)[cast.asha.id].minutes
    assert "Join Meeting" in client.get("/home").text


def test_what_is_opened_long_before_and_goes_on_becomes_the_class(session, client, worker, travel):
    began = session.starts_at - timedelta(minutes=50)
    travel.to(began)
    post(client, started(session.zoom_meeting_id, began, "long=="))
    worker.drain()
    assert phase(session, travel) is Phase.WAITING
    assert [each.state for each in session.instances] == ["outside"]

    travel.to(session.starts_at - timedelta(minutes=14))
    check_live()

    assert phase(session, travel) is Phase.LIVE
