"""What waits for somebody who leaves the cohort, and comes back."""

import pytest
from sqlalchemy import select

from ffapp.classes.schedule import cancel
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.programme.enrol import enrol, enrolment_of, restore, withdraw
from ffapp.providers.simulating import store


@pytest.fixture
def place(cast, worker):
    """Asha's; a mail to her about a class that is called off waits, for SendGrid is down."""
    session = cast.schedule("Pricing", hours=30)
    worker.drain()
    store.set_switch("sendgrid", "fault", {"kind": "down"})
    transaction(cancel, session, "The teacher is ill", 1, cast.admin)
    worker.drain()
    return enrolment_of(cast.cohort, cast.asha)


def waiting(cast):
    db.session.rollback()
    wanted = select(Effect).filter_by(rule="class_cancelled", kind="email", person_id=cast.asha.id)
    return db.session.scalars(wanted).one()


def later(travel, worker):
    store.set_switch("sendgrid", "fault", None)
    travel.forward(minutes=20)
    worker.drain()


def test_an_undone_withdrawal_loses_nothing_that_waited(cast, place, worker, travel, mailbox):
    transaction(withdraw, place, cast.admin)
    worker.drain()
    assert waiting(cast).state == "cancelled"

    transaction(restore, place, cast.admin)
    worker.drain()
    later(travel, worker)

    assert waiting(cast).state == "sent"
    mine = [each for each in mailbox(cast.asha.email) if each["effect_id"] == f"{waiting(cast).id}"]
    assert len(mine) == 1


def test_who_is_enrolled_anew_gets_no_old_message(cast, place, worker, travel):
    transaction(withdraw, place, cast.admin)
    worker.drain()
    transaction(enrol, cast.cohort, cast.asha, cast.admin)
    worker.drain()
    later(travel, worker)

    assert waiting(cast).state == "cancelled"
