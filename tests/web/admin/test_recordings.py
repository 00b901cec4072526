"""Recordings: on the page of their class, of all classes, and the sync that fetches them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ffapp.classes import phase
from ffapp.classes.models import MeetingInstance
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.recordings import recording_state
from ffapp.recordings.models import Recording, RecordingView
from ffapp.recordings.views import record_view
from tests.browse import flashed

CARD = {"HX-Request": "true", "HX-Target": "recordings-card"}
KINDS = {
    "MP4": "shared_screen_with_speaker_view",
    "M4A": "audio_only",
    "TIMELINE": "timeline",
    "NEW": "hologram_view",
}


def held(session, days=2):
    """The class was held some days ago."""
    start = clock.now() - timedelta(days=days)
    session.starts_at, session.zoom_meeting_id = start, 81000000000 + session.id
    session.recording_state = "processing"
    end = start + timedelta(minutes=60)
    db.session.add(
        MeetingInstance(
            session_id=session.id, zoom_uuid=f"u{session.id}", started_at=start, ended_at=end
        )
    )
    phase.decide_instances(session)
    db.session.commit()
    return session


def recorded(session, segments=1):
    for segment in range(segments):
        start = session.starts_at + timedelta(minutes=30 * segment)
        for kind, said in KINDS.items():
            db.session.add(
                Recording(
                    session_id=session.id,
                    meeting_uuid=f"u{session.id}",
                    file_id=f"{session.id}-{segment}-{kind}",
                    file_type=kind,
                    recording_type=said,
                    size_bytes=182_000_000,
                    starts_at=start,
                    ends_at=start + timedelta(minutes=28),
                    play_url=None if kind == "TIMELINE" else "https://zoom.us/rec/play/x",
                    play_passcode="s3cret/+",
                    first_seen_at=clock.now(),
                )
            )
    session.recording_state, session.recording_since = "available", clock.now()
    db.session.commit()
    return session


def card(client, session):
    return client.get(f"/admin/classes/{session.id}", headers=CARD).text


def video_of(session):
    return db.session.scalar(
        select(Recording).where(Recording.session_id == session.id, Recording.file_type == "MP4")
    )


# ── on the page of the class ──


def test_files_stand_in_segments_with_their_facts(client, cast):
    session = recorded(held(cast.schedule()), segments=2)

    text = card(client, session)

    assert "Part 1, from" in text
    assert "Part 2, from" in text
    assert text.count("Video, screen and speaker") >= 2
    assert "28 min" in text
    assert "182.0 MB" in text
    assert "Hologram view" in text, "a word of Zoom's that is new is shown as it is"
    assert "zoom.us/rec/play" not in text, "the address is in no page"


def test_watching_goes_through_us_and_is_counted(client, cast):
    session = recorded(held(cast.schedule()))
    video = video_of(session)
    for person in (cast.asha, cast.asha, cast.ravi):
        transaction(record_view, video, person)

    answer = client.get(f"/admin/recordings/{video.id}/play")

    assert answer.status_code == 302
    assert answer.location == "https://zoom.us/rec/play/x?pwd=s3cret%2F%2B"
    assert db.session.scalar(select(func.count()).select_from(RecordingView)) == 4
    text = card(client, session)
    assert "4 by 3 people" in text
    assert "last Vikram Rao" in text


def test_what_cannot_be_played_is_not_found(client, cast):
    recorded(held(cast.schedule()))
    timeline = db.session.scalar(select(Recording).where(Recording.file_type == "TIMELINE"))

    assert client.get(f"/admin/recordings/{timeline.id}/play").status_code == 404
    assert client.get("/admin/recordings/999/play").status_code == 404
    assert client.get("/admin/recordings/99999999999999999999/play").status_code == 404


def test_a_file_is_hidden_from_students_and_shown_again(client, cast):
    session = recorded(held(cast.schedule()))
    video = video_of(session)
    address = f"/admin/recordings/{video.id}/visibility"

    text = client.post(address, data={"visible": "0"}, headers=CARD).text
    assert "Do not see it" in text
    assert f'hx-get="/admin/classes/{session.id}"' in text or "hx-get" not in text
    db.session.refresh(video)
    assert video.visible is False
    client.sign_in(cast.asha)
    assert client.get(f"/recordings/{video.id}/play").status_code == 404

    client.sign_in(cast.admin)
    answer = client.post(address, data={"visible": "1"})
    assert answer.status_code == 303
    assert "Students can watch it now" in flashed(client.get(answer.location))
    db.session.refresh(video)
    assert video.visible is True
    assert client.post(address, data={"visible": "maybe"}).status_code == 400


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("failed", "Zoom refuses us an access token.", "The recording could not be fetched"),
        ("none", "It was probably not recorded.", "It was probably not recorded."),
        ("processing", None, "Zoom has been working on it since"),
    ],
)
def test_each_state_says_why(client, cast, state, reason, said):
    session = held(cast.schedule())
    session.recording_state, session.recording_reason = state, reason
    db.session.commit()

    text = card(client, session)

    assert said in text
    assert (reason or "") in text
    assert ("Retry" if state == "failed" else "Sync now") in text


def test_before_the_class_it_says_when_to_expect_them(client, cast):
    assert "usually 1 h 30 min after its end" in card(client, cast.schedule())


# ── the sync ──


def test_sync_now_shows_what_it_did(client, cast, worker, travel):
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    travel.forward(minutes=60)
    zoom_live.end(session.zoom_meeting_id)
    db.session.execute(db.text("DELETE FROM simulator.callbacks"))
    db.session.commit()
    travel.forward(hours=1)

    answer = client.post("/admin/recordings/sync")
    assert answer.status_code == 303
    waiting = client.get(answer.location).text
    assert "A worker takes it next." in waiting
    assert 'hx-trigger="load delay:1s"' in waiting
    twin = client.post("/admin/recordings/sync")
    assert twin.location == answer.location, "one that waits already is joined"

    worker.drain()

    done = client.get(answer.location).text
    assert "It asked Zoom about 1 class in 1 call and found 4 new files" in done
    assert "1 recording became available" in done
    assert 'hx-trigger="load' not in done, "it stops asking"
    assert "Vikram Rao" in client.get("/admin/recordings").text


def test_one_class_is_synced_from_its_page_in_place(client, cast, worker):
    session = held(cast.schedule())
    session.recording_state, session.recording_reason = "failed", "No token."
    db.session.commit()

    text = client.post("/admin/recordings/sync", data={"session_id": session.id}, headers=CARD).text

    assert "Zoom is being asked for it." in text
    assert f'hx-get="/admin/classes/{session.id}"' in text
    worker.drain()
    db.session.refresh(session)
    assert session.recording_state == "processing"


def test_a_class_without_a_meeting_has_nothing_to_sync(client, cast):
    session = cast.schedule()

    answer = client.post("/admin/recordings/sync", data={"session_id": session.id})

    assert "no Zoom meeting" in flashed(client.get(answer.location))
    assert client.post("/admin/recordings/sync", data={"session_id": "x"}).status_code == 404
    assert client.post("/admin/recordings/sync", data={"session_id": "999"}).status_code == 404
    assert client.get("/admin/recordings/sync/999").status_code == 404


def test_a_class_that_never_had_a_meeting_waits_for_no_recording(client, cast, travel):
    session, held = cast.schedule("Refused", hours=1), cast.schedule("Held", hours=1)
    held.zoom_meeting_id = 81
    db.session.commit()
    travel.to(session.ends_at + timedelta(minutes=14))
    recording_state.note_ended(timestamp=0)
    assert held.recording_state is None, "the host may still start it"
    travel.forward(minutes=1)
    recording_state.note_ended(timestamp=0)
    db.session.refresh(held)
    assert (held.recording_state, held.recording_since) == ("processing", held.ends_at)

    page = client.get(f"/admin/classes/{session.id}").text
    overview = client.get("/admin/recordings?state=none").text

    for text in (page, overview):
        assert "No meeting was made at Zoom, so nothing was recorded." in text
    assert ">Refused</a>" in overview
    assert ">Refused</a>" not in client.get("/admin/recordings?state=processing").text


# ── of all classes ──


@pytest.fixture
def one_of_each(cast):
    cast.schedule("Ahead")
    held(cast.schedule("In work"))
    recorded(held(cast.schedule("Watchable")))
    for title, state in (("Broken", "failed"), ("Never recorded", "none")):
        session = held(cast.schedule(title))
        session.recording_state, session.recording_reason = state, f"Why: {state}."
    db.session.commit()


def test_the_overview_shows_every_class_that_is_over(client, one_of_each):
    text = client.get("/admin/recordings").text

    for title in ("In work", "Watchable", "Broken", "Never recorded"):
        assert f">{title}</a>" in text
    assert ">Ahead</a>" not in text
    assert "Why: failed." in text
    assert "since" in text
