"""Recordings, as a student finds and plays them."""

from datetime import timedelta

import pytest

from ffapp.classes.models import RecordingState
from ffapp.classes.schedule import cancel
from ffapp.core.db import db, transaction
from ffapp.recordings.files import set_visible
from ffapp.recordings.models import RecordingView
from tests.zoom_posts import ended, post, recorded

PROMISE = "you get one e-mail"


@pytest.fixture
def session(cast, worker, travel, client):
    """A class with two segments recorded; Asha is signed in."""
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    began = session.starts_at
    travel.to(began + timedelta(minutes=60))
    post(client, ended(session.zoom_meeting_id, began, travel.now))
    half = began + timedelta(minutes=30)
    post(client, recorded(session.zoom_meeting_id, half, travel.now))
    post(client, recorded(session.zoom_meeting_id, began, half))
    worker.drain()
    client.sign_in(cast.asha)
    db.session.rollback()
    return session


def video(session):
    return next(each for each in session.recordings if each.is_video)


def test_playing_goes_through_us_and_is_written_down(client, session, cast):
    recording = video(session)

    page = client.get(f"/recordings/classes/{session.id}").text
    assert "zoom.us" not in page, "the address at Zoom is printed nowhere"
    answer = client.get(f"/recordings/{recording.id}/play")

    assert answer.status_code == 302
    assert answer.location.startswith(f"{recording.play_url}?pwd=")
    (view,) = db.session.scalars(db.select(RecordingView))
    assert (view.recording_id, view.person_id) == (recording.id, cast.asha.id)


def test_each_part_shows_its_own_passcode(client, session):
    videos = [each for each in session.recordings if each.is_video]
    for number, each in enumerate(videos):
        each.passcode = f"code-{number}"
    db.session.commit()

    page = client.get(f"/recordings/classes/{session.id}").text

    for number, part in enumerate(page.split("<li>")[-2:]):
        assert f"code-{number}" in part
        assert f"code-{1 - number}" not in part


def test_a_hidden_recording_is_not_there(client, session, cast):
    for recording in session.recordings:
        transaction(set_visible, recording, False, cast.admin)

    assert client.get(f"/recordings/{video(session).id}/play").status_code == 404
    assert "Pricing" not in client.get("/recordings").text
    page = client.get(f"/recordings/classes/{session.id}").text
    assert "The recording is not open to watch." in page
    assert PROMISE not in page


@pytest.mark.parametrize(
    ("meeting_id", "why"),
    [
        (None, "No meeting was made at Zoom, so nothing was recorded."),
        (85746065123, "Nobody started the meeting, so nothing was recorded."),
    ],
)
def test_what_was_not_recorded_promises_nothing(client, cast, meeting_id, why):
    session = cast.schedule(hours=-3)
    session.recording_state, session.zoom_meeting_id = RecordingState.NONE, meeting_id
    db.session.commit()

    page = read(client, cast, session)

    assert why in page
    assert PROMISE not in page


def test_a_cancelled_class_promises_no_recording(client, cast):
    session = cast.schedule(hours=2)
    transaction(cancel, session, "Vikram is ill", session.revision, cast.admin)

    page = read(client, cast, session)
    assert "Cancelled: Vikram is ill" in page
    assert PROMISE not in page


def test_a_recording_on_its_way_is_promised(client, cast):
    session = cast.schedule(hours=2)

    assert PROMISE in read(client, cast, session)


def read(client, cast, session):
    client.sign_in(cast.asha)
    return client.get(f"/recordings/classes/{session.id}").text


def test_a_recording_that_was_hidden_is_told_when_it_is_shown(
    client, cast, worker, mailbox, travel
):
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.forward(hours=2)
    post(client, recorded(session.zoom_meeting_id, session.starts_at, session.ends_at))
    worker.drain()
    db.session.rollback()
    recording = video(session)
    for visible in (False, True, False, True):
        transaction(set_visible, recording, visible, cast.admin)
        worker.drain()

    news = [mail for mail in mailbox(cast.asha.email) if "Recording ready" in mail["subject"]]
    assert len(news) == 1
