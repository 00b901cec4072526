"""What a process that has to end writes about what it holds: nothing stays `sending`."""

from contextlib import ExitStack

import pytest
from sqlalchemy.exc import OperationalError

from ffapp.core.db import db, transaction
from ffapp.core.outcomes import Accepted
from ffapp.ledger import in_flight, perform
from ffapp.ledger.claim import claim
from ffapp.ledger.in_flight import LEFT, TOLD, begin_call, hold, record_interrupted
from ffapp.ledger.models import Effect, EffectAttempt, Lane
from ffapp.ledger.reconcile import reconcile
from ffapp.ledger.record_outcome import record_outcome
from tests.ledger.pupils import state_of
from tests.processes import witness


@pytest.fixture(autouse=True)
def _nothing_held():
    yield
    in_flight._held.clear()


def _claimed(parcels, *people, called):
    rows = parcels.plan_many("parcel", people or [None])
    prepared = [transaction(claim, Lane.ACTS)[1][0] for _ in rows]
    hold(prepared)
    if called:
        begin_call(prepared)
    return rows, prepared


def test_what_may_have_been_called_is_uncertain_and_asked_about_as_ever(parcels, travel):
    (row,), _ = _claimed(parcels, called=True)

    assert record_interrupted() == 1

    assert state_of(row.id) == ("uncertain", LEFT)
    effect = db.session.get_one(Effect, row.id)
    assert effect.due_at == travel.now + parcels.handler.visibility_lag
    assert (effect.doubtful, effect.deadline_at) == (True, None)
    assert db.session.scalar(db.select(EffectAttempt.outcome)) == "unclear"
    parcels.knows = lambda effect: Accepted("found")
    travel.forward(seconds=10)
    reconcile()
    assert state_of(row.id) == ("sent", None)


def test_what_was_not_called_yet_is_planned_again(parcels, travel):
    (row,), _ = _claimed(parcels, called=False)

    assert record_interrupted() == 1

    assert state_of(row.id) == ("planned", f"{TOLD} It will be tried again.")
    travel.forward(seconds=10)
    assert parcels.perform() == 1


def test_a_row_that_somebody_else_has_taken_is_left_alone(parcels):
    (row,), _ = _claimed(parcels, called=True)
    witness.sql("UPDATE effects SET attempts = attempts + 1")

    assert record_interrupted() == 0

    assert state_of(row.id) == ("sending", "It is being sent.")


def test_a_row_that_is_settled_is_left_alone(parcels):
    (row,), prepared = _claimed(parcels, called=True)
    transaction(record_outcome, parcels.handler, prepared, parcels.accept(prepared))

    assert record_interrupted() == 0

    assert state_of(row.id) == ("sent", None)


def test_an_outcome_that_comes_after_all_counts(parcels):
    (row,), prepared = _claimed(parcels, called=True)
    record_interrupted()

    transaction(record_outcome, parcels.handler, prepared, parcels.accept(prepared))

    assert state_of(row.id) == ("sent", None)


def test_a_row_that_somebody_keeps_does_not_hold_up_the_others(parcels):
    (kept, other), _ = _claimed(parcels, 1, 2, called=True)

    with db.engine.connect() as connection:
        connection.execute(db.select(Effect.id).where(Effect.id == kept.id).with_for_update())
        assert record_interrupted() == 1

    assert state_of(other.id) == ("uncertain", LEFT)
    assert state_of(kept.id)[0] == "sending"


def test_it_needs_no_free_connection_of_the_pool(parcels):
    (row,), _ = _claimed(parcels, called=True)
    db.session.rollback()

    with ExitStack() as everything:
        for _ in range(db.engine.pool.size()):
            everything.enter_context(db.engine.connect())
        assert record_interrupted() == 1

    assert state_of(row.id) == ("uncertain", LEFT)


def test_what_was_performed_is_held_no_more(many_parcels):
    many_parcels.plan_many("parcel", [1, 2, 3])

    assert many_parcels.perform() == 3

    assert in_flight._held == {}


def test_an_outcome_that_could_not_be_written_is_not_forgotten(parcels, monkeypatch):
    row = parcels.plan()

    def broken():
        raise OperationalError("UPDATE", {}, Exception("the database is away"))

    parcels.while_recording = broken
    monkeypatch.setattr(perform, "WRITING_SECONDS", 0)
    with pytest.raises(OperationalError):
        parcels.perform()
    db.session.rollback()
    assert state_of(row.id)[0] == "sending"

    assert record_interrupted() == 1

    assert state_of(row.id) == ("uncertain", LEFT)
