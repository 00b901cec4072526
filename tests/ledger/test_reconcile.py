"""What nobody knows: found out by asking or by a webhook, and never done again blindly."""

import pytest

from ffapp.core.db import db, transaction
from ffapp.core.outcomes import Accepted, Refused, Unavailable, Unclear
from ffapp.ledger import record_outcome
from ffapp.ledger.claim import claim
from ffapp.ledger.handlers import Absent
from ffapp.ledger.models import Effect, EffectAttempt, Lane
from ffapp.ledger.perform import _call
from ffapp.ledger.perform import time as clock_of_calls
from ffapp.ledger.reconcile import MAY_HAVE_BEEN_SENT, mark_abandoned, reconcile
from ffapp.messaging.models import EmailLog
from ffapp.providers.simulating import store
from ffapp.webhooks.models import WebhookDelivery
from tests.ledger.pupils import enrolled, follow_events, mail_to, state_of
from tests.processes import witness

CLASS = "class_scheduled"


def _uncertain(parcels, travel):
    """A parcel of which it is not known whether it went, and whose carrier may be asked by now."""
    row = parcels.plan()
    parcels.refuse(Unclear("The carrier hung up."))
    parcels.perform()
    parcels.answer = parcels.accept
    travel.forward(seconds=10)
    return row


def _outcomes(effect_id):
    rows = db.session.scalars(
        db.select(EffectAttempt.outcome)
        .where(EffectAttempt.effect_id == effect_id)
        .order_by(EffectAttempt.id)
    )
    return list(rows)


def test_a_row_whose_worker_is_gone_becomes_uncertain_after_its_deadline_only(parcels):
    row = parcels.plan()
    transaction(claim, Lane.ACTS)
    assert transaction(mark_abandoned) == []

    witness.sql("UPDATE effects SET deadline_at = now() - interval '1 second'")

    assert transaction(mark_abandoned) == [row.id]
    assert state_of(row.id) == ("uncertain", "The worker went away while this was being sent.")
    assert _outcomes(row.id) == ["unclear"]


def test_nobody_is_asked_before_what_was_done_can_be_seen(parcels, travel):
    _uncertain(parcels, travel)
    parcels.knows = pytest.fail
    travel.forward(seconds=-1)

    reconcile()

    assert witness.count("state = 'uncertain'") == 1


def test_what_the_provider_knows_is_sent(parcels, travel):
    row = _uncertain(parcels, travel)
    parcels.knows = lambda effect: Accepted("found")

    reconcile()

    assert state_of(row.id) == ("sent", None)
    assert parcels.told[-1] == (row.id, False, Accepted("found"))
    assert _outcomes(row.id) == ["unclear", "accepted"]
    assert parcels.perform() == 0


def test_what_the_provider_does_not_know_is_done_again(parcels, travel):
    row = _uncertain(parcels, travel)

    reconcile()

    assert state_of(row.id) == (
        "planned",
        "Carrier knows nothing of it. It will be tried again.",
    )
    assert _outcomes(row.id) == ["unclear", "absent"]
    travel.forward(seconds=10)
    assert parcels.perform() == 1
    assert state_of(row.id)[0] == "sent"


def test_what_never_arrives_is_not_tried_for_ever(parcels, travel):
    row = parcels.plan()
    parcels.refuse(Unclear("The carrier hung up."))
    for _ in range(record_outcome.TRIES):
        parcels.perform()
        travel.forward(minutes=20)
        reconcile()
        travel.forward(minutes=20)

    state, reason = state_of(row.id)
    assert state == "failed"
    assert reason == f"Carrier knows nothing of it. It was tried {record_outcome.TRIES} times."


def test_a_provider_that_does_not_answer_is_asked_again_later(parcels, travel):
    row = _uncertain(parcels, travel)
    asked = []

    def silent(effect):
        asked.append(effect.id)
        raise Unavailable("The carrier sleeps.")

    parcels.knows = silent
    reconcile()
    reconcile()
    travel.forward(seconds=30)
    reconcile()

    assert asked == [row.id, row.id]
    assert state_of(row.id)[0] == "uncertain"


def test_a_question_that_the_provider_refuses_says_nothing_about_the_act(parcels, travel):
    row = _uncertain(parcels, travel)

    def refuses(effect):
        raise Refused("You may not look.")

    parcels.knows = refuses

    reconcile()

    assert state_of(row.id)[0] == "uncertain"


def test_an_answer_that_comes_too_late_changes_nothing(parcels, travel):
    """While the carrier was asked, a person decided."""
    row = _uncertain(parcels, travel)

    def slow(effect):
        witness.sql("UPDATE effects SET state = 'sent', reason = 'Asha has it.'")
        return Absent()

    parcels.knows = slow

    reconcile()

    assert state_of(row.id) == ("sent", "Asha has it.")


class TestMail:
    """SendGrid cannot be asked; its event webhook carries our id."""

    def _broken_off(self, cast, worker, student):
        """The mail was taken, and the connection broke before the answer."""
        store.set_switch("sendgrid", "fault", {"kind": "drop_after", "times": 1})
        cast.schedule(hours=1)
        worker.drain()
        return mail_to(student, CLASS)

    def test_an_event_proves_that_it_was_sent(self, cast, worker, mailbox):
        row = self._broken_off(cast, worker, cast.asha)

        assert (row.state, row.attempts) == ("sent", 1)
        assert _outcomes(row.id) == ["unclear", "accepted"]
        assert len(mailbox(to=cast.asha.email)) == 1
        log = db.session.scalar(db.select(EmailLog).where(EmailLog.effect_id == row.id))
        assert log.status == "delivered"

    def test_silence_proves_nothing(self, cast, worker, mailbox, travel):
        silent = enrolled(cast, "silent")
        row = self._broken_off(cast, worker, silent)
        travel.forward(minutes=30)
        worker.drain()

        assert state_of(row.id) == ("uncertain", "The connection to SendGrid broke off.")
        assert len(mailbox(to=silent.email)) == 1

    def test_it_is_closed_once_it_is_no_longer_useful(self, cast, worker, travel):
        silent = enrolled(cast, "silent")
        row = self._broken_off(cast, worker, silent)
        travel.forward(minutes=10)
        worker.drain()

        travel.forward(minutes=110)  # the class is over
        worker.drain()

        assert state_of(row.id) == ("uncertain", MAY_HAVE_BEEN_SENT)
        assert db.session.get_one(Effect, row.id).closed_at == travel.now

    def test_an_event_resolves_also_what_was_closed(self, cast, worker, travel):
        store.set_switch("sendgrid", "webhooks", {"delay_seconds": 4 * 3600})
        row = self._broken_off(cast, worker, cast.asha)
        travel.forward(hours=3)
        worker.drain()
        assert state_of(row.id) == ("uncertain", MAY_HAVE_BEEN_SENT)

        travel.forward(hours=2)
        witness.sql("UPDATE procrastinate_jobs SET scheduled_at = now()")
        worker.drain()

        assert state_of(row.id) == ("sent", None)
        assert db.session.get_one(Effect, row.id).closed_at is None

    def test_an_event_that_comes_before_the_outcome_waits_for_it(self, cast, worker):
        cast.schedule(hours=30)
        follow_events()
        handler, prepared = transaction(claim, Lane.MESSAGES)
        outcomes = handler.call(prepared)
        worker.drain()
        unmatched = db.session.scalar(db.select(WebhookDelivery).filter_by(provider="sendgrid"))
        assert unmatched.state == "unmatched"
        assert {row.state for row in witness.ledger("rule = :rule", rule=CLASS)} == {
            "sending",
            "withheld",
        }

        transaction(record_outcome.record_outcome, handler, prepared, outcomes)
        worker.drain()

        db.session.refresh(unmatched)
        assert unmatched.state == "done"
        statuses = set(db.session.scalars(db.select(EmailLog.status)))
        assert statuses == {"delivered"}

    def test_an_event_that_waits_is_heard_when_the_worker_turns_out_to_be_dead(self, cast, worker):
        cast.schedule(hours=30)
        follow_events()
        handler, prepared = transaction(claim, Lane.MESSAGES)
        handler.call(prepared)
        worker.drain()
        assert state_of(prepared[0].effect_id)[0] == "sending"

        witness.sql("UPDATE effects SET deadline_at = now() - interval '1 second'")
        worker.drain()

        assert state_of(prepared[0].effect_id) == ("sent", None)
        _call(handler, prepared, clock_of_calls.monotonic() - 60)
        witness.assert_nothing_twice()
