"""Who is told of a series: each student once, with every date."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from ffapp.classes.schedule import Plan, cancel, change
from ffapp.classes.series import schedule_weekly
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.ledger.models import Effect
from ffapp.messaging import compose, show
from ffapp.notices.classes_scheduled import NOTICE
from ffapp.notices.kit.announce import announce
from ffapp.programme.enrol import enrolment_of, withdraw
from tests.cast import HOST

FIRST = datetime(2026, 12, 5, 11, 30, tzinfo=UTC)


@pytest.fixture
def make(cast, travel):
    travel.to(datetime(2026, 11, 23, 6, 30, tzinfo=UTC))

    def make(times=3):
        wanted = [
            Plan(f"Week {n}", "Bring a pen", FIRST + timedelta(weeks=n - 1), 60, HOST)
            for n in range(1, times + 1)
        ]
        return transaction(schedule_weekly, cast.cohort, wanted, cast.admin)

    return make


def effects(rule="classes_scheduled"):
    db.session.rollback()
    found = db.session.scalars(db.select(Effect).filter_by(rule=rule).order_by(Effect.person_id))
    return found.all()


def test_twelve_classes_are_one_mail_for_each_student(make, cast, worker, mailbox):
    make(12)
    worker.drain()

    (mail,) = mailbox(cast.asha.email)
    assert mail["subject"] == "12 classes for Winter 2026, from Sat 5 Dec, 5:00 pm IST"
    for week in range(1, 13):
        assert f"Week {week}, 60 minutes" in mail["text"]
    assert "Sat 20 Feb 2027, 5:00 pm IST" in mail["text"]
    assert "Bring a pen" in mail["text"]
    assert "your_time" not in mail["text"] + mail["html"]
    assert len(mailbox(cast.ravi.email)) == 1
    assert mailbox(cast.kabir.email) == mailbox(cast.meera.email) == []
    assert {effect.state for effect in effects()} == {"sent", "withheld"}


def test_a_year_of_classes_in_another_zone_is_not_too_much_for_sendgrid(make, cast):
    cast.asha.time_zone = "America/Argentina/Buenos_Aires"
    db.session.commit()
    make(52)
    event = db.session.scalars(db.select(Event).filter_by(name="classes_scheduled")).one()
    transaction(announce, NOTICE, event)
    effect = next(each for each in effects() if each.person_id == cast.asha.id)

    words = compose.words_of(NOTICE, [effect], {effect.id: cast.asha})[effect.id]
    tags = compose.substitutions(words, "0" * 8)

    assert "Buenos Aires time" in words["your_time_52"]
    assert sum(len(f"{tag}{word}".encode()) for tag, word in tags.items()) < 10_000


def test_its_file_holds_all_the_classes(make, cast, worker):
    sessions = make()
    worker.drain()

    sheet, log = show.as_seen(effects()[0])
    (file,) = sheet.attachments
    calendar = Calendar.from_ical(file.content)
    calendar.validate()

    assert log is not None
    assert (file.filename, calendar["METHOD"]) == ("classes.ics", "PUBLISH")
    uids = {str(session.calendar_uid) for session in sessions}
    assert {str(event["UID"]) for event in calendar.events} == uids


def test_what_changes_before_it_goes_is_told_as_it_is_then(make, cast, worker, mailbox):
    first, second, _ = make()
    transaction(cancel, first, "", 1, cast.admin)
    wanted = Plan("Second", "", second.starts_at + timedelta(hours=1), 60, HOST)
    transaction(change, second, replace(wanted), 1, cast.admin)
    worker.drain()

    (mail,) = [each for each in mailbox(cast.asha.email) if " classes for" in each["subject"]]
    assert mail["subject"].startswith("2 classes for Winter 2026, from Sat 12 Dec, 6:00 pm IST")
    assert "Week 1" not in mail["text"]
    assert "Second" in mail["text"]


def test_when_all_were_cancelled_nothing_is_told(make, cast, worker, mailbox):
    for session in make():
        transaction(cancel, session, "", 1, cast.admin)
    worker.drain()

    assert {effect.reason for effect in effects()} == {"All of these classes were cancelled."}
    assert not [each for each in mailbox(cast.asha.email) if " classes for" in each["subject"]]
    sheet, _ = show.as_seen(effects()[0])
    assert sheet.attachments == ()


def test_somebody_who_left_before_it_goes_is_not_told(make, cast, worker, mailbox):
    make()
    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    worker.drain()

    assert mailbox(cast.asha.email) == []
    assert len(mailbox(cast.ravi.email)) == 1


def test_running_the_listener_twice_tells_once(make, worker, mailbox, cast):
    make()
    worker.drain()
    event = db.session.scalars(db.select(Event).filter_by(name="classes_scheduled")).one()
    transaction(announce, NOTICE, event)
    worker.drain()

    assert len(mailbox(cast.asha.email)) == 1
