"""Claiming: what is due is taken by one worker only, or it is said why it must not happen."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.ledger import perform
from ffapp.ledger.claim import claim
from ffapp.ledger.dispatch import sweep
from ffapp.ledger.models import Lane
from ffapp.ledger.perform import perform_due, perform_next
from tests.processes import witness


def _state(effect):
    (row,) = witness.ledger("id = :id", id=effect.id)
    return row.state, row.reason


def test_what_is_due_goes_in_the_order_in_which_it_was_due(parcels, travel):
    late = parcels.plan("late", due_at=travel.now - timedelta(minutes=1))
    early = parcels.plan("early", due_at=travel.now - timedelta(minutes=2))
    parcels.plan("not yet", due_at=travel.now + timedelta(minutes=1))

    parcels.perform()

    assert parcels.carried == [[early.id], [late.id]]


def test_what_is_no_longer_useful_is_missed(parcels, travel):
    row = parcels.plan(useful_until=travel.now + timedelta(minutes=5))
    travel.forward(minutes=5)

    parcels.perform()

    assert _state(row) == ("missed", "It was no longer useful when its turn came.")
    assert parcels.carried == []


def test_what_is_precondition_is_cancelled_with_the_reason_of_its_package(parcels):
    row = parcels.plan()
    parcels.precondition = lambda effect: "The shelf was sold."

    parcels.perform()

    assert _state(row) == ("cancelled", "The shelf was sold.")
    assert parcels.carried == []


def test_what_the_room_cannot_prepare_fails_in_its_words(parcels):
    row = parcels.plan()
    parcels.prepare = lambda effect: "There is no paper."

    parcels.perform()

    assert _state(row) == ("failed", "There is no paper.")


def test_a_room_that_raises_fails_that_row_and_the_next_one_goes(parcels):
    bad, good = parcels.plan("bad"), parcels.plan("good")
    parcels.prepare = lambda effect: {"to": {good.id: "Asha"}[effect.id]}

    parcels.perform()

    state, reason = _state(bad)
    assert (state, "could not be prepared (KeyError" in reason) == ("failed", True)
    assert _state(good) == ("sent", None)


def test_a_question_that_raises_fails_that_row_and_does_not_block_the_lane(parcels):
    bad, good = parcels.plan("bad"), parcels.plan("good")
    parcels.precondition = lambda effect: {good.id: None}[effect.id]

    parcels.perform()

    assert _state(bad)[0] == "failed"
    assert _state(good) == ("sent", None)


def test_a_room_that_says_nothing_of_a_row_fails_it(parcels):
    row = parcels.plan()
    object.__setattr__(parcels.handler, "prepare", lambda effects: {})

    assert perform_next(Lane.ACTS) == 0
    assert perform_next(Lane.ACTS) is None
    assert _state(row) == ("failed", "It could not be prepared.")


def test_a_lost_database_while_preparing_is_not_the_rows_fault(parcels):
    row = parcels.plan()
    parcels.prepare = lambda effect: db.session.execute(
        text("SELECT pg_terminate_backend(pg_backend_pid())")
    )

    with pytest.raises(OperationalError):
        perform_due(Lane.ACTS)

    db.session.rollback()
    assert _state(row) == ("planned", None)


def test_a_kind_of_a_younger_release_is_left_to_a_younger_worker(parcels):
    """While a release rolls out, the web may plan what the old worker has never heard of."""
    for number, state in enumerate(("planned", "sending", "uncertain")):
        parcels.plan(f"pigeon {number}")
        witness.sql(
            "UPDATE effects SET kind = 'pigeon', state = :state, deadline_at = planned_at,"
            " due_at = planned_at WHERE key = :key",
            key=f"pigeon {number}",
            state=state,
        )
    known = parcels.plan()

    transaction(sweep)
    parcels.perform()

    assert _state(known) == ("sent", None)
    pigeons = {row.state for row in witness.ledger("kind = 'pigeon'")}
    assert pigeons == {"planned", "sending", "uncertain"}


def test_two_workers_never_claim_the_same_row(parcels, app):
    rows = [parcels.plan(f"parcel {number}") for number in range(40)]
    start = threading.Barrier(4)

    def work():
        with app.app_context():
            start.wait()
            perform_due(Lane.ACTS)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    carried = [effect_id for call in parcels.carried for effect_id in call]
    assert sorted(carried) == [row.id for row in rows]


def test_a_claim_gives_way_to_a_change_of_the_class(cast, app):
    """Packages lock the class, then its effects; the ledger locks the other way and lets go."""
    session = cast.schedule(hours=30)
    create = witness.ledger("kind = 'zoom.create'")[0].id
    with db.engine.connect() as admin:
        admin.execute(text("SELECT 1 FROM sessions WHERE id = :id FOR UPDATE"), {"id": session.id})

        assert perform_next(Lane.ACTS) is None

        admin.execute(text("UPDATE effects SET reason = 'Mine.' WHERE id = :id"), {"id": create})
        admin.commit()
    db.session.rollback()
    assert perform_next(Lane.ACTS) == 1
    assert witness.ledger("id = :id", id=create)[0].state == "sent"


def test_a_worker_that_was_held_up_after_its_claim_does_not_call(parcels):
    """It would be likely to be cut off in the middle: less than half of its time is left."""
    row = parcels.plan()
    half = config.current().provider_deadline_seconds / 2
    began = perform.time.monotonic() - half - 0.1
    handler, prepared = transaction(claim, Lane.ACTS)

    perform._call(handler, prepared, began)

    assert parcels.carried == []
    state, reason = _state(row)
    assert state == "planned"
    assert reason.startswith("The worker was held up before it called.")


def test_a_worker_that_was_told_to_stop_claims_nothing_and_calls_nobody(parcels):
    claimed, waiting = parcels.plan("claimed"), parcels.plan("waiting")
    handler, prepared = transaction(claim, Lane.ACTS)
    perform.stopping.set()
    try:
        perform._call(handler, prepared, perform.time.monotonic())
        parcels.perform()
    finally:
        perform.stopping.clear()

    assert parcels.carried == []
    assert _state(claimed)[0] == "planned"
    assert _state(waiting) == ("planned", None)
