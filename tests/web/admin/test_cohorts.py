"""Cohorts as an admin meets them: the list, the roster, making, changing, enrolling, inviting."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.models import AccessLink, Consent, Person
from ffapp.programme.enrol import enrolment_of
from ffapp.programme.models import Cohort
from tests.web.admin.bulk import undo
from tests.web.admin.looking import hidden

FACTS = {
    "name": "Summer 2027",
    "starts_on": "2027-04-01",
    "ends_on": "2027-06-30",
    "seats": "10",
    "time_zone": "Asia/Dubai",
}
NEWCOMER = {
    "name": "Zoya  Khan",
    "email": "Zoya@Students.example",
    "phone": "98765 43210",
    "guardian_name": "Sunita Khan",
    "guardian_email": "",
    "said": "agreed",
    "proof": "A signed form",
}


def test_the_list_says_how_full_a_cohort_is_and_what_comes_next(client, cast):
    cast.schedule("Pricing", hours=30)
    cast.schedule("Selling", hours=50)

    page = client.get("/admin/cohorts").text

    assert "3 of 20" in page
    assert "Pricing" in page
    assert "Selling" not in page
    assert "No cohort is over yet" in client.get("/admin/cohorts?when=over").text


def test_a_cohort_is_made_once_however_often_save_is_pressed(client, cast):
    form = client.get("/admin/cohorts/new")
    data = {**FACTS, "submission": hidden(form, "submission")}

    first = client.post("/admin/cohorts/new", data=data)
    twin = client.post("/admin/cohorts/new", data=data)

    assert first.status_code == twin.status_code == 303
    assert first.location == twin.location
    made = db.session.scalars(select(Cohort).where(Cohort.name == "Summer 2027")).all()
    assert [each.time_zone for each in made] == ["Asia/Dubai"]
    assert "made the cohort Summer 2027" in client.get(first.location).text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Give the cohort a name."),
        ("name", "winter 2026", "Another cohort has this name."),
        ("ends_on", "2027-03-01", "The last day lies before the first."),
        ("starts_on", "2027-02-31", "This is not a date of the calendar"),
        ("seats", "0", "Give a number from 1 to 10000"),
        ("time_zone", "Mars/Base", "is not the name of a time zone"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_typing_is_kept(
    client, cast, field, value, words
):
    answer = client.post("/admin/cohorts/new", data={**FACTS, field: value})

    assert answer.status_code == 422
    assert words in answer.text
    kept = "seats" if field == "name" else "name"
    assert FACTS[kept] in answer.text
    assert f'id="{field}-error"' in answer.text


def test_a_cohort_cannot_have_fewer_seats_than_students(client, cast):
    url = f"/admin/cohorts/{cast.cohort.id}/edit"

    answer = client.post(url, data={**FACTS, "revision": "1", "seats": "2"})

    assert answer.status_code == 422
    assert "3 students are enrolled" in answer.text


def test_the_roster_shows_who_can_sign_in_and_what_the_guardian_said(client, cast):
    page = client.get(f"/admin/cohorts/{cast.cohort.id}").text

    assert "3 of 20 seats taken" in page
    assert 'Withdrawn <span class="count">1<' in page
    for words in ("Asha Rao", "Active", "Agreed", "Refused", "Guardian of Kabir"):
        assert words in page
    assert "Vikram Rao</b> <a" in page
    assert "withdrew Meera Iyer from Winter 2026" in page


def test_undo_is_told_when_somebody_else_has_taken_the_seat(client, cast):
    url = f"/admin/cohorts/{cast.cohort.id}"
    answer = client.post(f"{url}/withdrawals", data={"person_id": cast.asha.id})
    page = client.get(answer.location)
    cast.cohort.seats = 3
    db.session.commit()
    client.post(f"{url}/enrolments", data={"person_id": cast.tara.id})

    assert "is full by now: Asha Rao stays withdrawn" in undo(client, page)
    db.session.expire_all()
    assert not enrolment_of(cast.cohort, cast.asha).is_active


def test_an_existing_student_is_found_and_enrolled(client, cast):
    url = f"/admin/cohorts/{cast.cohort.id}/enrolments"

    assert "Tara Bose" in client.get(f"{url}/new").text
    assert "Asha Rao" not in client.get(f"{url}/new").text
    found = client.get(f"{url}/new?q=STUDENTS.example").text
    assert found.count("Enrolled</span>") == 3
    assert "No student is found by “%”" in client.get(f"{url}/new?q=%25").text
    client.post(url, data={"person_id": cast.tara.id})
    client.post(url, data={"person_id": cast.tara.id})

    assert enrolment_of(cast.cohort, cast.tara).is_active


@pytest.mark.parametrize("who", ["admin", "nobody", "huge", "words"])
def test_only_a_student_can_be_enrolled(client, cast, who):
    ids = {"admin": cast.admin.id, "nobody": 10**6, "huge": 10**30, "words": "Tara"}

    answer = client.post(
        f"/admin/cohorts/{cast.cohort.id}/enrolments", data={"person_id": ids[who]}
    )

    assert answer.status_code == 404


def test_a_full_cohort_says_what_to_do(client, cast):
    cast.cohort.seats = 3
    db.session.commit()
    url = f"/admin/cohorts/{cast.cohort.id}"

    answer = client.post(f"{url}/enrolments", data={"person_id": cast.tara.id})
    assert answer.status_code == 409
    assert "Tara Bose was not enrolled: every seat of Winter 2026 is taken" in answer.text

    invited = client.post(f"{url}/invitations/new", data=NEWCOMER)
    assert invited.status_code == 409
    assert "Every seat of Winter 2026 is taken" in invited.text
    assert "Sunita Khan" in invited.text
    assert db.session.scalar(select(Person).where(Person.name == "Zoya Khan")) is None


def test_a_new_student_is_known_spoken_for_enrolled_and_invited_at_once(
    client, cast, worker, mailbox, travel
):
    url = f"/admin/cohorts/{cast.cohort.id}/invitations/new"
    data = {**NEWCOMER, "submission": hidden(client.get(url), "submission")}

    answer = client.post(url, data=data)
    client.post(url, data=data)

    assert answer.status_code == 303
    zoya = db.session.scalars(select(Person).where(Person.name == "Zoya Khan")).one()
    assert (zoya.email, zoya.phone) == ("zoya@students.example", "+919876543210")
    assert zoya.guardians[0].name == "Sunita Khan"
    given = db.session.scalars(select(Consent).where(Consent.student_id == zoya.id)).all()
    assert {(each.purpose, each.granted, each.method, each.proof_note) for each in given} == {
        (purpose, True, "written", "A signed form") for purpose in ("account", "zoom")
    }
    assert enrolment_of(cast.cohort, zoya).is_active
    worker.drain()
    travel.forward(seconds=61)
    worker.drain()
    assert len(mailbox("zoya@students.example")) == 1
    page = client.get(answer.location).text
    assert "Invited" in page


def test_not_asked_yet_writes_no_consent(client, cast):
    url = f"/admin/cohorts/{cast.cohort.id}/invitations/new"

    asked = {**NEWCOMER, "said": "not_asked", "guardian_email": "sunita@home.example"}
    client.post(url, data=asked)

    zoya = db.session.scalars(select(Person).where(Person.name == "Zoya Khan")).one()
    assert db.session.scalar(select(Consent).where(Consent.student_id == zoya.id)) is None
    assert "No answer yet" in client.get(f"/admin/cohorts/{cast.cohort.id}").text


def test_an_address_of_a_known_student_offers_to_enrol_them(client, cast):
    url = f"/admin/cohorts/{cast.cohort.id}/invitations/new"

    answer = client.post(url, data={**NEWCOMER, "email": "TARA@students.example"})

    assert answer.status_code == 422
    assert "Enrol Tara Bose" in answer.text
    assert f'name="person_id" value="{cast.tara.id}"' in answer.text
    assert "Sunita Khan" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Person)) == 6


def test_an_address_of_somebody_enrolled_or_of_an_admin_is_said_so(client, cast):
    url = f"/admin/cohorts/{cast.cohort.id}/invitations/new"

    enrolled = client.post(url, data={**NEWCOMER, "email": cast.asha.email})
    assert "who is enrolled in Winter 2026 already" in enrolled.text
    assert "Enrol Asha Rao" not in enrolled.text

    admin = client.post(url, data={**NEWCOMER, "email": cast.admin.email})
    assert admin.status_code == 422
    assert "belongs to Vikram Rao, an admin" in admin.text


def test_bad_typing_in_an_invitation_is_told_beside_each_field(client, cast):
    url = f"/admin/cohorts/{cast.cohort.id}/invitations/new"
    bad = {"name": "", "email": "zoya", "phone": "12", "guardian_email": "@", "said": "maybe"}

    answer = client.post(url, data={**NEWCOMER, **bad})

    assert answer.status_code == 422
    for field in bad:
        assert f'id="{field}-error"' in answer.text
    assert db.session.scalar(select(AccessLink)) is None


def test_the_coming_classes_lead_to_scheduling_one(client, cast):
    cast.schedule_at("Gone", clock.now() - timedelta(days=2))
    cast.schedule("Ahead", hours=3)

    page = client.get(f"/admin/cohorts/{cast.cohort.id}").text

    assert "Ahead" in page
    assert "Gone" not in page
    assert f"/admin/classes/new?cohort_id={cast.cohort.id}" in page
