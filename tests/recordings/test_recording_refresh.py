"""Recordings in Zoom's trash, deleted there or brought back: what is read at Zoom is shown."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.providers.simulating import store
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.providers.zoom.simulator import recording_files, recordings, state
from ffapp.recordings import permissions
from ffapp.recordings.files import set_visible
from ffapp.recordings.models import FileState, Recording
from tests.at_zoom import events
from tests.zoom_posts import OPERATOR, moved_files, post


@pytest.fixture
def session(cast, worker, travel):
    """A class that was held and recorded in two parts, an hour ago."""
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    travel.forward(minutes=20)
    zoom_live.set_recording(session.zoom_meeting_id, on=False)
    travel.forward(minutes=5)
    zoom_live.set_recording(session.zoom_meeting_id, on=True)
    travel.forward(minutes=20)
    zoom_live.end(session.zoom_meeting_id)
    worker.drain()
    travel.forward(hours=1)
    db.session.refresh(session)
    assert session.recording_state == "available"
    return session


def held(session):
    """The recording as the simulated Zoom has it."""
    return state.instances_of(session.zoom_meeting_id)[-1]


def trash_inside(session, where="trashed"):
    found = held(session)
    recordings.throw_away(found, recording_files.kept(found), where)


def recover_inside(session):
    found = held(session)
    recordings.bring_back(found, recording_files.trashed(found))


def watchable(session):
    db.session.rollback()
    db.session.refresh(session)
    return permissions.watchable(session)


def news(mailbox, cast):
    return [m for m in mailbox(cast.asha.email) if m["subject"].startswith("Recording ready")]


def test_what_goes_to_the_trash_is_hidden_with_the_reason_and_nothing_is_deleted(
    session, worker, cast
):
    before = set(db.session.scalars(db.select(Recording.file_id)))
    trash_inside(session)
    worker.drain()

    assert watchable(session) == []
    assert session.recording_state == "trashed"
    at = clock.spell(clock.now(), session.time_zone)
    assert session.recording_reason.startswith(f"Moved to Zoom’s trash on {at}.")
    assert set(db.session.scalars(db.select(Recording.file_id))) == before
    assert {each.state for each in session.recordings} == {FileState.TRASHED}
    (event,) = events(session, "recording_trashed")
    assert (event.actor, event.facts["operator"], event.facts["videos"]) == ("Zoom", OPERATOR, 2)


@pytest.mark.parametrize("hidden", ["before", "meanwhile"])
def test_what_is_recovered_is_shown_as_an_admin_has_chosen(
    session, worker, cast, mailbox, travel, hidden
):
    first = watchable(session)[0]
    if hidden == "before":
        transaction(set_visible, first, False, cast.admin)
    trash_inside(session)
    worker.drain()
    if hidden == "meanwhile":
        transaction(set_visible, first, False, cast.admin)
    travel.forward(minutes=5)
    recover_inside(session)
    worker.drain()

    shown = watchable(session)
    assert len(shown) == 1, "the one that an admin has hidden stays hidden"
    assert first.id not in [each.id for each in shown]
    assert (session.recording_state, session.recording_reason) == ("available", None)
    assert len(events(session, "recording_recovered")) == 1
    assert len(events(session, "recording_available")) == 1
    assert len(news(mailbox, cast)) == 1, "they know it already"


ACTS = st.lists(
    st.tuples(st.sampled_from(["trashed", "deleted", "recovered"]), st.sets(st.integers(0, 7))),
    min_size=1,
    max_size=5,
)


@given(ACTS, st.randoms(use_true_random=False))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_moved_and_however_it_is_posted_the_files_are_what_they_are_at_zoom(
    client, session, worker, acts, luck
):
    """Each post late, some twice, in any order; those of a file that was deleted for good."""
    _begin_again(session)
    ids = sorted(each["id"] for each in recording_files.everything(held(session)))
    uuid, posts = held(session)["uuid"], []
    store.set_switch("zoom", "webhooks", {"drop": True})
    for act, numbers in acts:
        named = [ids[number] for number in numbers] or ids
        if act == "recovered":
            trashed = recording_files.trashed(held(session))
            moved = [each for each in trashed if each["id"] in named]
            recordings.bring_back(held(session), moved)
        else:
            everything = recording_files.everything(held(session))
            gone = held(session)["deleted_files"]
            moved = [each for each in everything if each["id"] in named and each["id"] not in gone]
            recordings.throw_away(held(session), moved, act)
        moved_ids = [each["id"] for each in moved]
        if moved_ids:
            posts.append(moved_files(act, session.zoom_meeting_id, moved_ids, uuid=uuid))
    posts += luck.choices(posts, k=2) if posts else []
    luck.shuffle(posts)

    for body in posts:
        post(client, body)
    worker.drain()

    db.session.rollback()
    at_zoom = held(session)
    expected = dict.fromkeys(ids, FileState.AVAILABLE)
    expected |= dict.fromkeys(at_zoom["trashed_files"], FileState.TRASHED)
    expected |= dict.fromkeys(at_zoom["deleted_files"], FileState.DELETED)
    db.session.refresh(session)
    assert {each.file_id: each.state for each in session.recordings} == expected
    videos = {expected[each.file_id] for each in session.recordings if each.file_type == "MP4"}
    states = [("available", "available"), ("trashed", "trashed"), ("deleted", "none")]
    assert session.recording_state == next(said for each, said in states if each in videos)


def _begin_again(session):
    """All files are available again, here and at Zoom."""
    db.session.rollback()
    state.edit_instance(
        held(session)["uuid"],
        lambda it: it.update(trash_state="kept", trashed_files=[], deleted_files=[]),
    )
    everything = {"state": FileState.AVAILABLE, "state_since": None}
    db.session.execute(db.update(Recording).values(everything))
    db.session.execute(db.update(ClassSession).values(recording_state="available"))
    db.session.commit()
    db.session.refresh(session)


def test_a_post_is_believed_when_zoom_answers_again(session, client, worker, travel):
    trash_inside(session)
    store.set_switch("zoom", "no_permission", True)
    worker.drain()
    assert len(watchable(session)) == 2
    store.set_switch("zoom", "no_permission", False)

    db.session.execute(db.text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
    db.session.commit()
    worker.drain()

    assert watchable(session) == []
    assert len(events(session, "recording_trashed")) == 1


# ── the sync beside it ──


@pytest.mark.parametrize("alone", [True, False])
def test_a_sync_does_not_show_what_lies_in_the_trash(session, worker, travel, run_sync, alone):
    trash_inside(session)
    worker.drain()
    for _ in range(2):
        travel.forward(hours=1)
        run_sync(session if alone else None)

    assert watchable(session) == []
    assert session.recording_state == "trashed"
    assert "trash" in session.recording_reason


def test_a_sync_does_not_forget_that_it_was_deleted(session, worker, travel, run_sync):
    trash_inside(session, "deleted")
    worker.drain()
    travel.forward(days=3)
    run_sync()

    db.session.refresh(session)
    assert session.recording_state == "none"
    assert session.recording_reason.startswith("Deleted at Zoom")


def test_a_list_that_names_it_again_proves_that_it_is_back(session, worker, travel, run_sync):
    trash_inside(session)
    worker.drain()
    store.set_switch("zoom", "webhooks", {"drop": True})
    recover_inside(session)
    travel.forward(hours=1)
    run_sync()

    assert len(watchable(session)) == 2
    assert session.recording_state == "available"
    (event,) = events(session, "recording_recovered")
    assert event.actor == "the sync"


def test_a_list_that_is_just_behind_proves_nothing(session, worker, travel, run_sync):
    trash_inside(session)
    worker.drain()
    store.set_switch("zoom", "webhooks", {"drop": True})
    recover_inside(session)
    travel.forward(minutes=3)
    run_sync()

    assert watchable(session) == []


# ── many at once ──


@pytest.mark.parametrize("shape", ["meetings", "meeting_uuids"])
def test_a_post_about_many_recordings_reaches_each_class(client, session, worker, shape):
    uuid = session.recordings[0].meeting_uuid
    about = {
        "meetings": [{"meeting_uuid": uuid, "recording_files": []}, {"meeting_uuid": "other=="}],
        "meeting_uuids": [uuid, "other=="],
    }[shape]
    store.set_switch("zoom", "webhooks", {"drop": True})
    trash_inside(session)
    body = {
        "event": "recording.batch_trashed",
        "event_ts": int(clock.now().timestamp() * 1000),
        "payload": {"account_id": "A", "operator": OPERATOR, "object": {shape: about}},
    }
    post(client, body)
    worker.drain()

    assert watchable(session) == []
    assert session.recording_state == "trashed"
