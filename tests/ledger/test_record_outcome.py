"""Settling: each outcome has its state and its sentence, counted for the attempt it belongs to."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.outcomes import Accepted, Refused, Unavailable, Unclear
from ffapp.ledger import record_outcome
from ffapp.ledger.claim import claim
from ffapp.ledger.models import Effect, EffectAttempt, Lane
from ffapp.ledger.reconcile import mark_abandoned, resolve
from tests.processes import witness


def _fresh(effect):
    db.session.rollback()
    return db.session.get_one(Effect, effect.id, populate_existing=True)


def _attempts(effect):
    rows = db.session.scalars(
        db.select(EffectAttempt)
        .where(EffectAttempt.effect_id == effect.id)
        .order_by(EffectAttempt.id)
    )
    return [(row.number, row.outcome) for row in rows]


def test_what_is_accepted_is_sent_and_keeps_the_reference(parcels):
    row = parcels.plan()

    parcels.perform()

    row = _fresh(row)
    assert (row.state, row.reason, row.provider) == ("sent", None, "carrier")
    assert row.provider_ref == f"parcel-{row.id}"
    assert _attempts(row) == [(1, "accepted")]


def test_what_is_refused_fails_with_the_providers_words(parcels):
    row = parcels.plan()
    parcels.refuse(Refused("The parcel is too heavy."))

    parcels.perform()

    row = _fresh(row)
    assert (row.state, row.reason, row.attempts) == ("failed", "The parcel is too heavy.", 1)


def test_what_nobody_knows_is_uncertain_and_not_done_again(parcels, travel):
    row = parcels.plan()
    parcels.refuse(Unclear("The carrier hung up."))

    parcels.perform()
    travel.forward(days=1)
    parcels.perform()

    row = _fresh(row)
    assert (row.state, row.reason, row.doubtful) == ("uncertain", "The carrier hung up.", True)
    assert parcels.carried == [[row.id]]


def test_a_mistake_of_ours_during_the_call_is_uncertain_at_once(parcels):
    row = parcels.plan()
    parcels.answer = lambda prepared: {}["mistake"]

    parcels.perform()

    assert _fresh(row).state == "uncertain"
    assert "KeyError" in _fresh(row).reason


def test_an_answer_that_forgets_a_row_leaves_that_row_uncertain(many_parcels):
    told, forgotten = many_parcels.plan_many("parcel", [1, 2])
    many_parcels.answer = lambda prepared: {told.id: Accepted()}

    many_parcels.perform()

    assert (_fresh(told).state, _fresh(forgotten).state) == ("sent", "uncertain")


def test_what_cannot_be_reached_waits_longer_each_time(parcels, travel):
    row = parcels.plan()
    parcels.refuse(Unavailable("The carrier sleeps."))
    waits = []
    for _ in range(12):
        assert parcels.perform() == 1
        row = _fresh(row)
        assert (row.state, row.doubtful) == ("planned", False)
        assert row.reason == "The carrier sleeps. It will be tried again."
        waits.append((row.due_at - travel.now).total_seconds())
        travel.to(row.due_at)

    assert all(
        0.8 * 2**number <= wait <= 1.2 * 2**number for number, wait in enumerate(waits[:9], 1)
    )
    assert all(0.8 * 900 <= wait <= 1.2 * 900 for wait in waits[9:])


def test_those_who_wait_together_do_not_come_back_together(parcels, travel):
    rows = [parcels.plan(f"parcel {number}") for number in range(8)]
    parcels.refuse(Unavailable("The carrier sleeps."))

    parcels.perform()

    assert len({_fresh(row).due_at for row in rows}) == len(rows)


def test_the_time_that_the_provider_asks_for_is_honoured(parcels, travel):
    row = parcels.plan()
    parcels.refuse(Unavailable("Slow down.", retry_at=clock.wall() + timedelta(hours=3)))

    parcels.perform()

    wait = _fresh(row).due_at - travel.now
    assert timedelta(hours=2, minutes=59) < wait < timedelta(hours=3, minutes=1)


def test_patience_has_a_bound(parcels, travel):
    row = parcels.plan()
    parcels.refuse(Unavailable("The carrier sleeps."))
    for _ in range(record_outcome.TRIES):
        travel.to(_fresh(row).due_at)
        parcels.perform()

    row = _fresh(row)
    assert (row.state, row.attempts) == ("failed", record_outcome.TRIES)
    assert row.reason == f"The carrier sleeps. It was tried {record_outcome.TRIES} times."
    assert len(_attempts(row)) == record_outcome.TRIES


def test_however_often_a_person_tries_again_the_wait_can_be_counted(parcels, travel):
    row = parcels.plan()
    assert record_outcome._next_try(10_000, None) < travel.now + timedelta(minutes=19)
    assert row.state == "planned"


def test_an_outcome_is_written_although_the_database_goes_away_for_a_moment(parcels):
    """The parcel is on its way; forgetting that would leave a person to guess."""
    row = parcels.plan()
    breaks = iter(["SELECT pg_terminate_backend(pg_backend_pid())"])
    parcels.while_recording = lambda: db.session.execute(text(next(breaks, "SELECT 1")))

    parcels.perform()

    assert next(breaks, None) is None
    assert (_fresh(row).state, _attempts(row)) == ("sent", [(1, "accepted")])
    assert parcels.carried == [[row.id]]


class TestLate:
    """A worker was taken for dead, and then says how it ended after all."""

    def _claimed(self, parcels, **options):
        row = parcels.plan(**options)
        handler, prepared = transaction(claim, Lane.ACTS)
        witness.sql("UPDATE effects SET deadline_at = now() - interval '1 second'")
        assert transaction(mark_abandoned) == [row.id]
        return row, handler, prepared

    def _says(self, handler, prepared, outcome):
        outcomes = {each.effect_id: outcome for each in prepared}
        transaction(record_outcome.record_outcome, handler, prepared, outcomes)

    @pytest.mark.parametrize(
        ("outcome", "state"),
        [
            (Accepted("late"), "sent"),
            (Refused("No."), "failed"),
            (Unavailable("Not now."), "planned"),
            (Unclear("Who knows."), "uncertain"),
        ],
    )
    def test_while_nothing_else_has_happened_it_counts(self, parcels, outcome, state):
        row, handler, prepared = self._claimed(parcels)
        assert _fresh(row).reason == "The worker went away while this was being sent."

        self._says(handler, prepared, outcome)

        assert _fresh(row).state == state

    def test_an_acceptance_stops_what_was_planned_in_its_place(self, parcels, travel):
        row, handler, prepared = self._claimed(parcels)
        travel.forward(seconds=11)
        resolve(row.id)
        assert _fresh(row).state == "planned"

        self._says(handler, prepared, Accepted("late"))

        travel.forward(hours=1)
        assert parcels.perform() == 0
        row = _fresh(row)
        assert (row.state, row.provider_ref) == ("sent", "late")
        assert _attempts(row)[-1] == (1, "accepted")

    def test_anything_else_does_not_touch_what_was_planned_in_its_place(self, parcels, travel):
        row, handler, prepared = self._claimed(parcels)
        travel.forward(seconds=11)
        resolve(row.id)

        self._says(handler, prepared, Refused("No."))

        assert _fresh(row).state == "planned"

    @pytest.mark.parametrize("state", ["cancelled", "withheld", "missed", "failed", "uncertain"])
    def test_an_acceptance_counts_whatever_the_row_says_by_now(self, parcels, state):
        """It did happen: a row that says otherwise would hide it, and could be revived."""
        row, handler, prepared = self._claimed(parcels)
        witness.sql(
            "UPDATE effects SET state = :state, attempts = 2, closed_at = now()", state=state
        )

        self._says(handler, prepared, Accepted("late"))

        row = _fresh(row)
        assert (row.state, row.provider_ref, row.closed_at) == ("sent", "late", None)
        assert [told[0] for told in parcels.told] == [row.id]

    @pytest.mark.parametrize("state", ["sending", "sent"])
    def test_the_room_hears_of_an_act_that_happened_beside_a_later_attempt(self, parcels, state):
        """So that it can undo the second one; the row belongs to the later attempt."""
        row, handler, prepared = self._claimed(parcels)
        witness.sql("UPDATE effects SET state = :state, attempts = 2", state=state)

        self._says(handler, prepared, Accepted("late"))

        assert _fresh(row).state == state
        assert parcels.told == [(row.id, False, Accepted("late"))]
        assert _attempts(row)[-1] == (1, "accepted")
