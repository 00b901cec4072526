"""When everybody is told of a recording: once for the class, when all of it is there."""

from datetime import timedelta

import pytest

from ffapp.core.db import db
from ffapp.recordings import recording_state
from tests.zoom_posts import ended, post, recorded, started


@pytest.fixture
def session(cast, worker):
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    return session


@pytest.fixture
def at(session, travel):
    """Go to that minute of the class."""

    def go(minute):
        travel.to(session.starts_at + timedelta(minutes=minute))
        return travel.now

    return go


@pytest.fixture
def told(mailbox, cast, worker):
    """The mails about it, after everything that is due was done."""

    def read():
        db.session.rollback()
        recording_state.note_ended(timestamp=0)
        worker.drain()
        mails = mailbox(cast.asha.email)
        return [mail for mail in mails if mail["subject"].startswith("Recording ready")]

    return read


@pytest.fixture
def hold(session, client, at, worker):
    """Hold a part of the class, between two minutes of it."""

    def hold(start, end, uuid="firstQ==", *, recording=True):
        began, until = at(start), at(end)
        post(client, started(session.zoom_meeting_id, began, uuid))
        post(client, ended(session.zoom_meeting_id, began, until, uuid))
        if recording:
            post(client, recorded(session.zoom_meeting_id, began, until, uuid))
        worker.drain()

    return hold


def test_a_part_of_a_class_that_may_go_on_is_told_to_nobody_and_the_last_one_to_all(hold, told, at):
    hold(0, 20)
    assert told() == []
    hold(30, 60, "secondQ=")

    (mail,) = told()
    assert "It has several parts: part 1 of 20 min, part 2 of 30 min." in mail["text"]
    at(3 * 60)
    assert len(told()) == 1


def test_a_class_that_ended_early_is_told_of_when_it_cannot_go_on(hold, told, at):
    hold(0, 20)
    at(34)
    assert told() == []
    at(35)

    (mail,) = told()
    assert "several parts" not in mail["text"]


def test_nothing_is_told_while_the_class_runs(session, client, hold, told, at, worker):
    """Zoom may finish a part of a meeting that goes on."""
    began = at(0)
    post(client, started(session.zoom_meeting_id, began))
    post(client, recorded(session.zoom_meeting_id, began, at(20)))
    worker.drain()
    assert told() == []
    at(70)
    assert told() == []

    again, until = at(25), at(80)
    post(client, recorded(session.zoom_meeting_id, again, until))
    post(client, ended(session.zoom_meeting_id, began, until))
    assert len(told()) == 1


def test_the_last_part_is_waited_for_and_not_for_ever(hold, told, at):
    hold(0, 30)
    hold(35, 60, "secondQ=", recording=False)
    at(60 + 89)
    assert told() == []
    at(60 + 90)

    assert len(told()) == 1


@pytest.mark.parametrize(("seconds", "mails"), [(8, 0), (59, 0), (60, 1)])
def test_a_clip_of_seconds_is_no_recording(
    session, client, hold, told, at, worker, travel, seconds, mails
):
    hold(0, 60, recording=False)
    until = at(60)
    clip = recorded(session.zoom_meeting_id, until - timedelta(seconds=seconds), until)
    post(client, clip)
    at(4 * 60)

    assert len(told()) == mails
    db.session.refresh(session)
    assert [each.is_watchable for each in session.recordings if each.is_video] == [mails == 1]
