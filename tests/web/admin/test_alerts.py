"""Everything that is stuck stands on Today with the button that mends it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from ffapp.attendance import attendance
from ffapp.attendance.models import ParticipantAssignment, ParticipantSession
from ffapp.classes.models import Join, MeetingInstance
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.meetings import meeting_lifecycle
from ffapp.programme.enrol import enrolment_of, withdraw
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.webhooks import inbox
from ffapp.webhooks.models import WebhookDelivery
from tests.browse import flashed
from tests.web.admin.today_list import alerts, break_mails, only, press, signed_in
from tests.zoom_posts import ended, post, started

__all__ = ["alerts", "press", "signed_in"]


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


def test_messages_that_failed_are_one_line_and_one_button(cast, worker, alerts, press, mailbox):
    store.set_switch("sendgrid", "fault", {"kind": "unauthorised"})
    cast.schedule("Week 3", hours=30)
    worker.drain()
    store.set_switch("sendgrid", "fault", None)
    only(alerts(), "“Class scheduled” (“Week 3”) by e-mail to 2 people did not go", "Retry all 2")

    press()
    worker.drain()

    assert alerts() == {}
    assert len(mailbox()) == 2


def test_a_second_press_finds_that_somebody_was_quicker(cast, client, worker, alerts):
    break_mails(cast, worker, 1)
    ((action, fields),) = alerts().values()
    client.post(action, data=fields)

    answer = client.post(action, data=fields)

    assert "Somebody else changed this first, so nothing was changed" in flashed(
        client.get(answer.location)
    )
    assert states() == ["planned", "planned"]


def test_an_old_retry_does_not_confirm_what_is_uncertain_since(cast, client, worker, alerts):
    break_mails(cast, worker, 1)
    ((action, fields),) = alerts().values()
    db.session.execute(db.update(Effect).where(told()).values(state="uncertain"))
    db.session.commit()

    answer = client.post(action, data=fields)

    assert "Somebody was quicker" in flashed(client.get(answer.location))
    assert states() == ["uncertain", "uncertain"]


def test_what_cannot_be_decided_this_way_is_left_as_it_is(cast, client, worker):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    meeting = db.session.scalar(select(Effect).filter_by(kind="zoom.create"))
    meeting.state = "uncertain"  # Zoom can be asked: nobody may guess
    db.session.commit()
    fields = {"effect_id": meeting.id, "state": "uncertain"}

    answer = client.post("/admin/today/messages", data=fields)

    assert "nothing was changed" in flashed(client.get(answer.location))
    db.session.refresh(meeting)
    assert meeting.state == "uncertain"


def told():
    """The mails to those whose guardian agrees."""
    mail = (Effect.rule == "class_scheduled") & (Effect.kind == "email")
    return mail & (Effect.state != "withheld")


def states():
    db.session.expire_all()
    return db.session.scalars(select(Effect.state).where(told())).all()


def test_a_message_of_which_nobody_knows(cast, worker, alerts, press):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    mail = Effect.kind == "email"
    db.session.execute(
        db.update(Effect)
        .where(mail, Effect.person_id == cast.asha.id, Effect.rule == "class_scheduled")
        .values(state="uncertain", reason="The answer was lost.", doubtful=True)
    )
    db.session.commit()
    only(
        alerts(),
        "Nobody knows whether “Class scheduled” (“Week 3”) by e-mail to Asha Rao arrived",
        "Mark as delivered",
    )

    press()

    assert alerts() == {}
    mine = select(Effect.state).where(mail, Effect.person_id == cast.asha.id)
    assert "sent" in db.session.scalars(mine).all()


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


def held(cast, client, worker, travel):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    db.session.refresh(session)
    began = session.starts_at
    travel.to(began + timedelta(minutes=60))
    post(client, ended(session.zoom_meeting_id, began, travel.now))
    worker.drain()
    db.session.refresh(session)
    return session


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


@pytest.mark.parametrize("hours", [-200, 300])
def test_what_other_classes_are_like_hides_nobody(cast, client, worker, travel, alerts, hours):
    cast.schedule("Another", hours=hours)
    session = held(cast, client, worker, travel)
    seen_in(session, "iPad")

    assert [each for each in alerts() if "Somebody called “iPad”" in each]


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


def test_of_two_students_with_one_name_it_is_asked_which(cast, client, worker, travel, alerts):
    cast.ravi.name = "Asha Rao"
    session = held(cast, client, worker, travel)
    seen_in(session, "Asha Rao")

    only(alerts(), "2 students are called like this.", "It is Asha Rao It is Asha Rao A guest")


def test_who_has_no_seat_any_more_is_not_offered(cast, client, worker, travel, alerts, press):
    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    session = held(cast, client, worker, travel)
    seen_in(session, "Asha Rao")
    assert "It is" not in only(alerts(), "“Asha Rao” was in “Week 3”", "A guest")

    press()

    assert alerts() == {}


def test_one_with_an_address_is_one_however_often_they_came(cast, client, worker, travel, alerts):
    session = held(cast, client, worker, travel)
    seen_in(session, "Meera", "Meera", email="meera@x.example")

    only(alerts(), "“Meera” was in")


def test_more_than_fit_are_said_to_be_more(cast, client, worker, travel, alerts):
    session = held(cast, client, worker, travel)
    seen_in(session, *(f"Guest {number}" for number in range(25)))

    assert len(alerts()) == 20
    assert "at most 20 are shown" in client.get("/admin/today").text


def test_who_only_came_to_a_rehearsal_is_not_asked_about(cast, client, worker, travel, alerts):
    session = held(cast, client, worker, travel)
    began = session.starts_at - timedelta(hours=1)
    for uuid, at in (("rehearsal==", began), ("first==", session.starts_at)):
        db.session.add(
            ParticipantSession(
                session_id=session.id, meeting_uuid=uuid, user_id="1", name="iPad", joined_at=at
            )
        )
    rehearsal = MeetingInstance(
        session_id=session.id,
        zoom_uuid="rehearsal==",
        started_at=began,
        ended_at=began + timedelta(minutes=20),
        is_rehearsal=True,
    )
    db.session.add(rehearsal)
    db.session.commit()

    (alert,) = alerts()

    assert alert.startswith("Somebody called “iPad” was in")


def test_a_provider_that_does_not_answer(cast, worker, alerts, press, travel):
    store.set_switch("zoom", "fault", {"kind": "down"})
    cast.schedule("Week 3", hours=30)
    for _ in range(3):
        worker.drain()
        travel.forward(minutes=20)
    store.set_switch("zoom", "fault", None)
    travel.forward(minutes=-20)
    only(alerts(), "One act waits for Zoom", "Try now")

    press()
    worker.drain()

    assert alerts() == {}


def test_posts_that_were_refused(client, alerts, press):
    for _ in range(2):
        post(client, {"event": "x"}, signature="v0=wrong")
    said = "2 posts to Zoom’s webhook: refused, since the signature is not one of ours. Compare"
    only(alerts(), said, "ZOOM_WEBHOOK_SECRET", "Dismiss")

    press()
    assert alerts() == {}

    post(client, {"event": "x"}, signature="v0=wrong")
    only(alerts(), "A post to Zoom’s webhook")


@pytest.mark.parametrize(
    ("provider", "reason", "said"),
    [
        ("zoom", "x-zm-request-timestamp is not a number of seconds.", None),
        ("zoom", "Zoom is not known here.", None),
        ("zoom", "The header x is missing.", "the header x is missing"),
        ("aisensy", "AISENSY_WEBHOOK_SECRET is not set, so no post can be proved", None),
    ],
)
def test_the_reason_of_a_refused_post_stands_well_in_its_sentence(alerts, provider, reason, said):
    inbox.refuse(provider, reason)
    db.session.commit()

    (sentence,) = alerts()

    assert f"refused, since {said or reason.rstrip('.')}. " in sentence


def test_a_post_that_could_not_be_handled(cast, client, worker, travel, alerts, press):
    session = cast.schedule("Week 3", hours=1)
    worker.drain()
    db.session.refresh(session)
    post(client, started(session.zoom_meeting_id, travel.now))
    worker.drain()
    db.session.execute(
        db.update(WebhookDelivery)
        .where(WebhookDelivery.event == "meeting.started")
        .values(state="failed", reason="It could not be handled (KeyError); the log says more.")
    )
    db.session.commit()
    only(alerts(), "Zoom’s “meeting.started” was not handled", "Handle again")

    press()
    worker.drain()

    assert alerts() == {}


def test_a_job_that_broke(cast, worker, alerts, press):
    cast.schedule("Week 3", hours=30)
    db.session.execute(
        text("UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = 'events.follow'")
    )
    db.session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name <> 'events.follow'"))
    db.session.execute(
        text("DELETE FROM procrastinate_jobs WHERE args->>'listener' <> 'tell_class_scheduled'")
    )
    db.session.commit()
    only(alerts(), "What follows an event (tell_class_scheduled) broke", "Run again")

    press()

    assert alerts() == {}
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"
    assert db.session.scalar(text(waiting)) == 1


def test_a_job_that_a_colleague_runs_already(client, cast):
    answer = client.post("/admin/today/jobs/999")

    assert "Somebody was quicker" in flashed(client.get(answer.location))


def test_jobs_that_a_dead_worker_holds(cast, worker, alerts, press):
    cast.schedule("Week 3", hours=30)
    db.session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name <> 'events.follow'"))
    dead = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
    db.session.execute(text(dead))
    db.session.execute(
        text(
            "UPDATE procrastinate_jobs SET status = 'doing',"
            " worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    )
    db.session.execute(
        text(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)"
            " VALUES ('default', 'jobs.forget_finished', now() - interval '10 minutes')"
        )
    )
    db.session.execute(
        text(
            "INSERT INTO procrastinate_events (job_id, type, at) SELECT max(id), 'deferred',"
            " now() - interval '10 minutes' FROM procrastinate_jobs"
        )
    )
    db.session.commit()
    only(alerts(), "One job waits for a worker, the first for 10 min", "Release stuck jobs")

    press()

    held_now = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    assert db.session.scalar(text(held_now)) == 0


def test_a_guest_of_whom_only_zooms_list_knows_is_told_of(client, cast, worker, travel):
    session = cast.schedule(hours=1)
    worker.drain()
    began = session.starts_at
    listed = {"listed_joined_at": began, "listed_left_at": began + timedelta(minutes=9)}
    db.session.add(
        ParticipantSession(
            session_id=session.id, meeting_uuid="a", user_id="7", name="Guest", **listed
        )
    )
    break_mails(cast, worker, 1)
    travel.forward(hours=3)

    page = client.get("/admin/today")

    assert page.status_code == 200
    assert "“Guest” was in" in page.text


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


def test_a_host_that_zoom_does_not_know_is_a_failure_also_after_a_bad_minute(
    cast, worker, travel, alerts
):
    store.set_switch("zoom", "fault", {"kind": "error", "times": 1})
    cast.schedule("Week 3", hours=30, host="nobody@school.example")
    worker.drain()
    travel.forward(minutes=2)
    worker.drain()

    only(alerts(), "The meeting of “Week 3” could not be made: Zoom has no user nobody@", "Retry")
