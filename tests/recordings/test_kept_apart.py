"""A meeting that is opened outside its class: nobody sees it, until an admin says otherwise."""

from datetime import timedelta

import pytest

from ffapp.attendance.attendance import attendance_of
from ffapp.classes import phase
from ffapp.classes.models import MeetingInstance
from ffapp.classes.phase import Phase
from ffapp.classes.schedule import Plan, change
from ffapp.core.db import db, transaction
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.recordings import permissions
from ffapp.recordings.files import set_visible, undo_visibility
from ffapp.recordings.models import Recording
from tests.attending import registrant
from tests.zoom_posts import ended, joined, post, recorded, started

AGAIN = "againQ=="


@pytest.fixture
def talk(session, client, cast, worker, travel, hold):
    """Hold the class; then `talk(minutes)`: so long after its end the host opens the meeting again,
    talks to Asha for half an hour, and it is recorded."""
    hold(session)
    worker.drain()

    def begin(minutes, *, is_recorded_first=False, is_over=True):
        travel.forward(minutes=minutes)
        began = travel.now
        meeting_id = session.zoom_meeting_id
        posts = [
            started(meeting_id, began, AGAIN),
            joined(
                meeting_id, began, "9", uuid=AGAIN, registrant_id=registrant(session, cast.asha)
            ),
        ]
        if is_over:
            travel.forward(minutes=30)
            posts.append(ended(meeting_id, began, travel.now, AGAIN))
            posts.append(recorded(meeting_id, began, travel.now, AGAIN))
        for body in reversed(posts) if is_recorded_first else posts:
            post(client, body)
            worker.drain()
        db.session.rollback()
        db.session.refresh(session)
        return session

    return begin


def of_talk(session):
    return next(each for each in session.recordings if each.meeting_uuid == AGAIN and each.is_video)


def news(mailbox, cast):
    return [m for m in mailbox(cast.asha.email) if m["subject"].startswith("Recording ready")]


@pytest.mark.parametrize("minutes", [18, 2 * 24 * 60])
@pytest.mark.parametrize("is_recorded_first", [False, True])
def test_what_is_opened_again_after_its_class_is_seen_by_nobody(
    talk, client, cast, mailbox, travel, minutes, is_recorded_first
):
    session = talk(minutes, is_recorded_first=is_recorded_first)

    assert [each.state for each in session.instances] == ["counted", "reopened"]
    assert phase.phase_of(session, travel.now) is Phase.ENDED
    assert attendance_of(session, travel.now)[cast.asha.id].status == "absent"
    assert not of_talk(session).is_watchable
    assert AGAIN not in {each.meeting_uuid for each in permissions.watchable(session)}
    assert len(news(mailbox, cast)) == 1, "of the class alone"
    client.sign_in(cast.asha)
    assert client.get(f"/recordings/{of_talk(session).id}/play").status_code == 404
    assert "Part 2" not in client.get(f"/recordings/classes/{session.id}").text


def test_while_it_runs_the_class_is_not_live(talk, client, cast, travel):
    session = talk(20, is_over=False)

    assert phase.phase_of(session, travel.now) is Phase.ENDED
    client.sign_in(cast.ravi)
    assert "Join Meeting" not in client.get("/home").text
    assert client.get(f"/classes/{session.id}/join").status_code == 409
    client.sign_in(cast.admin)
    assert "It runs now." in client.get("/admin/today").text

    url = f"/admin/classes/{session.id}/instances/{session.instances[1].id}"
    client.post(url, data={"was_class": 1})
    db.session.refresh(session)
    assert phase.phase_of(session, travel.now) is Phase.LIVE, "when it goes on after a long break"


def test_the_class_page_and_today_say_so_and_an_admin_keeps_it_apart(talk, client, cast):
    session = talk(18)
    client.sign_in(cast.admin)
    sentence = "was opened again after the class; it is kept apart from it."
    assert sentence in client.get("/admin/today").text
    page = client.get(f"/admin/classes/{session.id}").text
    assert "It took 30 min, and it was opened again after the class had ended." in page

    url = f"/admin/classes/{session.id}/instances/{session.instances[1].id}"
    assert client.post(url, data={"was_class": 0}).status_code == 303

    assert sentence not in client.get("/admin/today").text
    assert "you said that it was not the class" in client.get(f"/admin/classes/{session.id}").text


def test_an_admin_may_say_that_it_was_the_class(talk, client, cast, worker, travel):
    session = talk(18)
    client.sign_in(cast.admin)

    url = f"/admin/classes/{session.id}/instances/{session.instances[1].id}"
    client.post(url, data={"was_class": 1})
    worker.drain()

    db.session.refresh(session)
    assert [each.state for each in session.instances] == ["counted", "counted"]
    assert of_talk(session).is_watchable
    assert attendance_of(session, travel.now)[cast.asha.id].minutes == 30


def test_an_admin_may_publish_its_recording_and_undo_that(talk, cast):
    session = talk(18)
    video = of_talk(session)
    text = db.session.scalars(
        db.select(Recording).filter_by(meeting_uuid=AGAIN, file_type="TRANSCRIPT")
    ).first()

    batch = transaction(set_visible, video, True, cast.admin)
    shown = permissions.seen_by_students(session)
    assert video.id in shown
    assert text is None or text.id in shown, "what was said belongs to it"

    transaction(undo_visibility, batch, cast.admin)
    assert video.id not in permissions.seen_by_students(session)


def test_the_recording_of_a_talk_before_the_class_waits_for_an_admin(
    session, client, cast, worker, travel, mailbox
):
    """It comes before its webhooks, and the class is not over because of it."""
    began, until = travel.now, travel.now.replace() + (session.starts_at - travel.now) / 2
    travel.to(until)
    post(client, recorded(session.zoom_meeting_id, began, until, AGAIN))
    worker.drain()

    db.session.refresh(session)
    assert (session.recording_state, session.started_at) == (None, None)
    assert permissions.watchable(session) == []
    transaction(set_visible, of_talk(session), True, cast.admin)
    worker.drain()
    assert session.recording_state == "available"
    assert news(mailbox, cast) == [], "told with the class"


def test_a_class_that_is_moved_leaves_what_was_held_behind(session, cast, worker, hold):
    hold(session)
    worker.drain()
    db.session.refresh(session)
    assert session.recording_state == "available"

    later = session.starts_at + timedelta(days=7)
    plan = Plan(session.title, "", later, 60, session.zoom_host_email)
    transaction(change, session, plan, session.revision, cast.admin)
    worker.drain()

    db.session.refresh(session)
    assert [each.state for each in session.instances] == ["outside"]
    assert session.recording_state is None
    assert permissions.watchable(session) == []


def test_the_end_of_the_class_that_nobody_reported_lets_no_talk_in(session, client, worker, travel):
    travel.to(session.starts_at)
    post(client, started(session.zoom_meeting_id, travel.now))
    worker.drain()
    travel.forward(minutes=60 + 18)
    post(client, started(session.zoom_meeting_id, travel.now, AGAIN))
    worker.drain()

    db.session.refresh(session)
    assert [each.state for each in session.instances] == ["counted", "reopened"]
    assert phase.phase_of(session, travel.now) is Phase.ENDED
    assert session.ended_at == session.ends_at


def test_two_meetings_at_once_are_one_class(session, travel, worker):
    """A meeting that was replaced is still open somewhere: what overlaps the class is the class."""
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    worker.drain()
    db.session.add(
        MeetingInstance(session_id=session.id, zoom_uuid="other", started_at=session.starts_at)
    )
    transaction(phase.decide_instances, session)

    assert {each.state for each in session.instances} == {"counted"}
