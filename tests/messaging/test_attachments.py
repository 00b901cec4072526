"""Mails about a class bring it as a file for the calendar."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar

from ffapp.classes.schedule import Plan, cancel, change
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.messaging import attachments, show
from ffapp.messaging.attachments import Attachment
from ffapp.messaging.models import MailSheet
from ffapp.providers.simulating import store


@pytest.fixture
def session(travel, cast, worker):
    session = cast.schedule("Pricing", hours=30)
    worker.drain()
    db.session.refresh(session)
    return session


@pytest.fixture
def arrived(worker, mailbox, cast):
    """What Asha gets now: the word before the colon of its subject, and the file's calendar."""

    def read():
        worker.drain()
        mail = mailbox(cast.asha.email)[-1]
        (file,) = mail["attachments"]
        kept = store.get("sendgrid", "attachment", f"{mail['message_id']}.0")["content"]
        assert file["type"] == "text/calendar"
        assert file["bytes"] == len(base64.b64decode(kept))
        return mail["subject"].split(":")[0], Calendar.from_ical(base64.b64decode(kept))

    return read


def plan_of(session):
    return Plan(session.title, "", session.starts_at, 60, session.zoom_host_email)


def facts(calendar):
    (event,) = calendar.events
    return str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), str(event["STATUS"])


def test_uid_stays_sequence_rises_and_cancelling_takes_it_out(session, cast, arrived):
    uid = str(session.calendar_uid)
    assert facts(arrived()[1]) == ("PUBLISH", uid, 0, "CONFIRMED")

    later = session.starts_at + timedelta(hours=1)
    transaction(change, session, replace(plan_of(session), starts_at=later), 1, cast.admin)
    subject, moved = arrived()
    assert subject == "Moved"
    assert facts(moved) == ("PUBLISH", uid, 1, "CONFIRMED")
    assert moved.events[0].start == later

    transaction(change, session, replace(plan_of(session), title="मूल्य 🚀"), 2, cast.admin)
    _, renamed = arrived()
    assert facts(renamed) == ("PUBLISH", uid, 2, "CONFIRMED")
    assert renamed.events[0]["SUMMARY"] == "मूल्य 🚀"

    transaction(cancel, session, "The teacher is ill", 3, cast.admin)
    subject, gone = arrived()
    assert subject == "Cancelled"
    assert facts(gone) == ("CANCEL", uid, 3, "CANCELLED")


def test_reminders_and_account_mails_bring_no_file(session, cast, worker, travel, mailbox):
    travel.to(session.starts_at - timedelta(hours=23))
    worker.drain()

    reminder = mailbox(cast.asha.email)[-1]
    assert reminder["subject"].startswith("Tomorrow")
    assert reminder["attachments"] == []


def test_everybody_of_a_batch_gets_the_same_file_kept_once(session, cast, mailbox):
    first, second = mailbox(cast.asha.email)[0], mailbox(cast.ravi.email)[0]

    assert first["message_id"] == second["message_id"]
    assert first["attachments"] == second["attachments"]
    assert len(store.find("sendgrid", "attachment")) == 1
    assert len(db.session.scalars(db.select(MailSheet)).all()) == 1


def test_a_message_is_shown_with_the_file_that_went(session, cast):
    effect = db.session.scalars(
        db.select(Effect).filter_by(rule="class_scheduled", person_id=cast.asha.id)
    ).one()
    transaction(change, session, replace(plan_of(session), title="Value"), 1, cast.admin)

    sheet, log = show.as_seen(effect)

    assert log is not None
    (file,) = sheet.attachments
    assert Calendar.from_ical(file.content).events[0]["SUMMARY"] == "Pricing"


def test_a_message_that_has_not_gone_is_shown_with_the_file_of_now(session, cast):
    effect = db.session.scalars(
        db.select(Effect).filter_by(rule="class_scheduled", kind="email", person_id=cast.kabir.id)
    ).one()

    sheet, log = show.as_seen(effect)

    assert log is None
    assert [file.filename for file in sheet.attachments] == [f"class-{session.id}.ics"]


def test_what_is_stored_comes_back():
    files = (Attachment("a.ics", "text/calendar", "मूल्य\r\n".encode()),)

    assert attachments.read(attachments.stored(files)) == files


def test_a_sheet_with_another_file_is_another_sheet(session, cast):
    effect = db.session.scalars(
        db.select(Effect).filter_by(rule="class_scheduled", kind="email")
    ).first()
    sheet, _ = show.as_seen(effect)

    assert sheet.digest != replace(sheet, attachments=()).digest
    other = replace(sheet.attachments[0], content=b"other")
    assert sheet.digest != replace(sheet, attachments=(other,)).digest
