"""Changes made inside Zoom: taken over once, told as events, and never sent back."""

import random
from datetime import timedelta

import pytest

from ffapp.classes.schedule import cancel, change
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.meetings import meeting_refresh
from ffapp.providers.simulating import callbacks, store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.providers.zoom.simulator import meetings, state
from ffapp.webhooks.models import DeliveryState, WebhookDelivery
from tests.at_zoom import change_inside, effects, events, plan_of, says, told_to_zoom, zoom_says
from tests.zoom_posts import OPERATOR

HOUR = timedelta(hours=1)


@pytest.fixture
def edit(session, cast, travel):
    """An admin changes the class here."""

    def edit_class(**changes):
        db.session.refresh(session)
        transaction(change, session, plan_of(session, **changes), session.revision, cast.admin)
        travel.forward(seconds=5)

    return edit_class


def subjects(mailbox, person):
    return [mail["subject"] for mail in mailbox(person.email)]


# ── our own change comes back ──


def test_our_own_change_told_back_changes_nothing(session, edit, worker):
    edit(starts_at=session.starts_at + HOUR, title="Prices", duration_minutes=45)
    worker.drain()
    worker.drain()

    assert told_to_zoom("meeting.get") == 2, "read after the update, and when it was told back"
    assert says(session) == zoom_says(session)
    assert session.revision == session.zoom_revision == 2
    assert (len(effects(session, "zoom.update")), told_to_zoom()) == (1, 1)
    assert len(events(session, "class_moved", "class_renamed")) == 1


# ── a change made inside Zoom ──


def test_a_class_that_was_moved_inside_zoom_moves_and_everybody_is_told_once(
    session, worker, mailbox, cast
):
    was, now = session.starts_at, session.starts_at + 3 * HOUR
    change_inside(session, start_time=now)
    worker.drain()

    assert says(session) == zoom_says(session)
    (event,) = events(session, "class_moved")
    assert (event.actor, event.actor_id) == ("Zoom", None)
    assert event.facts["changed"] == {"starts_at": [was.isoformat(), now.isoformat()]}
    assert event.facts["operator"] == OPERATOR
    (told,) = subjects(mailbox, cast.asha)[1:]
    assert told.startswith("Moved: Pricing is now")
    assert subjects(mailbox, cast.kabir) == [], "his guardian has refused"
    planned = db.session.scalars(
        db.select(Effect).filter_by(
            rule="class_reminder_24h", person_id=cast.asha.id, state="planned"
        )
    ).all()
    assert [each.due_at for each in planned] == [now - timedelta(hours=24)]


def test_a_class_that_was_renamed_inside_zoom_is_renamed_and_told(session, worker, mailbox, cast):
    change_inside(session, topic="Prices · Winter 2026", duration=90)
    worker.drain()

    (event,) = events(session, "class_moved", "class_renamed")
    assert event.facts["changed"] == {"title": ["Pricing", "Prices"], "duration_minutes": [60, 90]}
    assert says(session) == zoom_says(session)

    change_inside(session, topic="Pitching")
    worker.drain()
    assert subjects(mailbox, cast.asha)[2:] == ["Prices is now called Pitching"]


# ── together with an edit of ours ──


def test_a_planned_edit_of_another_part_goes_with_what_zoom_has_now(session, edit, worker):
    edit(title="Prices")
    _hold_back(session)
    theirs = session.starts_at + 2 * HOUR
    change_inside(session, start_time=theirs)
    worker.drain()
    _let_go(session, worker)

    assert says(session) == zoom_says(session)
    assert (session.title, session.starts_at) == ("Prices", theirs.replace(microsecond=0))
    assert session.revision == session.zoom_revision == 3
    assert (len(effects(session, "zoom.update")), told_to_zoom()) == (1, 1)


def test_an_edit_that_has_not_gone_stays_and_the_change_inside_zoom_is_said(session, edit, worker):
    ours = session.starts_at + HOUR
    edit(starts_at=ours)
    _hold_back(session)
    change_inside(session, start_time=session.starts_at + 2 * HOUR)
    worker.drain()
    _let_go(session, worker)

    assert says(session) == zoom_says(session)
    assert session.starts_at == ours
    (event,) = events(session, "zoom_change_ignored")
    assert (event.facts["why"], set(event.facts["wanted"])) == ("newer", {"starts_at"})
    assert told_to_zoom() == 1


def test_an_answer_from_before_our_own_update_does_not_undo_it(session, edit, worker, travel):
    before, ours = session.starts_at, session.starts_at + HOUR
    edit(starts_at=ours)
    worker.drain()
    store.set_switch("zoom", "webhooks", {"drop": True})
    change_inside(session, start_time=before)  # Zoom still answers with what it had
    transaction(meeting_refresh.request_refresh, session)
    worker.drain()
    assert session.starts_at == ours

    change_inside(session, start_time=ours)  # and then with what it has
    _until_settled(worker, travel)

    db.session.refresh(session)
    assert session.starts_at == ours
    assert len(events(session, "class_moved")) == 1


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_in_whatever_order_class_and_zoom_agree_in_the_end(
    session, edit, worker, travel, seed
):
    chance = random.Random(seed)
    lost = {"drop": ["meeting.updated"]} if seed == 5 else {}
    store.set_switch("zoom", "webhooks", {"duplicate": seed % 2 == 0, "reorder": True, **lost})
    edits = 0
    for step in range(12):
        travel.forward(seconds=chance.choice((1, 2, 7, 70)))
        hours = timedelta(hours=chance.randint(1, 90))
        match chance.randint(0, 5):
            case 0 | 1:
                edit(title=f"Title {step}", starts_at=clock.now() + hours)
                edits += 1
            case 2:
                change_inside(session, topic=f"Topic {step}", start_time=clock.now() + hours)
            case 3:
                change_inside(session, duration=20 + step)
            case 4:
                kind = chance.choice(("drop_after", "drop_before"))
                fault = {"kind": kind, "times": 1, "path": "/meetings/", "method": "PATCH"}
                store.set_switch("zoom", "fault", fault)
            case 5:
                _delete_and_recover(session)
        if chance.random() < 0.6:
            callbacks.deliver()
            worker.drain()
    store.set_switch("zoom", "fault", None)
    transaction(meeting_refresh.request_refresh, session)
    _until_settled(worker, travel)

    title, *rest = zoom_says(session)
    assert says(session)[1:] == tuple(rest)
    assert title.removesuffix(" · Winter 2026") == session.title
    assert session.zoom_join_url
    assert not [each for each in effects(session, "zoom.update") if each.state == "failed"]
    assert told_to_zoom("meeting.create") == 1
    unmatched = db.select(WebhookDelivery).filter_by(state=DeliveryState.UNMATCHED)
    assert db.session.scalars(unmatched).all() == []
    stored = session.meeting_state, session.meeting_problem, session.meeting_effect_id
    assert stored == ("ready", None, None)


def _delete_and_recover(session):
    meetings.delete_meeting(state.meeting(session.zoom_meeting_id))
    meetings.recover_meeting(session.zoom_meeting_id)


# ── what is not taken over ──


def test_a_class_that_was_held_is_not_moved_by_a_host_who_uses_the_meeting_again(
    session, worker, travel, mailbox, cast
):
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    travel.forward(minutes=60)
    zoom_live.end(session.zoom_meeting_id)
    worker.drain()
    travel.forward(minutes=1)
    began = session.starts_at
    change_inside(session, start_time=clock.now() + 24 * HOUR, topic="Prices")
    worker.drain()
    transaction(meeting_refresh.request_refresh, session)
    worker.drain()

    db.session.refresh(session)
    assert (session.starts_at, session.title) == (began, "Prices")
    (event,) = events(session, "zoom_change_ignored")
    assert event.facts["why"] == "held"
    assert not [each for each in subjects(mailbox, cast.asha) if each.startswith("Moved")]


def test_a_time_that_has_gone_by_is_not_taken_and_the_next_one_is(session, worker):
    before = session.starts_at
    _say_at_zoom(session, start_time="2026-01-01T09:00:00Z")
    worker.drain()

    db.session.refresh(session)
    assert session.starts_at == before
    (event,) = events(session, "zoom_change_ignored")
    assert event.facts["why"] == "past"

    change_inside(session, start_time=before + HOUR)
    worker.drain()
    assert says(session) == zoom_says(session)


def test_a_cancelled_class_follows_nothing(client, session, worker, cast):
    transaction(cancel, session, "", 1, cast.admin)
    change_inside(session, duration=75)
    worker.drain()

    db.session.refresh(session)
    assert session.duration_minutes == 60


@pytest.mark.parametrize("minutes", [0, 1441, -5])
def test_a_length_that_no_class_can_have_is_passed_over(session, worker, minutes):
    _say_at_zoom(session, duration=minutes)
    worker.drain()

    db.session.refresh(session)
    assert (session.duration_minutes, session.zoom_read_due_at) == (60, None)


# ── passcode and link ──


def test_a_new_passcode_is_read_back_with_its_link(session, worker):
    link = session.zoom_join_url
    change_inside(session, password="new1")
    worker.drain()

    db.session.refresh(session)
    assert session.zoom_passcode == "new1"
    assert session.zoom_join_url != link
    assert session.zoom_read_due_at is None
    (event,) = events(session, "meeting_refreshed")
    assert event.facts["what"] == ["link", "passcode"]
    assert "new1" not in str(event.facts)
    assert told_to_zoom() == 0


def test_a_bad_day_of_zoom_is_waited_out_before_the_meeting_is_read(session, worker, travel):
    store.set_switch("zoom", "fault", {"kind": "down", "path": "/v2/"})
    change_inside(session, password="new1")
    worker.drain()
    db.session.refresh(session)
    assert session.zoom_passcode != "new1"
    assert session.zoom_read_due_at > clock.now()

    store.set_switch("zoom", "fault", None)
    travel.forward(minutes=3)
    db.session.rollback()
    meeting_refresh.refresh_meetings(timestamp=0)

    db.session.refresh(session)
    assert session.zoom_passcode == "new1"


def test_a_refusal_to_tell_the_passcode_is_said(session, worker):
    store.set_switch("zoom", "scopes", ["meeting:write:meeting:admin"])
    with store.open_store().connect() as connection:
        connection.exec_driver_sql("DELETE FROM simulator.things WHERE kind = 'token'")
    change_inside(session, password="new1")
    worker.drain()

    (event,) = events(session, "meeting_refresh_failed")
    assert "scope" in event.facts["why"]


def _say_at_zoom(session, **facts):
    """Have Zoom say something of the meeting that it would not let a host write."""
    store.edit("zoom", "meeting", str(session.zoom_meeting_id), lambda it: it.update(facts))
    transaction(meeting_refresh.request_refresh, session)


def _hold_back(session):
    """Our planned change of the meeting does not go before `_let_go`."""
    for effect in effects(session, "zoom.update"):
        _set(effect, due_at=clock.now() + HOUR)


def _let_go(session, worker):
    for effect in effects(session, "zoom.update"):
        _set(effect, due_at=clock.now())
    worker.drain()


def _set(effect, **values):
    for name, value in values.items():
        setattr(effect, name, value)
    db.session.commit()


def _until_settled(worker, travel):
    for _ in range(8):
        travel.forward(seconds=40)
        callbacks.deliver()
        worker.drain()
        db.session.rollback()
        meeting_refresh.refresh_meetings(timestamp=0)
    worker.drain()
    db.session.rollback()
