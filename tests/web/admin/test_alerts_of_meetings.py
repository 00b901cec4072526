"""Meetings, links and recordings that are stuck stand on Today with the button that mends it."""

from datetime import timedelta

from sqlalchemy import text

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.meetings import meeting_lifecycle
from ffapp.programme.enrol import enrolment_of, withdraw
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.recordings.models import Recording, Transcript
from tests.browse import flashed
from tests.web.admin.today_list import held, only
from tests.zoom_posts import ended, post


def test_a_meeting_that_zoom_refused(cast, worker, alerts, press):
    cast.schedule("Week 3", hours=30, host="missing-scope@futurefounders.example")
    worker.drain()
    only(alerts(), "The meeting of “Week 3” could not be made", "scope", "Retry")

    store.set_switch("zoom", "hosts", None)
    db.session.execute(text("UPDATE sessions SET zoom_host_email = 'educator@school.example'"))
    db.session.commit()
    press()
    worker.drain()

    assert alerts() == {}


def test_a_meeting_that_was_deleted_inside_zoom(cast, worker, alerts, press):
    session = cast.schedule("Week 3", hours=30)
    worker.drain()
    db.session.refresh(session)
    transaction(meeting_lifecycle.mark_deleted, session)
    only(alerts(), "The meeting of “Week 3” was deleted inside Zoom", "Make a new meeting")

    press()
    worker.drain()

    assert alerts() == {}
    db.session.refresh(session)
    assert session.zoom_join_url


def test_links_that_zoom_refused_are_one_line_and_one_button(cast, worker, alerts, press, travel):
    session = cast.schedule("Pricing", hours=2)
    worker.drain()
    refused = db.update(Effect).where(Effect.kind == "zoom.register")
    db.session.execute(
        refused.values(state="failed", reason="Zoom says no.", settled_at=clock.now())
    )
    db.session.commit()
    only(
        alerts(), "3 students have no link of their own", "“Pricing”: Zoom says no.", "Retry all 3"
    )

    press()
    worker.drain()

    assert not alerts()
    db.session.execute(refused.values(state="failed"))
    db.session.commit()
    travel.to(session.ends_at + timedelta(minutes=20))
    assert not [each for each in alerts() if "link of their own" in each], "it is over"


def test_a_link_that_could_not_be_ended(cast, worker, alerts, press):
    cast.schedule("Pricing", hours=2)
    worker.drain()
    fault = {"kind": "unauthorised", "path": "registrants/status"}
    store.set_switch("zoom", "fault", fault)
    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    worker.drain()
    only(alerts(), "1 personal link into “Pricing” could not be ended, and would still work")

    store.set_switch("zoom", "fault", None)
    press()
    worker.drain()

    assert not alerts()


def test_a_recording_that_could_not_be_asked_for(cast, client, worker, travel, alerts, press):
    session = held(cast, client, worker, travel)
    session.recording_state, session.recording_reason = "failed", "Zoom did not answer."
    db.session.commit()
    only(alerts(), "Zoom could not be asked for “Week 3”: Zoom did not answer.", "Sync now")

    press()
    assert "Zoom is being asked now." in flashed(client.get("/admin/today"))
    worker.drain()

    assert alerts() == {}


def test_a_recording_that_is_overdue(cast, client, worker, travel, alerts, press):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    worker.drain()
    travel.to(session.ends_at)
    store.set_switch("zoom", "webhooks", {"drop": True, "events": ["recording.completed"]})
    zoom_live.end(session.zoom_meeting_id)
    post(client, ended(session.zoom_meeting_id, session.starts_at, travel.now))
    worker.drain()
    assert alerts() == {}
    travel.forward(hours=4)
    only(alerts(), "The recording of “Week 3” is not there after 4 h", "Sync now")

    press_and_follow(client, alerts)
    worker.drain()

    assert alerts() == {}
    db.session.refresh(session)
    assert session.recording_state == "available"


def press_and_follow(client, alerts):
    """Press a button that leads to a page of its own, where one sees what it does."""
    ((action, fields),) = alerts().values()
    assert client.post(action, data=fields).status_code == 303


def test_a_meeting_of_which_nobody_knows_is_asked_about(cast, worker, travel, alerts, press):
    cast.schedule("Week 2", hours=20)
    worker.drain()  # from now on there is a token
    store.set_switch("zoom", "fault", {"kind": "drop_after", "times": 1})
    cast.schedule("Week 3", hours=30)
    worker.drain()
    store.set_switch("zoom", "fault", {"kind": "down"})
    travel.forward(minutes=1)
    worker.drain()
    only(alerts(), "Nobody knows whether the meeting of “Week 3” was made", "Ask Zoom now")
    store.set_switch("zoom", "fault", None)

    press()
    worker.drain()

    assert alerts() == {}
    assert len(store.find("zoom", "meeting")) == 2, "it was made once"


def test_a_transcript_that_was_given_up(cast, worker, travel, alerts, press):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    travel.to(session.ends_at)
    file = Recording(
        session_id=session.id,
        meeting_uuid="first==",
        file_id="t",
        file_type="TRANSCRIPT",
        starts_at=session.starts_at,
        first_seen_at=clock.now(),
    )
    db.session.add(file)
    db.session.flush()
    db.session.add(Transcript(recording_id=file.id, state="failed", reason="It cannot be read."))
    db.session.commit()
    only(alerts(), "The transcript of “Week 3” is not there: It cannot be read.", "Ask again")

    press()

    assert alerts() == {}
    assert db.session.scalar(db.select(Transcript.state)) == "wanted"


def test_a_meeting_that_zoom_does_not_show_after_it_was_changed(cast, worker, alerts, press):
    session = cast.schedule("Week 3", hours=30)
    worker.drain()
    db.session.refresh(session)
    session.zoom_read_problem = "The app lacks a scope."
    session.zoom_read_due_at = clock.now() + timedelta(minutes=15)
    db.session.commit()
    only(alerts(), "meeting of “Week 3” is now", "The app lacks a scope.", "Ask Zoom now")

    press()
    worker.drain()

    assert alerts() == {}
    db.session.refresh(session)
    assert session.zoom_read_due_at is None


def test_a_meeting_that_can_be_made_only_after_its_class(cast, worker, alerts, press):
    """Zoom lets a host make so many meetings a day, and says when it takes more."""
    cast.schedule("Week 3", hours=3)
    worker.drain()
    db.session.execute(text("UPDATE sessions SET zoom_meeting_id = NULL, zoom_join_url = NULL"))
    db.session.execute(
        db.update(Effect)
        .where(Effect.kind == "zoom.create")
        .values(
            state="planned",
            reason="Zoom makes no more meetings today. It will be tried again.",
            attempts=1,
            due_at=clock.now() + timedelta(hours=9),
            settled_at=None,
        )
    )
    db.session.commit()
    only(alerts(), "“Week 3” has no Zoom meeting, and gets one only after the class", "Try now")

    press()
    worker.drain()

    assert alerts() == {}
