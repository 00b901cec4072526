"""Reminders and other messages that wait: for a provider, or while a student leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ffapp.classes.schedule import cancel, change
from ffapp.core.db import db, transaction
from ffapp.ledger import admin_actions
from ffapp.ledger.models import Effect
from ffapp.programme.enrol import enrol, enrolment_of, restore, withdraw
from ffapp.providers.simulating import store
from tests.at_zoom import plan_of


def test_a_reminder_that_waits_for_sendgrid_survives_a_longer_class(cast, worker, travel, mailbox):
    session = cast.schedule(hours=30)
    worker.drain()
    store.set_switch("sendgrid", "fault", {"kind": "limited"})
    travel.forward(hours=6, minutes=1)
    worker.drain()
    waiting = db.session.scalars(
        db.select(Effect).filter_by(rule="class_reminder_24h", person_id=cast.asha.id)
    ).one()
    assert (waiting.state, waiting.attempts) == ("planned", 1)

    plan = plan_of(session, duration_minutes=75)
    transaction(change, session, plan, session.revision, cast.admin)
    store.set_switch("sendgrid", "fault", None)
    travel.to(travel.now + timedelta(minutes=5))
    worker.drain()

    db.session.refresh(waiting)
    assert waiting.state == "sent"
    subjects = [mail["subject"] for mail in mailbox(cast.asha.email)]
    assert len([each for each in subjects if each.startswith("Tomorrow")]) == 1


def test_a_reminder_that_is_tried_again_after_its_class_began_is_not_sent(
    cast, worker, travel, mailbox
):
    session = cast.schedule(hours=30)
    worker.drain()
    mine = db.session.scalars(
        db.select(Effect).filter_by(rule="class_reminder_15min", person_id=cast.asha.id)
    ).one()
    mine.state = "failed"
    db.session.commit()
    travel.to(session.starts_at + timedelta(hours=2))

    transaction(admin_actions.retry, mine, cast.admin)
    worker.drain()

    db.session.refresh(mine)
    assert (mine.state, mine.reason) == ("cancelled", "The class has begun.")
    assert not [mail for mail in mailbox(cast.asha.email) if "soon" in mail["subject"]]


# ── who leaves, and comes back ──


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
