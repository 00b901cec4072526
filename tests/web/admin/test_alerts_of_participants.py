"""Who was in a class, where Zoom or we do not know it, stands on Today."""

from datetime import timedelta

from sqlalchemy import select, text

from ffapp.attendance import attendance, participant_check
from ffapp.attendance.models import ParticipantAssignment, ParticipantCheck, ParticipantSession
from ffapp.classes.models import Join
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.programme.enrol import enrolment_of, withdraw
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from tests.web.admin.today_list import held, only
from tests.zoom_posts import ended, post, started


def seen_in(session, *names, **facts):
    """Somebody called like this was in the class, each for half an hour."""
    for number, name in enumerate(names):
        stay = ParticipantSession(
            session_id=session.id,
            meeting_uuid="first==",
            user_id=f"{name}{number}",
            name=name,
            joined_at=session.starts_at,
            left_at=session.starts_at + timedelta(minutes=30),
            **facts,
        )
        db.session.add(stay)
    db.session.commit()


def test_an_unknown_guest_is_marked_by_one_press(cast, client, worker, travel, alerts, press):
    session = held(cast, client, worker, travel)
    seen_in(session, "Grandma’s iPad")
    only(alerts(), "Somebody called “Grandma’s iPad” was in “Week 3” for 30 min", "A guest")

    press()

    assert alerts() == {}
    assert db.session.scalar(select(ParticipantAssignment.person_id)) is None


def test_who_it_may_be_is_offered_and_one_press_says_so(
    cast, client, worker, travel, alerts, press
):
    session = held(cast, client, worker, travel)
    seen_in(session, "asha  RAO")
    only(alerts(), "“asha RAO”", "Asha Rao is called like this.", "It is Asha Rao A guest")

    press()

    assert alerts() == {}
    came = attendance.attendance_of(session, clock.now())[cast.asha.id]
    assert (came.minutes, came.matched_by) == (30, ("admin",))


def test_who_has_no_seat_any_more_is_not_offered(cast, client, worker, travel, alerts, press):
    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    session = held(cast, client, worker, travel)
    seen_in(session, "Asha Rao")
    assert "It is" not in only(alerts(), "“Asha Rao” was in “Week 3”", "A guest")

    press()

    assert alerts() == {}


def test_more_than_fit_are_said_to_be_more(cast, client, worker, travel, alerts):
    session = held(cast, client, worker, travel)
    seen_in(session, *(f"Guest {number}" for number in range(25)))

    assert len(alerts()) == 20
    assert "at most 20 are shown" in client.get("/admin/today").text


def test_a_class_that_ended_early_asks_at_once_who_was_there(cast, client, worker, travel, alerts):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    post(client, started(session.zoom_meeting_id, travel.now))
    db.session.add(Join(session_id=session.id, person_id=cast.asha.id, at=travel.now))
    worker.drain()
    seen_in(session, "iPad")
    assert alerts() == {}, "while it runs it may still become clear"
    travel.forward(minutes=31)
    post(client, ended(session.zoom_meeting_id, session.starts_at, travel.now))
    worker.drain()

    only(alerts(), "Somebody called “iPad”")


def may_list(scopes):
    """What the app may do at Zoom from now on; a new token is fetched for it."""
    store.set_switch("zoom", "scopes", scopes)
    db.session.execute(text("DELETE FROM provider_tokens"))
    db.session.commit()


def test_a_list_of_participants_that_zoom_does_not_give(cast, client, worker, travel, alerts):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    travel.to(session.ends_at)
    zoom_live.end(session.zoom_meeting_id)
    worker.drain()
    may_list(["meeting:read:list_past_instances:admin"])
    travel.forward(minutes=10)
    participant_check.check_due()

    def unlisted():
        return {words: told for words, told in alerts().items() if "does not list" in words}

    assert unlisted() == {}, "Zoom counts for a while"
    travel.forward(hours=2)
    said = only(unlisted(), "who was in “Week 3”", "list_past_participants", "Ask Zoom now")
    action, fields = unlisted()[said]

    may_list(None)
    answer = client.post(action, data=fields)
    worker.drain()

    assert answer.location == "/admin/today"
    assert unlisted() == {}


def test_a_class_that_nobody_held_misses_no_list(cast, worker, travel, alerts):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    travel.to(session.ends_at + timedelta(hours=3))
    check = ParticipantCheck(session_id=session.id, over_at=session.ends_at, problem="No such.")
    db.session.add(check)
    db.session.commit()

    assert not [each for each in alerts() if "does not list" in each]
