"""Changes made inside Zoom: taken over once, told as events, and never told back."""

import random
from datetime import timedelta

import pytest

from ffapp.classes.schedule import cancel, change
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.meetings import meeting_refresh
from ffapp.providers.simulating import callbacks, store
from ffapp.providers.zoom.simulator import live as zoom_live
from ffapp.webhooks.models import DeliveryState, WebhookDelivery
from tests.at_zoom import (
    change_inside,
    effects,
    events,
    says,
    told_to_zoom,
    wish_of,
    zoom_says,
)
from tests.zoom_changes import OPERATOR, updated
from tests.zoom_posts import post

HOUR = timedelta(hours=1)


@pytest.fixture
def edit(session, cast, travel):
    """An admin changes the class here."""

    def edit_class(**changes):
        db.session.refresh(session)
        transaction(change, session, wish_of(session, **changes), session.revision, cast.admin)
        travel.forward(seconds=5)

    return edit_class


def delivery(name="meeting.updated"):
    db.session.rollback()
    return db.session.scalars(
        db.select(WebhookDelivery).filter_by(event=name).order_by(WebhookDelivery.id.desc())
    ).first()


def subjects(mailbox, person):
    return [mail["subject"] for mail in mailbox(person.email)]


# ── our own change comes back ──


def test_our_own_change_told_back_changes_nothing(session, edit, worker):
    edit(starts_at=session.starts_at + HOUR, title="Prices", duration_minutes=45)
    worker.drain()
    worker.drain()

    assert delivery().state == DeliveryState.IGNORED
    assert "our own change" in delivery().reason
    assert says(session) == zoom_says(session)
    assert session.revision == session.zoom_revision == 2
    assert (len(effects(session, "zoom.update")), told_to_zoom()) == (1, 1)
    assert len(events(session, "class_moved", "class_renamed")) == 1


def test_our_own_change_told_back_after_the_next_one_does_not_undo_it(session, edit, worker):
    store.set_switch("zoom", "webhooks", {"delay_seconds": 60})
    edit(title="First")
    worker.drain()
    edit(title="Second")
    worker.drain()
    before = told_to_zoom()

    store.set_switch("zoom", "webhooks", None)
    with store.open_store().connect() as connection:
        connection.exec_driver_sql("UPDATE simulator.callbacks SET due_at = now() - interval '9 y'")
    _deliver_all()
    worker.drain()

    assert says(session)[0].startswith("Second")
    assert session.revision == 3
    assert told_to_zoom() == before == 2


def _deliver_all():
    callbacks.deliver()


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


def test_nothing_is_planned_for_zoom_and_nothing_told_back(session, worker):
    for hours in (2, 4, 6):
        change_inside(session, start_time=session.starts_at + hours * HOUR)
        for _ in range(2):
            worker.drain()

    assert effects(session, "zoom.update") == []
    assert told_to_zoom() == 0
    assert session.revision == session.zoom_revision


def test_reminders_follow_a_move_made_inside_zoom(session, worker, cast):
    now = session.starts_at + 3 * HOUR
    change_inside(session, start_time=now)
    worker.drain()

    planned = db.session.scalars(
        db.select(Effect).filter_by(
            rule="class_reminder_24h", person_id=cast.asha.id, state="planned"
        )
    ).all()
    assert [each.due_at for each in planned] == [now - timedelta(hours=24)]


def test_a_new_length_alone_is_taken_over(session, worker):
    change_inside(session, duration=90)
    worker.drain()

    assert says(session)[2] == 90
    (event,) = events(session, "class_moved")
    assert event.facts["changed"] == {"duration_minutes": [60, 90]}


def test_a_class_that_was_renamed_inside_zoom_is_renamed_and_told(session, worker, mailbox, cast):
    change_inside(session, topic="Prices · Winter 2026")
    worker.drain()

    (event,) = events(session, "class_renamed")
    assert session.title == "Prices"
    assert event.facts["changed"] == {"title": ["Pricing", "Prices"]}
    assert subjects(mailbox, cast.asha)[1:] == ["Pricing is now called Prices"]


def test_a_topic_that_gives_the_same_title_changes_nothing(session, worker, mailbox, cast):
    change_inside(session, topic="Pricing")
    worker.drain()

    assert session.title == "Pricing"
    assert not events(session, "class_renamed")
    assert len(subjects(mailbox, cast.asha)) == 1


def test_moved_and_renamed_at_once_is_one_event(session, worker):
    change_inside(session, topic="Prices", start_time=session.starts_at + HOUR)
    worker.drain()

    (event,) = events(session, "class_moved", "class_renamed")
    assert set(event.facts["changed"]) == {"title", "starts_at"}


def test_a_new_agenda_or_zone_concerns_nobody(session, worker):
    change_inside(session, agenda="By hand", timezone="Asia/Dubai")
    worker.drain()

    assert session.revision == 1
    assert told_to_zoom() == 0


# ── twice, late, out of order ──


def test_the_same_change_posted_twice_is_taken_once(client, session, worker):
    body = updated(session.zoom_meeting_id, {"start_time": session.starts_at + HOUR})
    for _ in range(3):
        post(client, body)
        worker.drain()

    assert len(events(session, "class_moved")) == 1
    assert delivery().state == DeliveryState.IGNORED


def test_of_two_changes_the_younger_counts_whichever_comes_first(client, session, worker, travel):
    first, second = session.starts_at + HOUR, session.starts_at + 2 * HOUR
    early = updated(session.zoom_meeting_id, {"start_time": first})
    travel.forward(seconds=20)
    late = updated(session.zoom_meeting_id, {"start_time": second})
    for body in (late, early, late):
        post(client, body)
        worker.drain()

    db.session.refresh(session)
    assert session.starts_at == second.replace(microsecond=0)
    assert len(events(session, "class_moved")) == 1


def test_a_late_change_of_another_part_is_still_news(client, session, worker, travel):
    early = updated(session.zoom_meeting_id, {"topic": "Prices"})
    travel.forward(seconds=20)
    late = updated(session.zoom_meeting_id, {"duration": 75})
    for body in (late, early):
        post(client, body)
        worker.drain()

    db.session.refresh(session)
    assert (session.title, session.duration_minutes) == ("Prices", 75)


# ── together with an edit of ours ──


def test_a_planned_edit_of_another_part_goes_with_what_zoom_has_now(session, edit, worker):
    edit(title="Prices")
    _hold_back(session)
    change_inside(session, start_time=session.starts_at + 2 * HOUR)
    worker.drain()
    _let_go(session, worker)

    assert says(session) == zoom_says(session)
    assert session.title == "Prices"
    assert session.revision == session.zoom_revision == 3
    assert (len(effects(session, "zoom.update")), told_to_zoom()) == (1, 1)


def test_a_younger_change_inside_zoom_beats_an_edit_that_has_not_gone(session, edit, worker):
    ours, theirs = session.starts_at + HOUR, session.starts_at + 2 * HOUR
    edit(starts_at=ours)
    _hold_back(session)
    change_inside(session, start_time=theirs)
    worker.drain()
    _let_go(session, worker)

    assert says(session) == zoom_says(session)
    assert session.starts_at == theirs.replace(microsecond=0)
    assert told_to_zoom() <= 1


def test_an_older_change_inside_zoom_loses_against_our_edit_and_that_is_said(
    client, session, edit, worker, travel
):
    theirs = updated(session.zoom_meeting_id, {"start_time": session.starts_at + 2 * HOUR})
    travel.forward(seconds=10)
    ours = session.starts_at + HOUR
    edit(starts_at=ours)
    _hold_back(session)
    post(client, theirs)
    worker.drain()
    _let_go(session, worker)

    db.session.refresh(session)
    assert session.starts_at == ours
    assert says(session) == zoom_says(session)
    (event,) = events(session, "zoom_change_ignored")
    assert (event.facts["why"], set(event.facts["wanted"])) == ("newer", {"starts_at"})
    assert told_to_zoom() == 1


def test_while_our_edit_is_in_flight_the_post_waits_and_ours_that_came_last_stays(
    client, session, edit, worker, travel
):
    theirs, ours = session.starts_at + 2 * HOUR, session.starts_at + HOUR
    edit(starts_at=ours)
    (update,) = effects(session, "zoom.update")
    _set(update, state="sending", deadline_at=clock.wall() + HOUR)
    change_inside(session, start_time=theirs)
    _deliver_all()
    worker.drain()
    assert delivery().state == DeliveryState.UNMATCHED
    assert delivery().match_key == f"effect={update.id}"

    travel.forward(seconds=5)
    _set(update, state="planned")
    worker.drain()

    assert says(session) == zoom_says(session)
    assert session.starts_at == ours
    assert delivery().state == DeliveryState.IGNORED
    assert told_to_zoom() == 1


def test_a_change_inside_zoom_after_an_edit_of_unknown_fate_is_taken_when_the_fate_is_known(
    session, edit, worker, travel
):
    """The edit arrived, its answer was lost; then a host moved the meeting."""
    fault = {"kind": "drop_after", "times": 1, "path": "/meetings/", "method": "PATCH"}
    store.set_switch("zoom", "fault", fault)
    edit(starts_at=session.starts_at + HOUR)
    worker.drain()
    assert effects(session, "zoom.update")[0].state == "uncertain"
    travel.forward(seconds=2)
    theirs = session.starts_at + 5 * HOUR
    change_inside(session, start_time=theirs)
    worker.drain()
    assert delivery().state == DeliveryState.UNMATCHED

    _until_settled(worker, travel)

    assert says(session) == zoom_says(session)
    assert session.starts_at == theirs.replace(microsecond=0)
    assert told_to_zoom() == 1


def test_an_edit_of_unknown_fate_that_replaced_a_change_inside_zoom_stays(
    session, edit, worker, travel
):
    """The host was first, our edit landed after that, and its answer and its post were lost."""
    ours = session.starts_at + HOUR
    edit(starts_at=ours)
    _hold_back(session)
    store.set_switch("zoom", "webhooks", {"delay_seconds": 10})
    change_inside(session, start_time=session.starts_at + 5 * HOUR)
    store.set_switch("zoom", "webhooks", {"drop": ["meeting.updated"]})
    travel.forward(seconds=5)
    fault = {"kind": "drop_after", "times": 1, "path": "/meetings/", "method": "PATCH"}
    store.set_switch("zoom", "fault", fault)
    _let_go(session, worker)
    assert effects(session, "zoom.update")[0].state == "uncertain"

    _until_settled(worker, travel)

    assert says(session) == zoom_says(session)
    assert session.starts_at == ours
    assert told_to_zoom() == 1


def test_a_change_inside_zoom_instead_of_an_edit_that_never_arrived(session, edit, worker, travel):
    fault = {"kind": "drop_before", "times": 1, "path": "/meetings/", "method": "PATCH"}
    store.set_switch("zoom", "fault", fault)
    edit(starts_at=session.starts_at + HOUR, title="Prices")
    worker.drain()
    theirs = session.starts_at + 5 * HOUR
    change_inside(session, start_time=theirs)
    worker.drain()

    _until_settled(worker, travel)

    assert says(session) == zoom_says(session)
    assert session.starts_at == theirs.replace(microsecond=0)
    assert session.title == "Prices"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_in_whatever_order_class_and_zoom_agree_in_the_end(
    session, edit, worker, travel, seed
):
    chance = random.Random(seed)
    store.set_switch("zoom", "webhooks", {"duplicate": seed % 2 == 0, "reorder": True})
    edits = 0
    for step in range(12):
        travel.forward(seconds=chance.choice((1, 2, 7)))
        hours = timedelta(hours=chance.randint(1, 90))
        match chance.randint(0, 4):
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
        if chance.random() < 0.6:
            _deliver_all()
            worker.drain()
    store.set_switch("zoom", "fault", None)
    _until_settled(worker, travel)

    title, *rest = zoom_says(session)
    assert says(session)[1:] == tuple(rest)
    assert title.removesuffix(" · Winter 2026") == session.title
    assert not [each for each in effects(session, "zoom.update") if each.state == "failed"]
    assert len(effects(session, "zoom.update")) <= edits, "nothing but an edit plans an update"
    unmatched = db.select(WebhookDelivery).filter_by(state=DeliveryState.UNMATCHED)
    assert db.session.scalars(unmatched).all() == []


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

    db.session.refresh(session)
    assert (session.starts_at, session.title) == (began, "Prices")
    (event,) = events(session, "zoom_change_ignored")
    assert event.facts["why"] == "held"
    assert not [each for each in subjects(mailbox, cast.asha) if each.startswith("Moved")]


def test_a_cancelled_class_follows_nothing(client, session, worker, cast):
    transaction(cancel, session, "", 1, cast.admin)
    post(client, updated(session.zoom_meeting_id, {"duration": 75}))
    worker.drain()

    db.session.refresh(session)
    assert session.duration_minutes == 60
    assert "cancelled" in delivery().reason


def test_one_day_of_a_series_is_not_the_class(client, session, worker):
    occurrence = {"duration": 75, "occurrences": [{"occurrence_id": "1"}]}
    post(client, updated(session.zoom_meeting_id, occurrence))
    worker.drain()

    assert "one day of a series" in delivery().reason


@pytest.mark.parametrize("minutes", [0, 1441, -5])
def test_a_length_that_no_class_can_have_is_passed_over(client, session, worker, minutes):
    post(client, updated(session.zoom_meeting_id, {"duration": minutes}))
    worker.drain()

    db.session.refresh(session)
    assert session.duration_minutes == 60
    assert delivery().state == DeliveryState.DONE


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


def test_a_bad_day_of_zoom_is_waited_out_before_the_passcode_is_read(session, worker, travel):
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
    for _ in range(6):
        travel.forward(seconds=40)
        _deliver_all()
        worker.drain()
    db.session.rollback()
