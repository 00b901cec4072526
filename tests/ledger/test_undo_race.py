"""Undo is pressed at second 59 while the worker performs at 60: sent or taken back, never both."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, TooLate
from ffapp.ledger.models import Lane
from ffapp.ledger.perform import perform_due
from ffapp.people.models import Person
from tests.ledger.pupils import state_of
from tests.processes.poll import PATIENCE, poll

PARCELS = 40
STRANGERS = 1_000_000  # ids of nobody, whose guardian is not asked


@pytest.fixture
def batch(cast, travel):
    return transaction(batches.begin, "message", cast.admin, announcement_id=1)


class Presser(threading.Thread):
    """Somebody in a browser, at second 59 of the batch; keeps what they are told."""

    def __init__(self, app, batch, by):
        super().__init__(name="presser")
        self.app, self.batch_id, self.by_id = app, batch.id, by.id
        self.told = None

    def run(self):
        with self.app.app_context():
            batch = db.session.get_one(Batch, self.batch_id)
            by = db.session.get_one(Person, self.by_id)
            self.told = transaction(batches.undo, batch, by)


@pytest.fixture
def at_the_last_second(batch):
    """The presser's clock stands at second 59, everybody else's at 60."""
    start = batch.made_at

    def now():
        late = threading.current_thread().name == "presser"
        return start + timedelta(seconds=59 if late else 60)

    with clock.running_on(now):
        yield


def counted(rows):
    states = [state_of(row.id)[0] for row in rows]
    return states.count("sent"), states.count("cancelled")


@pytest.mark.parametrize("round_", range(5))
def test_each_is_sent_or_undone_and_the_answer_counts_both(
    app, cast, parcels, batch, travel, request, round_
):
    rows = parcels.plan_many("parcel", range(STRANGERS, STRANGERS + PARCELS), batch_id=batch.key)
    request.getfixturevalue("at_the_last_second")
    presser = Presser(app, batch, cast.admin)
    ids = [row.id for row in rows]
    middle = ids[PARCELS // 5 * round_]

    def prepare(effect):
        if effect.id == middle:
            presser.start()  # somewhere in the middle, from then on at the same time
        return {}

    parcels.prepare = prepare
    perform_due(Lane.ACTS, PATIENCE)
    presser.join()
    perform_due(Lane.ACTS, PATIENCE)

    sent, cancelled = counted(rows)
    carried = [effect_id for call in parcels.carried for effect_id in call]
    assert sent + cancelled == PARCELS
    assert len(carried) == len(set(carried)) == sent
    assert (presser.told.things, presser.told.gone) == (cancelled, sent)


def test_what_is_being_claimed_is_waited_for_and_has_gone(app, cast, parcels, batch, request):
    first, second = parcels.plan_many("parcel", [1, 2], batch_id=batch.key)
    request.getfixturevalue("at_the_last_second")
    presser = Presser(app, batch, cast.admin)
    engine = db.engine

    def prepare(effect):
        if effect.id == first.id:
            presser.start()
            # In a thread without a session: the claim's own transaction stays open meanwhile.
            with ThreadPoolExecutor(1) as looker:
                looker.submit(poll, lambda: waits_for_a_lock(engine), "undo waits").result()
        return {}

    parcels.prepare = prepare
    perform_due(Lane.ACTS, PATIENCE)
    presser.join()
    perform_due(Lane.ACTS, PATIENCE)

    assert (presser.told.things, presser.told.gone) == (1, 1)
    assert (state_of(first.id)[0], state_of(second.id)[0]) == ("sent", "cancelled")


def waits_for_a_lock(engine):
    with engine.connect() as connection:
        return connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
        )


def test_what_is_undone_is_written_down_with_its_numbers(cast, parcels, batch):
    parcels.plan_many("parcel", [1, 2, 3], batch_id=batch.key)

    transaction(batches.undo, batch, cast.admin)

    event = db.session.scalars(db.select(Event).filter_by(name="batch_undone")).one()
    assert (event.actor, event.facts) == ("Vikram Rao", {"kind": "message", "things": 3, "gone": 0})
    assert (batch.facts["things"], batch.facts["gone"]) == (3, 0)


def test_at_the_sixtieth_second_it_is_too_late(cast, parcels, batch, travel):
    rows = parcels.plan_many("parcel", [1], batch_id=batch.key)
    travel.forward(seconds=60)

    with pytest.raises(TooLate):
        transaction(batches.undo, batch, cast.admin)

    db.session.expire_all()
    assert batch.undone_at is None
    assert state_of(rows[0].id)[0] == "planned"


def test_what_a_batch_causes_belongs_to_it_and_waits(cast, parcels, batch, travel):
    cause = transaction(caused_by, cast, batch)

    row = parcels.plan("later", cause=cause)

    assert row.batch_id == batch.key
    assert row.due_at == travel.now + timedelta(seconds=60)


def caused_by(cast, batch):
    event = Event(
        name="announcement_written", actor="Vikram", subject_type="batches", subject_id=batch.id,
        facts={"batch_id": batch.key}, at=clock.now(),
    )  # fmt: skip
    db.session.add(event)
    db.session.flush()
    return event


def test_a_listener_that_comes_after_the_undo_plans_nothing(cast, parcels, batch):
    cause = transaction(caused_by, cast, batch)
    assert batches.is_in_force(cause)
    db.session.rollback()

    transaction(batches.undo, batch, cast.admin)

    assert not batches.is_in_force(cause)
