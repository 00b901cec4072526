"""Reminders, where a provider has to be waited for."""

from dataclasses import replace
from datetime import timedelta

from ffapp.classes.schedule import Plan, change
from ffapp.core.db import db, transaction
from ffapp.ledger import admin_actions
from ffapp.ledger.models import Effect
from ffapp.providers.simulating import store


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

    plan = Plan(session.title, "", session.starts_at, 75, session.zoom_host_email)
    transaction(change, session, replace(plan), session.revision, cast.admin)
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


def test_a_class_in_ten_minutes_sends_what_is_useful_and_nothing_else(
    cast, worker, travel, mailbox
):
    session = cast.schedule("Pricing", minutes=60, hours=1 / 6)
    worker.drain()
    travel.to(session.ends_at)
    worker.drain()

    assert reminders_and_notice(session, cast.asha) == {"class_scheduled": ("sent", None)}
    assert len(mailbox(cast.asha.email)) == 1


def test_a_reminder_whose_time_went_by_is_missed_with_a_reason(cast, worker, travel, mailbox):
    session = cast.schedule("Pricing", hours=30)
    worker.drain()
    travel.to(session.starts_at - timedelta(minutes=10))  # nobody worked for a day
    worker.drain()

    found = reminders_and_notice(session, cast.asha)
    state, reason = found["class_reminder_24h"]
    assert state == "missed"
    assert reason
    assert found["class_reminder_15min"] == ("sent", None)
    assert len(mailbox(cast.asha.email)) == 2


def reminders_and_notice(session, person):
    """Rule → state and reason of the mails to a person about a class."""
    db.session.rollback()
    rows = db.session.execute(
        db.select(Effect.rule, Effect.state, Effect.reason).where(
            Effect.subject == session.subject,
            Effect.kind == "email",
            Effect.person_id == person.id,
        )
    )
    return {rule: (state, reason) for rule, state, reason in rows}
