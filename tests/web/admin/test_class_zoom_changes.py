"""The page of a class whose meeting or recording was changed inside Zoom."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ffapp.core.db import db
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.providers.zoom.simulator import recording_files, recordings, state
from ffapp.recordings.models import Recording, Transcript
from tests.at_zoom import change_inside, delete_inside, effects
from tests.browse import flashed

ZOOM = {"HX-Request": "true", "HX-Target": "zoom-card"}
RECORDINGS = {"HX-Request": "true", "HX-Target": "recordings-card"}


@pytest.fixture
def session(cast, worker, travel):
    session = cast.schedule(hours=30)
    worker.drain()
    db.session.refresh(session)
    travel.forward(minutes=1)
    return session


@pytest.fixture
def gone(session, worker):
    delete_inside(session)
    worker.drain()
    db.session.refresh(session)
    return session


@pytest.fixture
def held(session, worker, travel):
    """It was held and recorded."""
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    travel.forward(minutes=20)
    zoom_live.end(session.zoom_meeting_id)
    worker.drain()
    travel.forward(minutes=1)
    db.session.refresh(session)
    return session


def show(client, session, headers=None):
    return client.get(f"/admin/classes/{session.id}", headers=headers).text


def test_a_deleted_meeting_is_said_with_one_button(client, gone):
    card = show(client, gone, ZOOM)

    assert ">Deleted in Zoom</span>" in card
    assert "The meeting was deleted inside Zoom" in card
    assert card.count("<button") == 1
    assert "Make a new meeting" in card
    assert "Meeting ID" not in card


def test_the_button_makes_one_meeting_however_often_it_is_pressed(client, gone, worker):
    address = f"/admin/classes/{gone.id}/meetings"

    card = client.post(address, headers=ZOOM).text
    assert ">Being made</span>" in card
    assert "Make a new meeting" not in card
    again = client.post(address)
    assert again.status_code == 303
    assert "under way already" in flashed(client.get(again.location))
    worker.drain()

    assert ">Ready</span>" in show(client, gone, ZOOM)
    assert len(effects(gone, "zoom.create")) == 2
    text = show(client, gone)
    assert "asked for a new meeting in place of the one that was deleted" in text


def test_a_class_that_is_over_offers_no_new_meeting(client, held, worker):
    delete_inside(held)
    worker.drain()

    assert "Make a new meeting" not in show(client, held, ZOOM)
    assert ">Pricing</a>" not in client.get("/admin/classes?state=attention").text


def test_the_timeline_says_what_was_done_inside_zoom_and_by_whom(client, session, worker):
    change_inside(session, start_time=session.starts_at + timedelta(hours=2))
    worker.drain()
    delete_inside(session)
    worker.drain()

    text = " ".join(show(client, session).split())
    assert "<b>Zoom</b> moved “Pricing” from" in text
    assert "Done inside Zoom by educator@futurefounders.example" in text
    assert "was deleted there by educator@futurefounders.example" in text


def test_files_in_the_trash_say_since_when_and_cannot_be_played(client, held, worker):
    found = state.instances_of(held.zoom_meeting_id)[-1]
    recordings.throw_away(found, recording_files.kept(found), "trashed")
    worker.drain()

    card = show(client, held, RECORDINGS)

    assert ">In Zoom’s trash</span>" in card
    assert "Moved to Zoom’s trash on" in card
    assert "until it is brought back" in card
    assert "/play" not in card
    video = db.session.scalars(select(Recording).filter_by(file_type="MP4")).one()
    assert client.get(f"/admin/recordings/{video.id}/play").status_code == 404
    page = client.get("/admin/recordings?state=trashed").text
    assert ">Pricing</a>" in page
    assert "Moved to Zoom’s trash on" in page


def test_a_transcript_is_read_by_the_admin(client, held):
    transcript = db.session.scalars(select(Transcript)).one()
    address = f"/admin/recordings/{transcript.recording_id}/transcript"
    assert f'href="{address}"' in show(client, held, RECORDINGS)

    assert "Good evening, everybody" in client.get(address).text


def test_a_transcript_that_failed_says_why_and_is_tried_again(client, held, worker):
    transcript = db.session.scalars(select(Transcript)).one()
    transcript.state, transcript.reason = "failed", "Zoom has lost it."
    db.session.commit()
    address = f"/admin/recordings/{transcript.recording_id}/transcript"
    assert "Zoom has lost it." in show(client, held, RECORDINGS)
    assert "Zoom has lost it." in client.get(address).text

    card = client.post(address, headers=RECORDINGS).text
    assert "Being fetched." in card
    worker.drain()
    assert client.post(address).status_code == 303, "asking once more does no harm"
    assert "Good evening" in client.get(address).text


@pytest.mark.parametrize(
    ("word", "said"),
    [("wanted", "It is being fetched from Zoom"), ("erased", "It is not kept any more")],
)
def test_a_transcript_that_is_not_there_says_so(client, held, word, said):
    transcript = db.session.scalars(select(Transcript)).one()
    transcript.state = word
    db.session.commit()

    page = client.get(f"/admin/recordings/{transcript.recording_id}/transcript")

    assert (page.status_code, said in page.text) == (200, True)
    assert client.get("/admin/recordings/999/transcript").status_code == 404
