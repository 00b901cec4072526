"""“Visible to students” is exactly what a student's query finds, wherever it is said."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ffapp.classes.models import InstanceState, MeetingInstance
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.recordings import library, permissions
from ffapp.recordings.models import FileState, Recording, RecordingView, Transcript

TYPES = ("MP4", "M4A", "TRANSCRIPT", "CHAT", "TIMELINE", None)
FILE = st.fixed_dictionaries(
    {
        "file_type": st.sampled_from(TYPES),
        "visible": st.sampled_from((None, True, False)),
        "state": st.sampled_from(tuple(FileState)),
        "play_url": st.sampled_from(("https://zoom.us/rec/play/x", None)),
        "seconds": st.sampled_from((8, 59, 60, 1800, None)),
        "meeting": st.integers(0, 2),  # the third was never heard of
        "segment": st.integers(0, 1),
    }
)
STATES = st.tuples(*[st.sampled_from(tuple(InstanceState))] * 2)


@pytest.fixture
def session(cast):
    return cast.schedule_at("Pricing", clock.now() - timedelta(days=2))


@given(st.lists(FILE, max_size=6), STATES)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_place_says_what_the_query_finds(client, cast, session, files, states):
    _begin_again(session, states)
    for number, file in enumerate(files):
        _add(session, number, file)
    db.session.commit()
    db.session.refresh(session)

    seen = permissions.seen_by_students(session)
    found = set(db.session.scalars(permissions.recordings_of(cast.asha.id)).all())
    assert {each.id for each in found} == seen
    videos = {each.id for each in session.recordings if each.is_watchable}
    assert videos == {each.id for each in found if each.file_type == "MP4"}
    assert videos == {each.id for part in library.parts(session) for each in part.videos}
    assert {part.transcript_id for part in library.parts(session) if part.transcript_id} <= seen

    client.sign_in(cast.asha)
    for each in session.recordings:
        status = client.get(f"/recordings/{each.id}/play", lint=False).status_code
        assert (status == 302) is (each.id in videos)
    assert ("Pricing" in client.get("/recordings", lint=False).text) is bool(videos)
    client.sign_in(cast.admin)
    for word, expected in (("visible", bool(videos)), ("hidden", not videos)):
        shown = client.get(f"/admin/recordings?students={word}", lint=False).text
        assert bool(re.search(r"<tr[^>]*>(?:(?!</tr>).)*Pricing", shown, re.S)) is expected
    page = client.get(f"/admin/classes/{session.id}", lint=False).text
    badges = len(re.findall(r">See it<", page))
    assert badges == len(seen)


def _begin_again(session, states):
    db.session.rollback()
    for model in (RecordingView, Transcript, Recording, MeetingInstance):
        db.session.execute(db.delete(model))
    session.recording_state = "available"
    for number, state in enumerate(states):
        start = session.starts_at + timedelta(hours=number)
        db.session.add(
            MeetingInstance(
                session_id=session.id,
                zoom_uuid=f"u{number}",
                started_at=start,
                ended_at=start + timedelta(minutes=50),
                state=state,
            )
        )


def _add(session, number, file):
    start = session.starts_at + timedelta(hours=file["meeting"], minutes=25 * file["segment"])
    seconds = file["seconds"]
    db.session.add(
        Recording(
            session_id=session.id,
            meeting_uuid=f"u{file['meeting']}",
            file_id=f"{number}",
            starts_at=start,
            ends_at=None if seconds is None else start + timedelta(seconds=seconds),
            first_seen_at=clock.now(),
            state_since=clock.now(),
            **{name: file[name] for name in ("file_type", "visible", "state", "play_url")},
        )
    )


def test_hiding_a_video_hides_what_belongs_to_it(session, client, cast):
    _begin_again(session, ("counted", "counted"))
    for number, file_type in enumerate(("MP4", "M4A", "TRANSCRIPT", "CHAT")):
        file = {"file_type": file_type, "visible": None, "state": "available"}
        more = {"play_url": "https://zoom.us/rec/play/x", "seconds": 1800}
        _add(session, number, {**file, **more, "meeting": 0, "segment": 0})
    db.session.commit()
    types = {each.id: each.file_type for each in session.recordings}
    video = next(id_ for id_, file_type in types.items() if file_type == "MP4")
    assert {types[each] for each in permissions.seen_by_students(session)} == {"MP4", "TRANSCRIPT"}

    client.sign_in(cast.admin)
    client.post(f"/admin/recordings/{video}/visibility", data={"visible": "0"})

    assert permissions.seen_by_students(session) == set()
    page = client.get(f"/admin/classes/{session.id}").text
    assert ">See it<" not in page
    assert page.count("Not for students") == 2, "the sound and the chat are never shown to them"
