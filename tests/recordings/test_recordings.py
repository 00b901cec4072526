"""Webhook, the host's list and the button for one class come to the same rows."""

import pytest

from ffapp.classes.models import MeetingInstance
from ffapp.core.db import db
from ffapp.providers.zoom.simulator import live_meetings as zoom_live
from ffapp.recordings.models import Recording, Transcript
from ffapp.webhooks import inbox
from ffapp.webhooks.models import WebhookDelivery

OWN = {"id", "first_seen_at"}
# What people type; Zoom's list leaves it out. Watching needs the other one, which all three have.
NOT_IN_LISTS = {"passcode"}


@pytest.fixture
def session(cast, worker, travel):
    """A class that was held in two segments and recorded. Its webhooks wait to be posted."""
    session = cast.schedule(hours=1)
    worker.drain()
    db.session.refresh(session)
    travel.to(session.starts_at)
    zoom_live.start(session.zoom_meeting_id)
    for recording in (False, True):
        travel.forward(minutes=20)
        zoom_live.set_recording(session.zoom_meeting_id, on=recording)
    travel.forward(minutes=20)
    zoom_live.end(session.zoom_meeting_id)
    return session


@pytest.fixture
def by_webhook(worker, cast):
    """What Zoom has posted, handled; also what was handled before."""

    def handle():
        worker.drain()
        for delivery in db.session.scalars(db.select(WebhookDelivery).filter_by(provider="zoom")):
            inbox.replay(delivery, cast.admin)
        db.session.commit()
        worker.drain()

    return handle


@pytest.fixture
def by_list(run_sync):
    return run_sync


@pytest.fixture
def by_button(run_sync, session):
    return lambda: run_sync(session)


@pytest.fixture
def begin_again(session):
    """Forget all that is known of the recording."""

    def forget():
        db.session.execute(db.delete(Transcript))
        db.session.execute(db.delete(Recording))
        db.session.execute(db.delete(MeetingInstance))
        session.recording_state = session.recording_since = session.recording_asked_at = None
        db.session.commit()

    return forget


def found(session, without=frozenset()):
    """What stands in the tables about the class's recording."""
    db.session.rollback()
    db.session.refresh(session)
    return {
        "class": (session.recording_state, session.recording_reason, session.recording_since),
        "files": _rows(Recording, OWN | without),
        "held": _rows(MeetingInstance, {"id"}),
    }


def _rows(model, without):
    names = [column.key for column in model.__table__.columns if column.key not in without]
    order = "file_id" if model is Recording else "zoom_uuid"
    rows = db.session.execute(db.select(model.__table__).order_by(db.text(order))).mappings()
    return [{name: row[name] for name in names} for row in rows]


def test_webhook_list_and_button_come_to_the_same_rows(
    session, by_webhook, by_list, by_button, begin_again
):
    by_webhook()
    known = found(session)
    assert known["class"][0] == "available"
    assert len(known["files"]) == 8, "two segments of video, sound, timeline and transcript"
    assert all(file["play_passcode"] and file["passcode"] for file in known["files"])

    begin_again()
    by_button()
    assert found(session) == known

    begin_again()
    by_list()
    assert found(session, NOT_IN_LISTS) == _without(known, NOT_IN_LISTS)
    assert {file["passcode"] for file in found(session)["files"]} == {None}


def _without(known, names):
    files = [{k: v for k, v in file.items() if k not in names} for file in known["files"]]
    return {**known, "files": files}
