"""A delivery that waits for a message's outcome is heard also when there will be none."""

from datetime import timedelta

import pytest

from ffapp.classes.schedule import cancel
from ffapp.core.db import db, transaction
from ffapp.ledger import admin_actions, in_flight
from ffapp.ledger.claim import claim
from ffapp.ledger.models import Effect, Lane
from ffapp.people.consent_records import record_consent
from ffapp.people.models import Guardian
from ffapp.programme.enrol import enrolment_of, withdraw
from ffapp.webhooks.models import WebhookDelivery
from tests.ledger.pupils import follow_events, state_of
from tests.web.hooks.test_sendgrid import post, said

RULE = "class_reminder_24h"


@pytest.fixture
def session(cast, worker, travel):
    session = cast.schedule(hours=30)
    worker.drain()
    return session


@pytest.fixture
def reminder(session, cast, client, worker):
    """Asha's reminder, planned for later. SendGrid speaks of it already, and that waits."""
    reminder = db.session.scalar(db.select(Effect).filter_by(rule=RULE, person_id=cast.asha.id))
    post(client, [said("delivered", reminder)])
    worker.drain()
    return reminder


def _unmatched():
    """The only delivery that waits."""
    db.session.rollback()
    return db.session.scalars(db.select(WebhookDelivery).filter_by(state="unmatched")).one()


def _cancelled_class(reminder, session, cast, travel):
    transaction(cancel, session, "", 1, cast.admin)


def _withdrawn(reminder, session, cast, travel):
    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)


def _cancelled_by_a_person(reminder, session, cast, travel):
    transaction(admin_actions.cancel, reminder, cast.admin)


def _refused_by_the_guardian(reminder, session, cast, travel):
    guardian = db.session.scalar(db.select(Guardian).filter_by(student_id=cast.asha.id))
    transaction(record_consent, guardian, "account", False, cast.admin)
    travel.to(reminder.due_at)


def _too_late(reminder, session, cast, travel):
    travel.to(session.starts_at + timedelta(hours=1))


@pytest.mark.parametrize(
    ("happens", "state"),
    [
        (_cancelled_class, "cancelled"),
        (_withdrawn, "cancelled"),
        (_cancelled_by_a_person, "cancelled"),
        (_refused_by_the_guardian, "withheld"),
        (_too_late, "missed"),
    ],
)
def test_a_delivery_does_not_wait_for_a_message_that_will_not_go(
    reminder, session, cast, worker, travel, happens, state
):
    unmatched = _unmatched()

    happens(reminder, session, cast, travel)
    worker.drain()

    assert state_of(reminder.id)[0] == state
    db.session.refresh(unmatched)
    assert unmatched.state == "done"


def test_a_delivery_that_waits_is_heard_when_its_worker_has_left_in_a_hurry(
    cast, client, worker, travel
):
    cast.schedule(hours=30)
    follow_events()
    _, prepared = transaction(claim, Lane.MESSAGES)
    in_flight.hold(prepared)
    in_flight.begin_call(prepared)
    effects = [db.session.get_one(Effect, each.effect_id) for each in prepared]
    post(client, [said("delivered", effect) for effect in effects])
    worker.drain()
    unmatched = _unmatched()

    assert in_flight.record_interrupted() == len(effects)
    in_flight.release(prepared)
    travel.forward(seconds=10)
    worker.drain()

    assert {state_of(effect.id)[0] for effect in effects} == {"sent"}
    db.session.refresh(unmatched)
    assert unmatched.state == "done"
