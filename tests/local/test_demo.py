"""The demo programme: what it shows at once, and whom it keeps silent about."""

import pytest

from ffapp.classes.models import ClassSession
from ffapp.core.db import db, transaction
from ffapp.ledger.models import Effect
from ffapp.local import demo
from ffapp.local.demo_accounts import STUDENTS, sign_ins
from ffapp.people.address import find_by_email
from tests.cast import PASSWORD_HASH
from tests.processes.witness import everything_the_simulators_know

AGREED = [email for _, email, _, agrees in STUDENTS if agrees]
KABIR = "kabir@students.example"


@pytest.fixture
def demo_programme(context, worker, travel):
    """The demo as `make run` makes it; the worker has done what was due."""
    transaction(demo.seed, PASSWORD_HASH)
    for number, (_, email, _, _) in enumerate(STUDENTS):
        find_by_email(email).phone = f"+91987651230{number}"  # the demo itself gives none
    db.session.commit()
    worker.drain()


def notices_for(person):
    return db.session.scalars(db.select(Effect).filter_by(person_id=person.id)).all()


def test_its_people_are_there_and_its_classes_have_meetings(demo_programme, mailbox):
    classes = db.session.scalars(db.select(ClassSession)).all()

    assert not demo.is_empty()
    assert all(find_by_email(each["email"]).name == each["name"] for each in sign_ins())
    assert len(classes) == 3
    assert all(session.zoom_meeting_id and session.zoom_passcode for session in classes)
    assert {mail["to"] for mail in mailbox()} == set(AGREED)


def test_no_provider_learns_about_a_child_whose_guardian_refused(demo_programme, worker, travel):
    travel.forward(days=6, hours=1)  # a reminder of the second class is due by now
    worker.drain()

    kabir, asha = find_by_email(KABIR), find_by_email("asha@students.example")
    mine = [notice for notice in notices_for(kabir) if notice.state != "planned"]
    assert {notice.rule for notice in mine} == {"class_scheduled", "class_reminder_24h"}
    assert {notice.state for notice in mine} == {"withheld"}
    assert {notice.reason for notice in mine} == {"Farah Shah, the guardian, has refused this."}

    known = everything_the_simulators_know()
    assert asha.email in known, "the witness sees those who agreed"
    assert asha.email in known
    (guardian,) = kabir.guardians
    for word in (kabir.name, kabir.first_name, kabir.email, kabir.phone, guardian.name):
        assert word not in known
