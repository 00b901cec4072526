"""Undo: a batch waits a minute, can be taken back as far as it has not gone, and nothing else."""

from datetime import timedelta

from ffapp.core.db import transaction
from ffapp.ledger.models import Effect
from ffapp.ledger.plan import cancel_planned, undo
from tests.ledger.pupils import state_of
from tests.processes import witness


def test_a_batch_waits_a_minute(parcels, travel):
    row = parcels.plan(batch_id="import 1")

    travel.forward(seconds=59)
    assert parcels.perform() == 0
    travel.forward(seconds=1)
    assert parcels.perform() == 1
    assert state_of(row.id) == ("sent", None)


def test_a_batch_that_is_due_later_anyway_waits_no_longer(parcels, travel):
    row = parcels.plan(batch_id="import 1", due_at=travel.now + timedelta(hours=2))

    assert row.due_at == travel.now + timedelta(hours=2)


def test_what_has_no_batch_and_what_concerns_an_account_goes_at_once(parcels, travel):
    alone = parcels.plan("alone")
    account = parcels.plan("account", batch_id="import 1", purpose="account")

    assert (alone.due_at, account.due_at) == (travel.now, travel.now)


def test_undo_takes_back_what_has_not_gone_and_counts_what_has(parcels, travel):
    gone = parcels.plan("gone", batch_id="import 1")
    travel.forward(seconds=60)
    parcels.perform()
    kept = parcels.plan("kept", batch_id="import 1")
    other = parcels.plan("other", batch_id="import 2")

    assert transaction(undo, "import 1") == (1, 1)
    assert transaction(undo, "import 1") == (0, 1)

    travel.forward(seconds=60)
    parcels.perform()
    assert state_of(kept.id) == ("cancelled", "Undone before it went.")
    assert state_of(gone.id)[0] == state_of(other.id)[0] == "sent"


def test_what_was_undone_can_be_planned_again(parcels, travel):
    row = parcels.plan("birthday", batch_id="import 1")
    transaction(undo, "import 1")

    parcels.plan("birthday", batch_id="import 2")
    travel.forward(seconds=60)
    parcels.perform()

    assert state_of(row.id) == ("sent", None)
    assert transaction(undo, "import 1") == (0, 0)


def test_what_is_cancelled_says_why(parcels):
    row = parcels.plan()
    sent = parcels.plan("sent")
    witness.sql("UPDATE effects SET state = 'sent' WHERE id = :id", id=sent.id)

    assert transaction(cancel_planned, "The shelf was sold.", Effect.subject == "shelf=1") == 1

    assert state_of(row.id) == ("cancelled", "The shelf was sold.")
    assert state_of(sent.id)[0] == "sent"
