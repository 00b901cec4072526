"""Notices on WhatsApp: who gets them, what comes back, and who is left alone."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ffapp.classes.schedule import Plan, change
from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.core.outcomes import Accepted
from ffapp.ledger.handlers import Prepared
from ffapp.ledger.models import Effect
from ffapp.messaging import whatsapp
from ffapp.messaging.models import ChatStatus, Suppression, WhatsAppLog
from ffapp.notifications.models import Notification
from ffapp.people.consent_records import record_consent
from ffapp.people.invite import invite
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.webhooks.models import WebhookDelivery

ASHA, RAVI = "+919876500001", "+919876500002"


@pytest.fixture
def on_whatsapp(cast):
    """Asha and Ravi have a number each, and their guardians agreed to WhatsApp."""
    reachable(cast, cast.asha, ASHA)
    reachable(cast, cast.ravi, RAVI)
    return cast


def reachable(cast, person, number):
    person.phone = number
    db.session.commit()
    transaction(record_consent, person.guardians[0], "whatsapp", True, cast.admin)


def chats(person, **narrower):
    wanted = select(Effect).filter_by(kind="whatsapp", person_id=person.id, **narrower)
    return db.session.scalars(wanted.order_by(Effect.id)).all()


def log_of(person):
    of_person = select(WhatsAppLog).join(Effect, Effect.id == WhatsAppLog.effect_id)
    return db.session.scalars(of_person.where(Effect.person_id == person.id)).one()


def says(client, *events, at=None, topic=None, envelope=""):
    """Post these as AiSensy would, signed."""
    known = AiSensySettings.current()
    for number, message in enumerate(events):
        usual = wire.USER_MESSAGE if message.get("sender") == wire.USER else wire.STATUS_UPDATED
        event_id = f"evt-{message.get('status', 'in')}-{number}-{message.get('id', '')}{envelope}"
        event = {"id": event_id, "topic": topic or usual, "data": {"message": message}}
        if at is not None:
            event["created_at"] = round(at.timestamp() * 1000)
        body = json.dumps(event).encode()
        answer = client.post(
            "/hooks/aisensy",
            data=body,
            headers={
                wire.SIGNATURE: wire.signature(known.webhook_secret, body),
                wire.PROJECT_ID: known.project_id,
            },
            content_type="application/json",
            csrf=False,
        )
        assert answer.status_code == 204


def status(word, message_id, **more):
    return {"status": word, "submitted_message_id": message_id, **more}


def writes(number, text, message_id):
    return {
        "sender": wire.USER,
        "id": message_id,
        "phone_number": number.removeprefix("+"),
        "message_content": {"text": text},
    }


def test_a_class_is_told_on_whatsapp_to_those_who_agreed_and_have_a_number(
    on_whatsapp, worker, phone
):
    on_whatsapp.schedule("Pricing", hours=30)
    worker.drain()

    (message,) = phone(ASHA)
    assert message["campaign"] == "class_scheduled"
    assert message["params"][:2] == ["Asha", "Pricing"]
    log = log_of(on_whatsapp.asha)
    assert log.text.startswith("Hello Asha, Pricing of Winter 2026 is on ")
    assert (log.phone, log.status) == (ASHA, "read")
    assert {message["to"] for message in phone()} == {ASHA, RAVI}
    (withheld,) = chats(on_whatsapp.kabir, rule="class_scheduled")
    assert (withheld.state, withheld.reason) == (
        "withheld",
        "Guardian of Kabir, the guardian, has refused this.",
    )


def test_without_a_word_about_whatsapp_itself_it_is_withheld(on_whatsapp, worker, phone):
    guardian = on_whatsapp.asha.guardians[0]
    transaction(record_consent, guardian, "whatsapp", False, on_whatsapp.admin)

    on_whatsapp.schedule(hours=30)
    worker.drain()

    assert phone(ASHA) == []
    (effect,) = chats(on_whatsapp.asha, rule="class_scheduled")
    assert effect.reason == "Guardian of Asha, the guardian, has refused messages on WhatsApp."


def test_reminders_go_to_whatsapp_as_well_and_not_twice(on_whatsapp, worker, phone, travel):
    session = on_whatsapp.schedule("Pricing", hours=30)
    worker.drain()

    travel.to(session.starts_at - timedelta(minutes=15))
    worker.drain()
    worker.drain()

    told = [message["campaign"] for message in phone(ASHA)]
    assert told.count("class_reminder_15min") == 1


def test_an_invitation_goes_to_whatsapp_with_its_link_and_the_link_is_shown_to_nobody(
    on_whatsapp, worker, phone, mailbox
):
    transaction(invite, on_whatsapp.asha, on_whatsapp.admin)
    worker.drain()

    (message,) = phone(ASHA)
    assert "/links/" in message["params"][1]
    assert len(mailbox(on_whatsapp.asha.email)) == 1
    log = log_of(on_whatsapp.asha)
    assert "/links/" not in log.text + json.dumps(log.parameters)
    assert "•••" in log.text


SILENT = "+919876300300"  # accepted, and nothing is heard of it by itself


def test_a_status_moves_forward_and_never_back(cast, client, worker):
    reachable(cast, cast.asha, SILENT)
    cast.schedule(hours=30)
    worker.drain()
    log = log_of(cast.asha)

    for word, stands in (
        ("DELIVERED", ChatStatus.DELIVERED),
        ("SENT", ChatStatus.DELIVERED),
        ("READ", ChatStatus.READ),
        ("FAILED", ChatStatus.READ),
    ):
        says(client, status(word, log.message_id))
        worker.drain()
        db.session.refresh(log)
        assert log.status == stands


def test_a_status_that_comes_before_our_own_outcome_waits_for_it(cast, client, worker):
    reachable(cast, cast.asha, SILENT)
    cast.schedule(hours=30)
    worker.drain()
    log = log_of(cast.asha)
    message_id, log.message_id = log.message_id, None
    db.session.commit()
    says(client, status("DELIVERED", message_id))
    worker.drain()
    assert states_of_deliveries() == ["unmatched"]

    (effect,) = chats(cast.asha, rule="class_scheduled")
    content = {"phone": SILENT, "shown": whatsapp.Chat("class_scheduled", ["Asha"], "Hello")}
    prepared = Prepared(effect.id, effect.attempts, content)
    transaction(whatsapp.handler().record, [(effect, prepared, Accepted(message_id))])
    worker.drain()

    assert states_of_deliveries() == ["done"]
    db.session.refresh(log)
    assert log.status == ChatStatus.DELIVERED


def states_of_deliveries():
    of_aisensy = "SELECT state FROM webhook_deliveries WHERE provider = 'aisensy' AND event LIKE :e"
    return list(db.session.scalars(db.text(of_aisensy), {"e": "%delivered"}))


def test_siblings_with_one_number_are_both_silent_when_one_writes_stop(
    on_whatsapp, client, worker, phone
):
    on_whatsapp.ravi.phone = ASHA
    db.session.commit()
    says(client, writes(ASHA, " Stop. ", "in-1"))
    worker.drain()

    on_whatsapp.schedule(hours=30)
    worker.drain()

    assert phone() == []
    for person in (on_whatsapp.asha, on_whatsapp.ravi):
        (effect,) = chats(person, rule="class_scheduled")
        assert (effect.state, effect.reason) == ("withheld", "They wrote STOP on WhatsApp.")
    says(client, writes(ASHA, "START", "in-2"))
    worker.drain()
    assert db.session.scalars(select(Suppression).where(Suppression.holds)).all() == []


def test_a_late_copy_of_start_does_not_undo_a_newer_stop(on_whatsapp, client, worker, travel):
    """Each message is posted under two topics, and a post that failed comes again later."""
    start, written_at = writes(ASHA, "START", "in-1"), travel.now
    says(client, start, at=written_at)
    travel.forward(minutes=2)
    says(client, writes(ASHA, "STOP", "in-2"), at=travel.now)
    worker.drain()

    travel.forward(minutes=3)
    says(client, start, at=written_at, topic="message.created", envelope="-again")
    says(client, writes(ASHA, "START", "in-3"), at=written_at)  # written before it, posted now
    worker.drain()

    assert db.session.scalars(select(Suppression.address)).all() == [ASHA]
    assert len(db.session.scalars(select(WebhookDelivery)).all()) == 3, "one message is kept once"


def test_a_start_from_between_two_stops_that_comes_late_undoes_neither(
    cast, client, worker, travel
):
    between = travel.now + timedelta(minutes=2)
    says(client, writes(ASHA, "STOP", "in-1"), at=travel.now)
    travel.forward(minutes=5)
    says(client, writes(ASHA, "STOP", "in-2"), at=travel.now)
    worker.drain()

    says(client, writes(ASHA, "START", "in-3"), at=between)
    worker.drain()

    assert db.session.scalars(select(Suppression.address)).all() == [ASHA]


def test_a_number_that_is_not_on_whatsapp_is_tried_once(cast, worker, phone):
    number = "+919876131026"
    reachable(cast, cast.asha, number)
    cast.schedule("First", hours=30)
    worker.drain()
    assert log_of(cast.asha).status == ChatStatus.FAILED

    cast.schedule("Second", hours=60)
    worker.drain()

    assert len(phone(number)) == 1
    last = chats(cast.asha, rule="class_scheduled")[-1]
    assert (last.state, last.reason) == ("withheld", "This number is not on WhatsApp.")


def test_an_empty_wallet_is_said_in_words(cast, worker):
    reachable(cast, cast.asha, "+919876402402")

    cast.schedule(hours=30)
    worker.drain()

    (effect,) = chats(cast.asha, rule="class_scheduled")
    assert effect.state == "failed"
    assert "AiSensy" in effect.reason
    assert effect.reason.endswith(".")


def test_no_open_mail_waits_behind_many_chats(on_whatsapp, worker):
    on_whatsapp.schedule(hours=30)

    lanes = {effect.lane for effect in chats(on_whatsapp.asha)}

    worker.drain()
    assert lanes <= {"chats"}
    assert {effect.lane for effect in chats(on_whatsapp.asha)} == {"chats"}


def test_the_night_holds_what_can_wait_and_nothing_that_is_near(
    on_whatsapp, worker, phone, mailbox, travel, night
):
    travel.to(night)
    near = on_whatsapp.schedule("Near", hours=12)
    on_whatsapp.schedule("Far", hours=60)
    worker.drain()

    assert [message["params"][1] for message in phone(ASHA)] == ["Near"]
    assert len(mailbox(on_whatsapp.asha.email)) == 2, "a mail rings nobody awake"
    (held,) = chats(on_whatsapp.asha, state="planned", rule="class_scheduled")
    assert held.reason.startswith("Quiet hours until ")
    assert near.starts_at > night

    travel.to(held.due_at + timedelta(minutes=1))
    worker.drain()
    assert [message["params"][1] for message in phone(ASHA)][-1] == "Far"


def test_at_night_a_class_that_is_moved_away_from_the_morning_is_told_at_once(
    on_whatsapp, worker, phone, travel, night
):
    """It begins next week now, but tomorrow at half past seven somebody would have come."""
    travel.to(night - timedelta(hours=12))
    session = on_whatsapp.schedule("Pricing", hours=21)
    worker.drain()
    travel.to(night)
    wanted = Plan("Pricing", "", session.starts_at + timedelta(days=7), 60, session.zoom_host_email)
    db.session.refresh(session)

    transaction(change, session, wanted, session.revision, on_whatsapp.admin)
    worker.drain()

    assert [message["campaign"] for message in phone(ASHA)][-1] == "class_moved"
    assert not chats(on_whatsapp.asha, state="planned", rule="class_moved")


def test_a_class_that_is_only_longer_is_told_with_its_length(
    on_whatsapp, worker, phone, mailbox, travel
):
    travel.to(datetime(2026, 12, 1, 6, 30, tzinfo=UTC))
    session = on_whatsapp.schedule("Pricing", hours=30)
    worker.drain()
    db.session.refresh(session)
    wanted = Plan("Pricing", "", session.starts_at, 90, session.zoom_host_email)

    transaction(change, session, wanted, session.revision, on_whatsapp.admin)
    worker.drain()

    assert phone(ASHA)[-1]["campaign"] == "class_moved"
    assert "Wed 2 Dec, 6:00 pm IST, 90 minutes" in phone(ASHA)[-1]["params"]
    mail = mailbox(on_whatsapp.asha.email)[-1]
    assert mail["subject"] == "New length: Pricing is now 90 minutes long"
    assert "begins as planned and has a new length.\n" in mail["text"]
    assert "Before: 60 minutes\n" in mail["text"]
    assert "Pricing has a new length" in mail["html"]
    line = db.session.scalars(
        select(Notification).filter_by(person_id=on_whatsapp.asha.id).order_by(Notification.id)
    ).all()[-1]
    assert line.title == "Pricing is now 90 minutes long"
    assert line.body == "Winter 2026, Wed 2 Dec, 6:00 pm IST; before: 60 minutes"


def test_the_reminder_of_a_class_late_in_the_evening_rings_the_next_morning(
    on_whatsapp, worker, phone, travel, night
):
    travel.to(night - timedelta(hours=6))
    session = on_whatsapp.schedule("Stars", hours=31)  # 23:30 of the next day
    worker.drain()

    travel.to(session.starts_at - timedelta(hours=24))
    worker.drain()
    assert "class_reminder_24h" not in [message["campaign"] for message in phone(ASHA)]

    (held,) = chats(on_whatsapp.asha, rule="class_reminder_24h")
    travel.to(held.due_at)
    worker.drain()
    db.session.refresh(held)
    assert (held.state, held.settled_at) == ("sent", datetime(2026, 12, 2, 2, 30, tzinfo=UTC))


def test_it_is_night_where_the_class_is_for_those_who_chose_no_zone(
    on_whatsapp, worker, phone, travel, night
):
    on_whatsapp.cohort.time_zone = "Europe/London"
    db.session.commit()
    travel.to(night)  # 17:00 in London

    on_whatsapp.schedule("Far", hours=60)
    worker.drain()

    assert [message["params"][1] for message in phone(ASHA)] == ["Far"]


@pytest.fixture
def night(settings):
    """22:30 in India, with the usual quiet hours."""
    from datetime import time

    quiet = (time(21), time(8))
    config.use(settings.changed(quiet_hours=quiet))
    return datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
