"""Messages that did not arrive stand on Today, one line a reason, with the button that mends it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.messaging.models import EmailLog, WhatsAppLog
from ffapp.people.consent_records import record_consent
from ffapp.providers.simulating import store
from tests.browse import flashed
from tests.web.admin.today_list import break_mails, only


def test_messages_that_failed_are_one_line_and_one_button(cast, worker, alerts, press, mailbox):
    store.set_switch("sendgrid", "fault", {"kind": "unauthorised"})
    cast.schedule("Week 3", hours=30)
    worker.drain()
    store.set_switch("sendgrid", "fault", None)
    only(alerts(), "“Class scheduled” (“Week 3”) by e-mail to 2 people did not go", "Retry all 2")

    press()
    worker.drain()

    assert alerts() == {}
    assert len(mailbox()) == 2


def test_a_second_press_finds_that_somebody_was_quicker(cast, client, worker, alerts):
    break_mails(cast, worker, 1)
    ((action, fields),) = alerts().values()
    client.post(action, data=fields)

    answer = client.post(action, data=fields)

    assert "Somebody else changed this first, so nothing was changed" in flashed(
        client.get(answer.location)
    )
    assert states() == ["planned", "planned"]


def test_an_old_retry_does_not_confirm_what_is_uncertain_since(cast, client, worker, alerts):
    break_mails(cast, worker, 1)
    ((action, fields),) = alerts().values()
    db.session.execute(db.update(Effect).where(told()).values(state="uncertain"))
    db.session.commit()

    answer = client.post(action, data=fields)

    assert "Somebody else changed this first" in flashed(client.get(answer.location))
    assert states() == ["uncertain", "uncertain"]


def test_what_cannot_be_decided_this_way_is_left_as_it_is(cast, client, worker):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    meeting = db.session.scalar(select(Effect).filter_by(kind="zoom.create"))
    meeting.state = "uncertain"  # Zoom can be asked: nobody may guess
    db.session.commit()
    fields = {"effect_id": meeting.id, "state": "uncertain"}

    answer = client.post("/admin/today/messages", data=fields)

    assert "nothing was changed" in flashed(client.get(answer.location))
    db.session.refresh(meeting)
    assert meeting.state == "uncertain"


def told():
    """The mails to those whose guardian agrees."""
    mail = (Effect.rule == "class_scheduled") & (Effect.kind == "email")
    return mail & (Effect.state != "withheld")


def states():
    db.session.expire_all()
    return db.session.scalars(select(Effect.state).where(told())).all()


def test_a_message_of_which_nobody_knows(cast, worker, alerts, press):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    mail = Effect.kind == "email"
    db.session.execute(
        db.update(Effect)
        .where(mail, Effect.person_id == cast.asha.id, Effect.rule == "class_scheduled")
        .values(state="uncertain", reason="The answer was lost.", doubtful=True)
    )
    db.session.commit()
    only(
        alerts(),
        "Nobody knows whether “Class scheduled” (“Week 3”) by e-mail to Asha Rao arrived",
        "Mark as delivered",
    )

    press()

    assert alerts() == {}
    mine = select(Effect.state).where(mail, Effect.person_id == cast.asha.id)
    assert "sent" in db.session.scalars(mine).all()


def logs_say(log, status, reason, **conditions):
    """What a provider tells of messages that it took."""
    db.session.rollback()
    for row in db.session.scalars(db.select(log).filter_by(**conditions)):
        row.status, row.reason, row.status_at = status, reason, clock.now()
    db.session.commit()


@pytest.mark.parametrize(
    ("status", "reason"),
    [("dropped", "Invalid"), ("blocked", "421 try later"), ("bounced", "552 mailbox full")],
)
def test_mails_that_did_not_arrive_are_one_line_until_they_are_seen(
    cast, worker, alerts, press, status, reason
):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    assert alerts() == {}
    logs_say(EmailLog, status, reason)
    only(alerts(), "2 e-mails were", "to 2 people", reason, "Dismiss")

    press()
    assert alerts() == {}

    logs_say(EmailLog, status, "another reason", address=cast.asha.email)
    assert alerts() == {}, "what was seen does not come back with other words"


def test_many_notices_to_one_dead_address_are_one_line(cast, worker, alerts):
    for number in range(4):
        cast.schedule(f"Week {number}", hours=30 + 3 * number)
    worker.drain()
    logs_say(EmailLog, "dropped", "Unsubscribed Address", address=cast.asha.email)

    only(alerts(), "4 e-mails were dropped by SendGrid and not sent to Asha Rao: Unsubscribed")


def test_what_fails_for_another_reason_is_a_line_of_its_own(cast, client, worker, alerts):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    logs_say(EmailLog, "blocked", "421 try later", address=cast.asha.email)
    logs_say(EmailLog, "dropped", "Invalid", address=cast.ravi.email)
    found = alerts()
    assert len(found) == 2
    ((action, fields),) = [told for words, told in found.items() if "421" in words]

    client.post(action, data=fields)

    only(alerts(), "to Ravi Menon", "Invalid")


def test_what_fails_while_the_line_is_read_is_news(cast, client, worker, travel, alerts):
    cast.schedule("Week 3", hours=30)
    worker.drain()
    logs_say(EmailLog, "blocked", "421 try later", address=cast.asha.email)
    ((action, fields),) = alerts().values()
    travel.forward(minutes=1)
    logs_say(EmailLog, "blocked", "421 try later", address=cast.ravi.email)

    client.post(action, data=fields)

    only(alerts(), "to Ravi Menon")


def test_a_message_that_whatsapp_did_not_deliver(cast, worker, alerts, press):
    cast.asha.phone = "+919876500001"
    transaction(record_consent, cast.asha.guardians[0], "whatsapp", True, cast.admin)
    cast.schedule("Week 3", hours=30)
    worker.drain()
    logs_say(WhatsAppLog, "failed", "Not delivered to keep the peace")
    only(
        alerts(), "One WhatsApp message was not delivered to Asha Rao", "keep the peace", "Dismiss"
    )

    press()

    assert alerts() == {}


def test_a_press_takes_up_no_more_than_its_line_counted(cast, client, worker, alerts):
    store.set_switch("sendgrid", "fault", {"kind": "unauthorised"})
    cast.schedule("Week 3", hours=30)
    worker.drain()
    store.set_switch("sendgrid", "fault", None)
    old, *_ = db.session.scalars(db.select(Effect).filter_by(state="failed"))
    old.settled_at = clock.now() - timedelta(days=20)
    db.session.commit()
    ((action, fields),) = alerts().values()

    client.post(action, data=fields)

    db.session.refresh(old)
    assert old.state == "failed"
