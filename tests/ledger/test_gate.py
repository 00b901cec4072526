"""The gate: who must not be written to, why, and who passes all the same."""

import pytest

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Lane
from ffapp.messaging.models import Suppression
from ffapp.people.consent_records import record_consent
from ffapp.people.invite import invite, request_reset
from tests.ledger.pupils import enrolled, mail_to, state_of
from tests.processes import witness

CLASS = "class_scheduled"


def _bounced(address):
    row = Suppression(address=address, reason="Mail to this address came back.", since=clock.now())
    db.session.add(row)
    db.session.commit()


def test_a_guardian_who_refused_is_named(cast, worker, mailbox):
    cast.schedule(hours=30)

    worker.drain()

    row = mail_to(cast.kabir, CLASS)
    assert (row.state, row.reason) == (
        "withheld",
        "Guardian of Kabir, the guardian, has refused this.",
    )
    assert mailbox(to=cast.kabir.email) == []


def test_without_a_guardians_word_nothing_goes(cast, worker, mailbox):
    unasked = enrolled(cast, "leela", agreed=None)
    cast.schedule(hours=30)

    worker.drain()

    row = mail_to(unasked, CLASS)
    assert (row.state, row.reason) == ("withheld", "No guardian has agreed to this yet.")
    assert mailbox(to=unasked.email) == []


def test_an_address_that_bounced_is_not_written_to_again(cast, worker, mailbox):
    bouncing = enrolled(cast, "bounce")
    cast.schedule("First", hours=30)
    worker.drain()
    assert len(mailbox(to=bouncing.email)) == 1

    second = cast.schedule("Second", hours=30)
    worker.drain()

    (row,) = witness.ledger(
        "person_id = :id AND subject = :subject AND rule = :rule",
        id=bouncing.id,
        subject=second.subject,
        rule=CLASS,
    )
    assert row.state == "withheld"
    assert row.reason.startswith("Mail to this address came back")
    assert len(mailbox(to=bouncing.email)) == 1


def test_the_childs_guardian_is_asked_before_the_address(cast, worker):
    _bounced(cast.kabir.email)
    cast.schedule(hours=30)

    worker.drain()

    assert "guardian" in mail_to(cast.kabir, CLASS).reason


def test_what_is_not_true_any_more_is_cancelled_and_not_withheld(cast, worker):
    """First the question whether it is so at all; only then whether it may be said."""
    session = cast.schedule(hours=30)
    worker.drain()
    again = witness.sql(
        "UPDATE effects SET state = 'planned' WHERE person_id = :id AND rule = :rule RETURNING id",
        id=cast.kabir.id,
        rule=CLASS,
    )
    witness.sql("UPDATE sessions SET cancelled_at = now() WHERE id = :id", id=session.id)

    worker.drain()

    assert state_of(again) == ("cancelled", "The class was cancelled.")


@pytest.mark.parametrize(("name", "state"), [("kabir", "withheld"), ("asha", "sent")])
def test_account_mail_of_a_child_needs_a_guardian_and_goes_also_to_an_address_that_bounced(
    cast, worker, mailbox, name, state
):
    child = getattr(cast, name)
    _bounced(child.email)
    transaction(request_reset, child.email)
    transaction(invite, child, cast.admin)

    worker.drain()

    assert {row.state for row in witness.ledger("purpose = 'account'")} == {state}
    assert {row.lane for row in _lanes()} == {Lane.ACCOUNT}
    assert len(mailbox(to=child.email)) == (2 if state == "sent" else 0)


def test_an_old_notice_is_not_sent_because_consent_came_later(cast, worker, mailbox):
    cast.schedule(hours=30)
    worker.drain()

    transaction(record_consent, cast.kabir.guardians[0], "account", True, cast.admin)
    worker.drain()

    assert mail_to(cast.kabir, CLASS).state == "withheld"
    (welcome,) = mailbox(to=cast.kabir.email)  # of their place they hear now
    assert "Pricing:" not in welcome["subject"]


def _lanes():
    with db.engine.connect() as connection:
        return connection.execute(
            db.text("SELECT lane FROM effects WHERE purpose = 'account'")
        ).all()
