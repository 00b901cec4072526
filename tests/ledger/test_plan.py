"""Planning: the same act is the same row; what certainly never happened can be planned again."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ffapp.core.db import db
from ffapp.ledger.models import Effect, State
from ffapp.ledger.plan import plan
from tests.processes import witness

REVIVED = ("cancelled", "withheld", "missed")
KEPT = ("planned", "sending", "sent", "failed", "uncertain")


def _stands_as(effect, state, **columns):
    values = {"state": state, "reason": "Because.", **columns}
    db.session.execute(db.update(Effect).where(Effect.id == effect.id).values(**values))
    db.session.commit()


def _doorbells():
    return witness.sql("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'ledger.perform'")


def test_the_same_key_twice_is_one_row(parcels):
    parcels.plan("birthday", payload={"wrapped": 1})

    assert parcels.plan_many("birthday", [None], payload={"wrapped": 2}) == []

    (row,) = db.session.scalars(db.select(Effect)).all()
    assert (row.key, row.payload) == ("birthday", {"wrapped": 1})


def test_each_person_has_a_row_of_their_own(parcels):
    parcels.plan_many("birthday", [7, 8])

    assert len(parcels.plan_many("birthday", [8, 9])) == 1

    keys = {row.key for row in witness.ledger()}
    assert keys == {"birthday:person=7", "birthday:person=8", "birthday:person=9"}


@pytest.mark.parametrize("state", REVIVED)
def test_an_act_that_never_went_comes_back_with_its_new_facts(parcels, state):
    first = parcels.plan("birthday", payload={"wrapped": 1})
    _stands_as(first, state)

    (again,) = parcels.plan_many("birthday", [None], payload={"wrapped": 2})

    assert again.id == first.id
    assert (again.state, again.reason, again.payload) == ("planned", None, {"wrapped": 2})
    assert parcels.perform() == 1


@pytest.mark.parametrize("state", KEPT)
def test_an_act_that_went_or_is_on_its_way_is_left_alone(parcels, state):
    first = parcels.plan("birthday")
    _stands_as(first, state)

    assert parcels.plan_many("birthday", [None]) == []

    assert witness.ledger()[0].state == state


@pytest.mark.parametrize("state", REVIVED)
def test_what_may_have_happened_never_comes_back_by_itself(parcels, state):
    first = parcels.plan("birthday")
    _stands_as(first, state, doubtful=True)

    assert parcels.plan_many("birthday", [None]) == []

    assert witness.ledger()[0].state == state
    assert parcels.perform() == 0


def test_a_later_act_of_the_serial_takes_the_place_of_earlier_planned_ones(parcels):
    old = parcels.plan("first", serial="shelf")
    other = parcels.plan("elsewhere", serial="another shelf")

    new = parcels.plan("second", serial="shelf", supersedes=["parcel"])

    states = {row.id: (row.state, row.reason) for row in witness.ledger()}
    assert states[old.id] == ("cancelled", "A later change took its place.")
    assert states[new.id] == states[other.id] == ("planned", None)


def test_what_is_planned_in_a_transaction_that_fails_is_neither_a_row_nor_a_job(parcels):
    plan("birthday", kind="parcel", purpose="x", subject="shelf=1", rule="parcel", cause=None)
    db.session.rollback()

    assert witness.count() == 0
    assert _doorbells() == 0


def test_acts_for_now_ring_one_bell(parcels):
    parcels.plan("now")
    parcels.plan("now too")

    assert _doorbells() == 1


def test_an_act_for_later_rings_none_and_waits(parcels, travel):
    parcels.plan("later", due_at=travel.now + timedelta(hours=1))

    assert _doorbells() == 0
    assert parcels.perform() == 0
    travel.forward(hours=1)
    assert parcels.perform() == 1


def test_an_act_for_nobody_is_not_planned(parcels):
    assert parcels.plan_many("birthday", []) == []
    assert witness.count() == 0


def test_a_state_is_one_of_eight_words(parcels):
    assert {state.value for state in State} == {*REVIVED, *KEPT}
    row = parcels.plan()

    with pytest.raises(IntegrityError, match="ck_effects_state"):
        _stands_as(row, "lost")
    db.session.rollback()
