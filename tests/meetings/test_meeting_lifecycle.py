"""A meeting that was deleted inside Zoom: said once, replaced at most once, welcome when back."""

from datetime import timedelta

import pytest

from ffapp.classes import phase
from ffapp.classes.models import FormerMeeting
from ffapp.classes.phase import Phase
from ffapp.classes.schedule import cancel, change
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.meetings import entry, meeting_lifecycle, meeting_status
from ffapp.meetings.meeting_status import MeetingState
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.personal_links import link_of
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.providers.zoom.simulator import meetings, state
from ffapp.webhooks.models import WebhookDelivery
from tests.at_zoom import (
    change_inside,
    delete_inside,
    effects,
    events,
    plan_of,
    says,
    told_to_zoom,
    zoom_says,
)
from tests.zoom_posts import OPERATOR, deleted, post, started

HOUR = timedelta(hours=1)


@pytest.fixture
def gone(session, worker, travel):
    """Its meeting was deleted inside Zoom."""
    delete_inside(session)
    worker.drain()
    db.session.refresh(session)
    travel.forward(minutes=1)
    return session


def state_of(session):
    db.session.rollback()
    return meeting_status.meeting_status_of(session).state


def another(session, cast):
    return transaction(meeting_lifecycle.recreate_meeting, session, cast.admin)


def reason_of(event):
    db.session.rollback()
    query = db.select(WebhookDelivery).filter_by(event=event).order_by(WebhookDelivery.id.desc())
    return db.session.scalars(query).first().reason


def test_it_is_said_once_and_the_link_is_removed(client, gone, worker):
    assert gone.zoom_join_url is None
    assert gone.zoom_passcode is None
    assert state_of(gone) is MeetingState.GONE
    for event in ("meeting.deleted", "meeting.permanently_deleted"):
        post(client, deleted(gone.zoom_meeting_id, event=event))
        worker.drain()

    (event,) = events(gone, "meeting_deleted_at_zoom")
    assert (event.actor, event.facts["operator"]) == ("Zoom", OPERATOR)
    assert effects(gone, "zoom.update") == []
    assert len(effects(gone, "zoom.create")) == 1, "nobody has asked for a new one"


def test_a_cancelled_class_whose_meeting_somebody_deletes_by_hand_is_done(session, worker, cast):
    """Zoom would not delete it while it ran; the host did so afterwards."""
    zoom_live.start(session.zoom_meeting_id)
    worker.drain()
    db.session.refresh(session)
    transaction(cancel, session, "", session.revision, cast.admin)
    worker.drain()
    assert state_of(session) is MeetingState.FAILED
    zoom_live.end(session.zoom_meeting_id)
    delete_inside(session)
    worker.drain()

    db.session.refresh(session)
    assert session.zoom_join_url is None
    assert state_of(session) is MeetingState.DELETED
    assert not events(session, "meeting_deleted_at_zoom")


def test_a_new_meeting_is_made_once_however_often_it_is_asked_for(gone, worker, cast, travel):
    first = gone.zoom_meeting_id
    assert another(gone, cast) is True
    assert state_of(gone) is MeetingState.MAKING
    assert another(gone, cast) is False
    worker.drain()
    assert another(gone, cast) is False

    db.session.refresh(gone)
    assert gone.zoom_meeting_id not in (None, first)
    assert gone.zoom_join_url
    assert state_of(gone) is MeetingState.READY
    assert told_to_zoom("meeting.create") == 2
    assert len(events(gone, "meeting_recreation_requested")) == 1
    (former,) = db.session.scalars(db.select(FormerMeeting))
    assert (former.session_id, former.zoom_meeting_id) == (gone.id, first)

    travel.forward(minutes=1)
    delete_inside(gone)
    worker.drain()
    assert another(gone, cast) is True, "a second deletion is another one"
    worker.drain()
    assert state_of(gone) is MeetingState.READY


def test_the_new_meeting_knows_what_was_changed_before(gone, worker, cast):
    later, host = gone.starts_at + HOUR, "other@futurefounders.example"
    plan = plan_of(gone, starts_at=later, title="Prices", host_email=host)
    transaction(change, gone, plan, 1, cast.admin)
    worker.drain()
    assert effects(gone, "zoom.update") == [], "there is nothing to change"
    another(gone, cast)
    worker.drain()

    assert says(gone) == zoom_says(gone)
    assert gone.revision == gone.zoom_revision == 2
    assert state.meeting(gone.zoom_meeting_id)["host_email"] == host


@pytest.mark.parametrize("why", ["cancelled", "over", "there"])
def test_no_new_meeting_where_none_is_needed(session, worker, cast, travel, why):
    if why != "there":
        delete_inside(session)
        worker.drain()
    if why == "cancelled":
        db.session.refresh(session)
        transaction(cancel, session, "", 1, cast.admin)
    if why == "over":
        travel.to(session.ends_at + HOUR)

    assert another(session, cast) is False


# ── back again ──


@pytest.mark.parametrize("heard", ["recovered", "started", "updated"])
def test_a_recovered_meeting_brings_link_and_passcode_back(gone, worker, heard):
    if heard != "recovered":  # that post was lost
        store.set_switch("zoom", "webhooks", {"drop": ["meeting.recovered"]})
    meetings.recover_meeting(gone.zoom_meeting_id)
    if heard == "started":
        zoom_live.start(gone.zoom_meeting_id)
    if heard == "updated":
        change_inside(gone, duration=75)
    worker.drain()

    db.session.refresh(gone)
    assert gone.zoom_gone_at is None
    assert gone.zoom_join_url
    assert gone.zoom_passcode
    assert state_of(gone) is MeetingState.READY
    assert len(events(gone, "meeting_recovered")) == 1
    assert says(gone) == zoom_says(gone)
    assert told_to_zoom() == 0


def test_a_recovered_meeting_learns_what_it_missed(gone, worker, cast):
    transaction(change, gone, plan_of(gone, title="Prices"), 1, cast.admin)
    meetings.recover_meeting(gone.zoom_meeting_id)
    worker.drain()

    assert says(gone) == zoom_says(gone)
    assert told_to_zoom() == 1


def test_recovered_before_deleted_is_known_leaves_it_as_it_is(client, session, worker, travel):
    early = deleted(session.zoom_meeting_id)
    travel.forward(seconds=20)
    late = deleted(session.zoom_meeting_id, event="meeting.recovered")
    for body in (late, early, late):
        post(client, body)
        worker.drain()

    db.session.refresh(session)
    assert session.zoom_join_url
    assert state_of(session) is MeetingState.READY
    assert not events(session, "meeting_deleted_at_zoom", "meeting_recovered")


def test_recovered_before_the_new_one_is_made_there_is_one(gone, worker, cast):
    another(gone, cast)
    waits = "UPDATE effects SET due_at = due_at + interval '1 hour' WHERE state = 'planned'"
    db.session.execute(db.text(waits))
    db.session.commit()
    meetings.recover_meeting(gone.zoom_meeting_id)
    for _ in range(3):
        worker.drain()

    kept = [each for each in store.find("zoom", "meeting") if each["state"] != "deleted"]
    db.session.refresh(gone)
    assert [each["id"] for each in kept] == [gone.zoom_meeting_id]
    assert state_of(gone) is MeetingState.READY
    assert gone.zoom_join_url


def test_news_of_the_meeting_before_changes_nothing(client, gone, worker, cast, travel):
    first = gone.zoom_meeting_id
    another(gone, cast)
    worker.drain()
    travel.forward(minutes=1)
    meetings.recover_meeting(first)
    worker.drain()

    assert "another meeting since" in reason_of("meeting.recovered")
    assert state_of(gone) is MeetingState.READY
    assert not events(gone, "meeting_recovered")


def test_what_is_held_under_the_meeting_before_is_the_class(client, gone, worker, cast, travel):
    first = gone.zoom_meeting_id
    another(gone, cast)
    worker.drain()
    travel.to(gone.starts_at)
    post(client, started(first, clock.now()))
    worker.drain()

    db.session.rollback()
    assert phase.phase_of(gone, clock.now()) is Phase.LIVE


# ── and the personal links ──


def test_a_new_meeting_gives_everybody_a_new_link(gone, worker, cast):
    people = (cast.asha, cast.ravi, cast.kabir)
    before = set(db.session.scalars(db.select(PersonalLink.join_url)))
    another(gone, cast)
    worker.drain()

    db.session.refresh(gone)
    after = {link_of(gone, person) for person in people}
    assert len(after) == 3
    assert None not in after
    assert not after & before
    assert all(str(gone.zoom_meeting_id) in link for link in after)


# ── found out by ourselves ──


def test_an_update_that_meets_no_meeting_leads_to_the_same_place(session, worker, cast):
    store.set_switch("zoom", "webhooks", {"drop": True})
    delete_inside(session)
    transaction(change, session, plan_of(session, title="Prices"), 1, cast.admin)
    worker.drain()

    db.session.refresh(session)
    assert state_of(session) is MeetingState.GONE
    assert session.zoom_join_url is None
    assert len(events(session, "meeting_deleted_at_zoom")) == 1
    assert another(session, cast) is True
    worker.drain()
    assert says(session) == zoom_says(session)


def test_somebody_who_wants_to_start_it_finds_out_too(session, worker, cast, travel):
    store.set_switch("zoom", "webhooks", {"drop": True})
    delete_inside(session)
    link = transaction(entry.ask_for_start_link, session, cast.admin)
    worker.drain()

    db.session.refresh(link)
    assert "no longer has" in link.reason
    assert state_of(session) is MeetingState.GONE


def test_a_planned_change_of_a_meeting_that_goes_is_cancelled(session, worker, cast):
    transaction(change, session, plan_of(session, title="Prices"), 1, cast.admin)
    (update,) = effects(session, "zoom.update")
    update.due_at = clock.now() + HOUR
    db.session.commit()
    delete_inside(session)
    worker.drain()

    (update,) = effects(session, "zoom.update")
    assert (update.state, update.reason) == ("cancelled", "The meeting was deleted inside Zoom.")
