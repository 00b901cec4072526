"""What must not overtake each other: a class's meeting is made, changed and deleted in order."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ffapp.classes.schedule import Plan, cancel, change
from ffapp.core.db import db, transaction
from ffapp.core.outcomes import Refused, Unclear
from ffapp.ledger.claim import claim
from ffapp.ledger.models import Lane
from ffapp.ledger.perform import perform_next
from ffapp.providers.simulating import store
from tests.ledger.pupils import state_of
from tests.processes import witness


def _zoom(session):
    db.session.rollback()
    rows = witness.ledger("subject = :of AND serial IS NOT NULL", of=session.subject)
    return [(row.kind, row.state) for row in rows]


def _rename(session, title, cast):
    db.session.refresh(session)
    wanted = Plan(title, "", session.starts_at, 60, session.zoom_host_email)
    transaction(change, session, wanted, session.revision, cast.admin)


def _cancel(session, cast):
    db.session.refresh(session)
    transaction(cancel, session, "", session.revision, cast.admin)


def _fault(kind, **more):
    store.set_switch("zoom", "fault", {"kind": kind, "path": "meetings", "times": 1, **more})


def test_one_of_a_serial_is_in_flight(parcels):
    first = parcels.plan("first", serial="shelf")
    second = parcels.plan("second", serial="shelf")
    transaction(claim, Lane.ACTS)

    assert perform_next(Lane.ACTS) is None

    assert state_of(first.id)[0] == "sending"
    assert state_of(second.id)[0] == "planned"


def test_a_later_one_waits_while_the_earlier_one_is_patient(parcels, travel):
    first = parcels.plan("first", serial="shelf", due_at=travel.now + timedelta(minutes=5))
    second = parcels.plan("second", serial="shelf")

    assert parcels.perform() == 0
    travel.forward(minutes=5)
    parcels.perform()

    assert parcels.carried == [[first.id], [second.id]]


def test_a_later_one_waits_while_nobody_knows_about_the_earlier_one(parcels, travel):
    first = parcels.plan("first", serial="shelf")
    second = parcels.plan("second", serial="shelf")
    other = parcels.plan("elsewhere", serial="another shelf")
    parcels.refuse(Unclear("The carrier hung up."))
    perform_next(Lane.ACTS)
    parcels.answer = parcels.accept

    parcels.perform()

    assert state_of(first.id)[0] == "uncertain"
    assert state_of(second.id)[0] == "planned"
    assert state_of(other.id)[0] == "sent"
    witness.sql("UPDATE effects SET closed_at = now() WHERE id = :id", id=first.id)
    assert parcels.perform() == 1


def test_an_earlier_one_that_failed_holds_up_nothing(parcels):
    parcels.plan("first", serial="shelf")
    second = parcels.plan("second", serial="shelf")
    parcels.refuse(Refused("No."))
    perform_next(Lane.ACTS)
    parcels.answer = parcels.accept

    parcels.perform()

    assert state_of(second.id)[0] == "sent"


def test_two_of_a_serial_are_never_both_sending_whatever_the_code_does(parcels):
    parcels.plan("first", serial="shelf")
    parcels.plan("second", serial="shelf")

    with pytest.raises(IntegrityError, match="uq_effects_in_flight"):
        witness.sql("UPDATE effects SET state = 'sending'")


def test_many_changes_before_the_worker_comes_are_one_change_at_zoom(cast, worker):
    session = cast.schedule("One", hours=30)
    worker.drain()
    for title in ("Two", "Three", "Four"):
        _rename(session, title, cast)

    worker.drain()

    assert _zoom(session) == [
        ("zoom.create", "sent"),
        ("zoom.update", "cancelled"),
        ("zoom.update", "cancelled"),
        ("zoom.update", "sent"),
    ]
    assert [each["topic"] for each in witness.meetings_at_zoom("Four")] == ["Four · Winter 2026"]
    updates = [act for act in witness.journal_counts() if act[0] == "meeting.update"]
    assert len(updates) == 1


def test_a_change_before_there_is_a_meeting_goes_into_its_making(cast, worker):
    session = cast.schedule("One", hours=30)
    _rename(session, "Two", cast)

    worker.drain()

    assert _zoom(session) == [("zoom.create", "sent"), ("zoom.update", "cancelled")]
    assert len(witness.meetings_at_zoom("Two")) == 1


def test_a_class_called_off_before_there_is_a_meeting_leaves_nothing_at_zoom(cast, worker):
    session = cast.schedule(hours=30)
    _cancel(session, cast)

    worker.drain()

    assert _zoom(session) == [("zoom.create", "cancelled"), ("zoom.delete", "cancelled")]
    assert witness.journal_counts().get(("meeting.create", "1")) is None


def test_a_delete_waits_for_the_create_of_which_nobody_knows(cast, worker, travel):
    """Accepted while the socket dropped: the meeting is there, and must not stay."""
    session = cast.schedule("Dropped", hours=30)
    _fault("drop_after")
    worker.drain()
    assert _zoom(session) == [("zoom.create", "uncertain")]
    assert len(witness.meetings_at_zoom("Dropped")) == 1

    _cancel(session, cast)
    worker.drain()
    assert _zoom(session) == [("zoom.create", "uncertain"), ("zoom.delete", "planned")]

    travel.forward(seconds=10)
    worker.drain()
    assert _zoom(session) == [("zoom.create", "sent"), ("zoom.delete", "sent")]
    assert witness.meetings_at_zoom("Dropped") == []
    witness.assert_nothing_twice()


def test_a_create_that_never_arrived_is_not_made_up_for_after_the_class_was_called_off(
    cast, worker, travel
):
    session = cast.schedule("Lost", hours=30)
    _fault("drop_before")
    worker.drain()
    assert _zoom(session) == [("zoom.create", "uncertain")]
    _cancel(session, cast)

    for _ in range(3):
        travel.forward(seconds=30)
        worker.drain()

    assert _zoom(session) == [("zoom.create", "cancelled"), ("zoom.delete", "cancelled")]
    assert witness.meetings_at_zoom("Lost") == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "down", "error", "html", "limited"])
def test_whatever_zoom_does_a_class_has_one_meeting_in_the_end(cast, worker, travel, fault):
    session = cast.schedule("Stormy", hours=30)
    _fault(fault)
    worker.drain()
    _rename(session, "Calm", cast)
    _fault(fault, method="PATCH")

    for _ in range(6):
        travel.forward(seconds=40)
        worker.drain()

    states = dict(_zoom(session))
    assert states["zoom.create"] == "sent"
    assert states["zoom.update"] in ("sent", "cancelled")
    (meeting,) = witness.meetings_at_zoom("Calm")
    db.session.refresh(session)
    assert session.zoom_meeting_id == meeting["id"]
    assert session.zoom_join_url
    witness.assert_nothing_twice()
