"""One call for many people: each keeps an outcome of its own, and one at fault stands alone."""

import pytest

from ffapp.core.db import db, transaction
from ffapp.core.outcomes import Accepted, Refused, Unavailable, Unclear
from ffapp.ledger.models import EffectAttempt
from ffapp.ledger.reconcile import mark_abandoned
from ffapp.providers.simulating import store
from tests.ledger.pupils import enrolled, mail_to, state_of
from tests.processes import witness


class InPart(Refused):
    """A refusal because of some of the batch."""

    divisible = True


def test_what_belongs_together_goes_in_one_call_up_to_the_size_it_may_have(many_parcels):
    together = many_parcels.plan_many("one", range(1, 11))
    apart = many_parcels.plan_many("two", [1], subject="shelf=2")

    assert many_parcels.perform() == 11

    first, second, third = many_parcels.carried
    assert (len(first), len(second)) == (8, 2)
    assert sorted(first + second) == [row.id for row in together]
    assert third == [apart[0].id]


def test_each_row_of_a_batch_has_its_own_outcome(many_parcels):
    accepted, refused, later, unclear = many_parcels.plan_many("parcel", [1, 2, 3, 4])
    many_parcels.answer = lambda prepared: {
        accepted.id: Accepted("ok"),
        refused.id: Refused("No such street."),
        later.id: Unavailable("The street is closed."),
        unclear.id: Unclear("It was handed to somebody."),
    }

    many_parcels.perform()

    assert state_of(accepted.id) == ("sent", None)
    assert state_of(refused.id) == ("failed", "No such street.")
    assert state_of(later.id)[0] == "planned"
    assert state_of(unclear.id) == ("uncertain", "It was handed to somebody.")


@pytest.mark.parametrize("place", [0, 3, 7])
def test_a_row_that_cannot_be_prepared_fails_alone(many_parcels, place):
    rows = many_parcels.plan_many("parcel", range(1, 9))
    bad = rows[place].id

    def prepare(effect):
        if effect.id == bad:
            raise ValueError("no address")
        return {}

    many_parcels.prepare = prepare

    many_parcels.perform()

    assert {row.id for row in rows if state_of(row.id)[0] == "failed"} == {bad}
    assert witness.count("state = 'sent'") == 7
    assert len(many_parcels.carried) <= 3  # the others still went together


@pytest.mark.parametrize("bad_ones", [{0}, {7}, {2, 5}, set(range(8))])
def test_a_refused_batch_is_cut_until_the_rows_at_fault_stand_alone(many_parcels, bad_ones):
    rows = many_parcels.plan_many("parcel", range(1, 9))
    bad = {rows[place].id for place in bad_ones}

    def answer(prepared):
        if bad & {each.effect_id for each in prepared}:
            raise InPart("Somebody has no street.")
        return many_parcels.accept(prepared)

    many_parcels.answer = answer

    many_parcels.perform()

    assert {row.id for row in witness.ledger("state = 'failed'")} == bad
    assert witness.count("state = 'sent'") == 8 - len(bad)
    assert len(many_parcels.carried) <= 15


def test_while_a_refused_batch_is_cut_nobody_takes_its_other_half_for_abandoned(many_parcels):
    rows = many_parcels.plan_many("parcel", range(1, 9))

    def answer(prepared):
        assert transaction(mark_abandoned) == []
        # Each call takes as long as a claim lasts.
        witness.sql("UPDATE effects SET deadline_at = now() - interval '1 second'")
        if rows[0].id in {each.effect_id for each in prepared}:
            raise InPart("Somebody has no street.")
        return many_parcels.accept(prepared)

    many_parcels.answer = answer

    many_parcels.perform()

    assert state_of(rows[0].id)[0] == "failed"
    assert witness.count("state = 'sent'") == 7


def test_a_refused_mail_fails_for_the_address_at_fault_only(cast, worker, mailbox):
    others = [enrolled(cast, f"pupil{number}") for number in range(10)]
    refused = enrolled(cast, "refused")
    cast.schedule(hours=30)

    worker.drain()

    failed = mail_to(refused, "class_scheduled")
    assert failed.state == "failed"
    assert "SendGrid refused the mail" in failed.reason
    told = {mail["to"] for mail in mailbox()}
    assert {person.email for person in [*others, cast.asha, cast.ravi]} == told
    witness.assert_nothing_twice()


def test_a_refused_key_is_not_looked_for_among_the_recipients(cast, worker, mailbox):
    enrolled(cast, "leela")
    # Once: if the batch were cut in two, the halves would pass.
    store.set_switch("sendgrid", "fault", {"kind": "unauthorised", "times": 1})
    cast.schedule(hours=30)

    worker.drain()

    assert mailbox() == []
    reasons = {row.reason for row in witness.ledger("state = 'failed'")}
    assert witness.count("state = 'failed'") == 3
    assert "SENDGRID_API_KEY" in reasons.pop()


def test_nobody_finds_another_persons_words_in_the_record_of_a_batch(cast, worker):
    cast.schedule(hours=30)

    worker.drain()

    effect = mail_to(cast.asha, "class_scheduled")
    (attempt,) = db.session.scalars(
        db.select(EffectAttempt).where(EffectAttempt.effect_id == effect.id)
    )
    assert attempt.exchanges[0]["status"] == 202
    assert "ravi" not in str(attempt.exchanges).lower()
