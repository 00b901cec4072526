"""No page asks the database more often because there is more to show."""

import pytest

from ffapp.classes.undoable import cancel_many
from ffapp.core.db import db, transaction
from ffapp.people.invite import add_person
from ffapp.people.models import Role
from ffapp.programme.enrol import Newcomer, admit
from ffapp.programme.enrol_many import enrol_many

ADMIN = (
    "/admin/today",
    "/admin/classes",
    "/admin/classes/{class_id}",
    "/admin/classes/month",
    "/admin/classes/{class_id}/attendance",
    "/admin/classes/{class_id}/views",
    "/admin/classes/new",
    "/admin/cohorts",
    "/admin/cohorts/{cohort_id}",
    "/admin/cohorts/{cohort_id}/enrolments/new?q=comer",
    "/admin/people",
    "/admin/people/{person_id}",
    "/admin/messages",
    "/admin/calls",
    "/admin/messages/templates",
    "/admin/notifications",
    "/admin/webhooks",
    "/admin/providers",
    "/admin/providers/sendgrid",
    "/admin/recordings",
    "/admin/search?q=c",
    "/simulators/mailbox",
    "/simulators/phone",
    "/simulators/journal",
)
STUDENT = (
    "/home",
    "/schedule",
    "/schedule?past=1",
    "/schedule/month",
    "/recordings",
    "/recordings?q=class",
    "/me",
    "/notifications",
    "/classes/{class_id}",
    "/classes/{class_id}.ics",
)


def newcomers(cast, numbers):
    for number in numbers:
        newcomer = Newcomer(
            f"New Comer{number}", f"new{number}@students.example", None, "G", None, True
        )
        transaction(admit, cast.cohort, newcomer, cast.admin)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.STUDENT])
def test_a_page_asks_as_often_for_many_rows_as_for_few(client, cast, worker, queries, role):
    cast.cohort.seats = 100
    db.session.commit()
    newcomers(cast, range(2))
    first = cast.schedule("Class", hours=2)
    worker.drain()
    client.sign_in(cast.admin if role is Role.ADMIN else cast.asha)
    known = {
        "class_id": first.id,
        "cohort_id": cast.cohort.id,
        "person_id": cast.asha.id,
    }
    paths = [path.format(**known) for path in (ADMIN if role is Role.ADMIN else STUDENT)]

    def count():
        found = {}
        for path in paths:
            client.get(path, lint=False)
            with queries() as seen:
                assert client.get(path, lint=False).status_code == 200, path
            found[path] = len(seen)
        return found

    few = count()
    newcomers(cast, range(2, 12))
    for number in range(8):
        cast.schedule(f"Class {number}", hours=4 + 2 * number)
    worker.drain()

    # A page may look into one more table once it has something to show of it.
    grown = {path: (few[path], many) for path, many in count().items() if many > few[path] + 1}
    assert not grown


# ── what is done to many at once ──


@pytest.fixture
def asked(client, cast, queries):
    """How often a page asks the database; it must say the words."""

    def asked(path, *words):
        client.get(path, lint=False)
        with queries() as seen:
            page = client.get(path, lint=False)
        assert page.status_code == 200
        assert [word for word in words if word not in page.text] == []
        return len(seen)

    client.sign_in(cast.admin)
    return asked


def strangers(numbers):
    """Students who are not enrolled."""
    return [
        transaction(
            add_person, f"Pupil {each}", f"pupil{each}@students.example", Role.STUDENT, by=None
        )
        for each in numbers
    ]


def test_the_question_whether_to_cancel_asks_as_often_for_many_classes_as_for_few(cast, asked):
    ids = [cast.schedule(f"Week {number}", hours=4 + 2 * number).id for number in range(12)]

    def question(chosen):
        chosen_ones = "&".join(f"id={each}" for each in chosen)
        return asked(f"/admin/classes/cancellations?{chosen_ones}", f"Cancel {len(chosen)} classes")

    assert question(ids) == question(ids[:2])


def test_choosing_whom_to_enrol_asks_as_often_for_many_people_as_for_few(cast, asked):
    path = f"/admin/cohorts/{cast.cohort.id}/enrolments/new"
    strangers(range(2))
    few = asked(path, "Choose Pupil 1")
    strangers(range(2, 14))

    assert asked(path, "Choose Pupil 13") == few


def test_the_ways_back_ask_as_often_for_many_batches_as_for_one(cast, asked, travel):
    cast.cohort.seats = 100
    db.session.commit()
    classes, cohort = "/admin/classes", f"/admin/cohorts/{cast.cohort.id}"
    sessions = [cast.schedule(f"Week {number}", hours=4 + 2 * number) for number in range(12)]
    people = strangers(range(12))

    def act(chosen):
        revisions = {each.id: each.revision for each in sessions[chosen]}
        transaction(cancel_many, revisions, "Ill", cast.admin)
        transaction(enrol_many, cast.cohort, people[chosen], cast.admin)

    act(slice(1))
    few = (
        asked(classes, "1 class was cancelled just now"),
        asked(cohort, "1 student was enrolled just now"),
    )
    for first in range(1, 11, 2):
        act(slice(first, first + 2))

    assert few == (
        asked(classes, "2 classes were cancelled just now"),
        asked(cohort, "2 students were enrolled just now"),
    )
