"""The bell: told with the event, once, to those who may know of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import cancel, change
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.notices import class_scheduled, recording_available
from ffapp.notices.kit import bells
from ffapp.notices.kit.announce import announce
from ffapp.notifications.choices import choose
from ffapp.notifications.models import Notification
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from ffapp.recordings.files import set_visible
from ffapp.recordings.models import Recording
from tests.at_zoom import plan_of
from tests.processes import witness
from tests.processes.poll import poll
from tests.zoom_posts import ended, post, recorded

WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def lines(person):
    mine = select(Notification).filter_by(person_id=person.id).order_by(Notification.id)
    return db.session.scalars(mine).all()


@pytest.fixture
def session(cast, worker):
    session = cast.schedule("Pricing", hours=30)
    worker.drain()
    return session


def test_each_change_of_a_class_is_one_line(cast, worker, session):
    later = session.starts_at + timedelta(hours=2)
    transaction(change, session, plan_of(session, starts_at=later), 1, cast.admin)
    transaction(change, session, plan_of(session, title="Prices"), 2, cast.admin)
    transaction(cancel, session, "The teacher is ill", 3, cast.admin)
    worker.drain()

    told = [line for line in lines(cast.ravi) if line.subject == session.subject]
    assert [line.key.partition(":")[0] for line in told] == [
        "class_scheduled",
        "class_moved",
        "class_renamed",
        "class_cancelled",
    ]
    assert told[2].title == "Pricing is now called Prices"
    assert told[3].body == "The teacher is ill"
    assert {line.path for line in told} == {f"/classes/{session.id}"}


def test_a_listener_that_runs_twice_tells_once(cast, worker, session):
    event = db.session.scalars(select(Event).filter_by(name="class_scheduled")).one()
    before = len(lines(cast.asha))

    transaction(announce, class_scheduled.NOTICE, event)

    assert len(lines(cast.asha)) == before


def test_a_child_whose_guardian_refused_messages_still_finds_them_on_our_own_pages(cast, session):
    assert any(line.subject == session.subject for line in lines(cast.kabir))
    assert lines(cast.meera) == [], "she is not enrolled"


def test_the_other_admins_are_told_and_who_did_it_is_not(cast, session):
    assert lines(cast.admin) == []


def test_reminders_ring_when_their_time_has_come_and_once(cast, session, travel):
    travel.to(session.starts_at - timedelta(minutes=16))
    bells.ring_reminders(0)
    assert not [line for line in lines(cast.asha) if "begins soon" in line.title]

    travel.forward(minutes=2)
    bells.ring_reminders(0)
    bells.ring_reminders(0)

    (line,) = [line for line in lines(cast.asha) if "begins soon" in line.title]
    assert line.title == "Pricing begins soon"
    assert line.body.endswith("IST. You can join now.")


def test_a_class_that_is_cancelled_while_reminders_ring_rings_for_nobody(
    app, cast, session, travel
):
    travel.to(session.starts_at - timedelta(minutes=14))
    db.session.rollback()

    def ring():
        with app.app_context():
            bells.ring_reminders(0)

    with ThreadPoolExecutor(1) as thread:
        with db.engine.begin() as another:
            another.execute(update(ClassSession).values(cancelled_at=travel.now))
            ringing = thread.submit(ring)
            poll(lambda: witness.sql(WAITING), "the bells wait for the class")
        ringing.result()

    assert not [line for line in lines(cast.asha) if "begins soon" in line.title]


def test_a_recording_rings_only_when_there_is_something_to_watch(
    cast, client, worker, session, travel
):
    db.session.refresh(session)
    until = session.starts_at + timedelta(minutes=60)
    travel.to(until)
    post(client, ended(session.zoom_meeting_id, session.starts_at, until))
    post(client, recorded(session.zoom_meeting_id, session.starts_at, until))
    of_class = select(Recording).filter_by(session_id=session.id)
    worker.drain()
    event = db.session.scalars(select(Event).filter_by(name="recording_available")).one()
    db.session.execute(delete(Notification))
    videos = db.session.scalars(of_class).all()
    for video in videos:
        video.visible = False
    db.session.commit()

    transaction(announce, recording_available.NOTICE, event)
    assert not lines(cast.asha)

    for video in videos:
        transaction(set_visible, video, True, cast.admin)
    worker.drain()
    (line,) = lines(cast.asha)
    assert line.key.startswith("recording_available:")


def test_who_switched_the_bell_off_for_reminders_hears_none(cast, session, travel):
    transaction(choose, cast.asha, "class_reminders", "bell", False)
    travel.to(session.starts_at - timedelta(minutes=14))

    bells.ring_reminders(0)

    assert not [line for line in lines(cast.asha) if line.kind == "class_reminders"]
    assert [line for line in lines(cast.ravi) if line.kind == "class_reminders"]


def test_who_is_withdrawn_finds_nothing_of_it_any_more_and_a_welcome_when_back(
    cast, worker, session
):
    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    worker.drain()
    assert lines(cast.asha) == []

    transaction(enrol, cast.cohort, cast.asha, cast.admin)
    worker.drain()

    (line,) = lines(cast.asha)
    assert line.title == "You have a place in Winter 2026"


def test_a_class_that_is_written_down_afterwards_rings_for_nobody(cast, worker, travel):
    cast.schedule("Long ago", hours=-30)
    worker.drain()

    assert not [line for line in lines(cast.ravi) if "Long ago" in line.title]
