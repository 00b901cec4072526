"""Scheduling, moving, renaming and cancelling reach Zoom and the enrolled students, once each."""

from datetime import timedelta

import pytest

from ffapp.classes.schedule import AlreadyCancelled, cancel, change
from ffapp.core.db import EditConflict, db, transaction
from ffapp.core.outcomes import Refused
from ffapp.ledger.models import Effect
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.sentences import MEETING_GONE
from tests.at_zoom import plan_of


def at_zoom():
    """The meetings that the simulated Zoom has now."""
    return [each for each in store.find("zoom", "meeting") if each["state"] != "deleted"]


def zoom_has(session):
    """What Zoom has of the class's meeting: topic, start, minutes; it is the only one there."""
    (meeting,) = at_zoom()
    assert meeting["id"] == session.zoom_meeting_id
    return meeting["topic"], meeting["start_time"], meeting["duration"]


def subjects(mailbox, person):
    return [mail["subject"] for mail in mailbox(person.email)]


def test_a_moved_class_moves_at_zoom_and_is_told_once(session, cast, worker, mailbox):
    later = session.starts_at + timedelta(hours=2)
    transaction(change, session, plan_of(session, starts_at=later), 1, cast.admin)
    worker.drain()

    db.session.refresh(session)
    assert session.zoom_revision == session.revision == 2
    assert zoom_has(session) == ("Pricing · Winter 2026", wire.instant(later), 60)
    assert [s for s in subjects(mailbox, cast.asha) if s.startswith("Moved")]
    assert len(subjects(mailbox, cast.asha)) == 2


def test_a_new_description_alone_is_told_to_zoom_and_to_nobody_else(session, cast, worker, mailbox):
    transaction(change, session, plan_of(session, description="New"), 1, cast.admin)
    worker.drain()

    db.session.refresh(session)
    assert session.zoom_revision == 2
    assert at_zoom()[0]["agenda"].endswith("] New")
    assert len(subjects(mailbox, cast.asha)) == 1


def test_saving_without_a_change_does_nothing(session, cast, worker):
    before = db.session.scalar(db.select(db.func.count()).select_from(Effect))

    assert transaction(change, session, plan_of(session), 1, cast.admin) is None
    worker.drain()

    assert db.session.scalar(db.select(db.func.count()).select_from(Effect)) == before


def test_a_cancelled_class_leaves_nothing_at_zoom_and_is_told_once(session, cast, worker, mailbox):
    transaction(cancel, session, "The teacher is ill", 1, cast.admin)
    worker.drain()

    assert at_zoom() == []
    meeting_id = session.zoom_meeting_id
    db.session.rollback()
    with pytest.raises(Refused, match="no longer has") as gone:
        ZoomClient.current().get_meeting(meeting_id)
    assert gone.value.code == str(MEETING_GONE)
    assert [s for s in subjects(mailbox, cast.asha) if s.startswith("Cancelled")]
    planned = db.session.scalars(db.select(Effect).filter_by(state="planned")).all()
    assert not planned
    with pytest.raises(AlreadyCancelled):
        transaction(cancel, session, "", 2, cast.admin)


def test_two_admins_at_once_the_second_is_told(session, cast):
    transaction(change, session, plan_of(session, title="First"), 1, cast.admin)

    with pytest.raises(EditConflict):
        transaction(change, session, plan_of(session, title="Second"), 1, cast.admin)
    assert session.title == "First"


@pytest.mark.parametrize(
    ("host", "word"), [("nobody@school.example", "Zoom"), ("missing-scope@school.example", "scope")]
)
def test_a_meeting_that_zoom_refuses_says_why_and_can_be_tried_again(cast, worker, host, word):
    session = cast.schedule(hours=3, host=host)
    worker.drain()

    create = db.session.scalar(db.select(Effect).filter_by(kind="zoom.create"))
    assert create.state == "failed"
    assert word in create.reason

    other = plan_of(session, host_email="educator@futurefounders.example")
    transaction(change, session, other, 1, cast.admin)
    worker.drain()

    db.session.refresh(session)
    assert session.zoom_meeting_id


def test_a_token_that_is_refused_in_the_middle_is_renewed_once(cast, worker, session):
    fault = {"kind": "unauthorised", "times": 1, "path": "/v2/"}
    store.set_switch("zoom", "fault", fault)
    later = plan_of(session, starts_at=session.starts_at + timedelta(hours=1))
    transaction(change, session, later, 1, cast.admin)
    worker.drain()

    db.session.refresh(session)
    assert session.zoom_revision == 2
