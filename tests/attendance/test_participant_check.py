"""Zoom's list of participants after a class: when it is asked for, and what it fills in."""

from datetime import timedelta

import pytest

from ffapp.attendance import attendance, participant_check
from ffapp.attendance.models import ParticipantCheck, ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.meetings.models import PersonalLink
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.providers.zoom.simulator import live_meetings as zoom_people
from ffapp.providers.zoom.simulator import registrants


@pytest.fixture
def session(cast, worker, travel):
    """A class of an hour with its meeting, about to begin."""
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    return session


@pytest.fixture
def lost(session):
    """Zoom posts none of these events any more."""

    def lose(*events):
        store.set_switch("zoom", "webhooks", {"drop": list(events) or True})

    return lose


def enter(session, person):
    """The person comes in by their own link; answers their place."""
    token = db.session.scalar(
        db.select(PersonalLink.join_url).filter_by(session_id=session.id, person_id=person.id)
    ).split("tk=")[1]
    known = registrants.by_token(session.zoom_meeting_id, token.partition("&")[0])
    db.session.rollback()
    return zoom_live.join(session.zoom_meeting_id, person.first_name, registrant=known)


def hold(session, cast, worker, travel):
    """Asha is there for 40 minutes of 60, Ravi for all of them."""
    zoom_live.start(session.zoom_meeting_id)
    asha, _ = enter(session, cast.asha), enter(session, cast.ravi)
    worker.drain()
    travel.forward(minutes=40)
    zoom_people.leave(asha)
    travel.forward(minutes=20)
    zoom_live.end(session.zoom_meeting_id)
    worker.drain()


def minutes(session, person):
    db.session.rollback()
    found = attendance.attendance_of(db.session.get_one(ClassSession, session.id), clock.now())
    return found[person.id].minutes if person.id in found else None


def check(session):
    db.session.rollback()
    return db.session.scalar(db.select(ParticipantCheck).filter_by(session_id=session.id))


def lists_asked():
    with store.open_store().connect() as connection:
        return connection.execute(
            db.text("SELECT count(*) FROM simulator.journal WHERE act = 'past.participants'")
        ).scalar()


def test_what_no_webhook_told_is_filled_in_ten_minutes_after_the_end(
    session, cast, worker, travel, lost
):
    lost()
    hold(session, cast, worker, travel)
    assert minutes(session, cast.asha) is None
    travel.forward(minutes=9)
    assert participant_check.check_due() == 0

    travel.to(session.ends_at + timedelta(minutes=26))  # nobody told us that it was held
    assert participant_check.check_due() == 1

    assert (minutes(session, cast.asha), minutes(session, cast.ravi)) == (40, 60)
    assert check(session).listed == 3, "the host as well"
    assert check(session).problem is None


def test_a_lost_going_is_filled_in_and_what_agrees_stays(session, cast, worker, travel, lost):
    lost("meeting.participant_left")
    hold(session, cast, worker, travel)
    assert minutes(session, cast.asha) == 60, "as long as nobody says that she went"

    travel.forward(minutes=10)
    participant_check.check_due()

    assert minutes(session, cast.asha) == 40
    found = attendance.attendance_of(session, clock.now())[cast.asha.id]
    assert found.sources == ("webhooks", "list")
    assert not found.disputed


def test_a_list_that_names_nobody_removes_nobody(session, cast, worker, travel):
    hold(session, cast, worker, travel)
    for place in store.find("zoom", "participant"):
        store.remove("zoom", "participant", place["key"])
    travel.forward(minutes=10)

    participant_check.check_due()

    assert (minutes(session, cast.asha), minutes(session, cast.ravi)) == (40, 60)


def test_a_class_is_asked_about_four_times_within_a_day(session, cast, worker, travel):
    hold(session, cast, worker, travel)
    end = clock.now()
    asked = []
    for step in range(0, 49 * 60, 5):
        travel.to(end + timedelta(minutes=step))
        if participant_check.check_due():
            asked.append(step)

    assert asked == [10, 60, 360, 1440]
    assert check(session).due_at is None
    assert lists_asked() == 4


def test_until_zoom_has_counted_it_is_asked_again(session, cast, worker, travel):
    hold(session, cast, worker, travel)
    store.set_switch("zoom", "participants_hidden", 2)
    travel.forward(minutes=10)
    participant_check.check_due()
    assert check(session).problem == "Zoom has not counted its participants yet."

    for _ in range(2):
        travel.forward(minutes=30)
        participant_check.check_due()

    assert check(session).problem is None
    assert db.session.scalars(db.select(ParticipantSession.listed_left_at)).all()


def test_a_missing_scope_is_said_and_asked_again(session, travel):
    store.set_switch("zoom", "scopes", ["meeting:read:meeting:admin"])
    db.session.execute(db.text("DELETE FROM provider_tokens"))
    db.session.commit()
    travel.to(session.ends_at + timedelta(hours=2))

    for _ in range(2):
        assert participant_check.check_due() == 1
        assert "meeting:read:list_past_instances:admin" in check(session).problem
        travel.forward(minutes=30)


def test_a_class_about_which_we_make_a_mistake_does_not_stop_the_others(
    session, cast, travel, monkeypatch
):
    second = cast.schedule("Second", hours=1)
    second.zoom_meeting_id = 1
    db.session.commit()
    travel.to(max(session.ends_at, second.ends_at) + timedelta(hours=2))
    asked = []

    def break_once(session_id):
        asked.append(session_id)
        if len(asked) == 1:
            raise KeyError("uuid")

    monkeypatch.setattr(participant_check, "check", break_once)
    with pytest.raises(KeyError):
        participant_check.check_due()
    participant_check.check_due()

    assert set(asked) == {session.id, second.id}


def test_a_class_that_goes_on_is_asked_about_after_its_second_end(session, cast, worker, travel):
    hold(session, cast, worker, travel)
    travel.forward(minutes=10)
    participant_check.check_due()
    zoom_live.start(session.zoom_meeting_id)
    enter(session, cast.asha)
    travel.forward(minutes=15)
    zoom_live.end(session.zoom_meeting_id)
    worker.drain()
    ended = clock.now()

    travel.forward(minutes=5)
    assert participant_check.check_due() == 0
    travel.forward(minutes=5)
    assert participant_check.check_due() == 1

    assert check(session).over_at == ended
    assert minutes(session, cast.asha) == 55


def test_a_cancelled_class_is_not_asked_about(session, cast, worker, travel):
    session.cancelled_at = clock.now()
    db.session.commit()
    travel.forward(hours=3)

    assert participant_check.check_due() == 0
