"""Reminders, where a provider has to be waited for."""

from datetime import timedelta

from ffapp.classes.schedule import change
from ffapp.core.db import db, transaction
from ffapp.ledger import admin_actions
from ffapp.ledger.models import Effect
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
