"""People as an admin meets them: finding, correcting, inviting, and a guardian's word."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.people.account_status import account_statuses
from ffapp.people.change import change_person
from ffapp.people.consent import consent_of
from ffapp.people.consent_records import record_consent
from ffapp.people.invite import add_guardian, add_person, invite
from ffapp.people.links import url_of
from ffapp.people.models import AccessLink, Consent, Guardian, Person, Role
from ffapp.web.admin.people import guardians
from tests.browse import flashed
from tests.web.admin.looking import hidden, queries_of


@pytest.fixture
def uma(cast):
    """Somebody who was invited and has not come yet."""

    def make():
        person = add_person("Uma Das", "uma@students.example", Role.STUDENT, by=cast.admin)
        record_consent(add_guardian(person, "Ila Das"), "account", True, cast.admin)
        invite(person, cast.admin)
        return person

    return transaction(make)


def newest_event(name):
    return db.session.scalar(
        select(Event).where(Event.name == name).order_by(Event.id.desc()).limit(1)
    )


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        ("", ["Asha Rao", "Vikram Rao", "Tara Bose"], []),
        ("?role=admin", ["Vikram Rao"], ["Asha Rao"]),
        ("?q=RAO", ["Asha Rao", "Vikram Rao"], ["Tara Bose"]),
        ("?q=tara@stud", ["Tara Bose"], ["Asha Rao"]),
        ("?q=%25", ["Nobody fits"], ["Asha Rao"]),
        ("?cohort=nonsense&state=nonsense&sort=nonsense&page=-4", ["Asha Rao"], []),
        ("?state=invited", ["Uma Das"], ["Asha Rao"]),
        ("?state=not_invited", ["Nobody fits"], ["Uma Das"]),
    ],
)
def test_people_are_found_by_what_stands_in_the_address(client, cast, uma, query, found, missing):
    rows = client.get(f"/admin/people{query}").text.split('id="people"')[1]

    for words in found:
        assert words in rows
    for words in missing:
        assert words not in rows


def test_the_list_has_pages_and_asks_the_same_for_fifty_rows_as_for_five(client, cast):
    few = queries_of(client, "/admin/people")
    for number in range(60):
        add_person(f"Student {number:02}", f"s{number}@x.example", Role.STUDENT, by=None)
    db.session.commit()

    assert queries_of(client, "/admin/people") == few
    assert "page 1 of " in client.get("/admin/people").text
    last = client.get("/admin/people?sort=-name&page=2").text
    assert "Asha Rao" in last
    assert "Vikram Rao</a>" not in last.split('id="people"')[1]


def test_the_page_of_a_student_says_who_they_are_and_who_speaks_for_them(client, cast):
    page = client.get(f"/admin/people/{cast.kabir.id}").text

    for words in ("kabir@students.example", "+91 98765 43210", "Guardian of Kabir", "Refused"):
        assert words in page
    assert "wrote down that Guardian of Kabir refused account and class mail" in page


PROOF = b"%PDF-1.4 signed"


def test_a_written_answer_is_recorded_with_its_proof_and_the_newest_one_counts(client, cast):
    url = f"/admin/people/{cast.kabir.id}"
    guardian = transaction(add_guardian, cast.kabir, "Aunt Leela")
    file = (io.BytesIO(PROOF), "signed.pdf")
    data = {"guardian_id": guardian.id, "account": "yes", "zoom": "no", "file": file}

    answer = client.post(f"{url}/consents/new", data=data)

    assert answer.status_code == 303
    assert consent_of(cast.kabir, "account") is True
    assert consent_of(cast.kabir, "zoom") is False
    assert consent_of(cast.kabir, "recording") is False, "not said: as it was"
    row = db.session.scalars(select(Consent).order_by(Consent.id.desc())).first()
    assert (row.method, row.recorded_by_id, row.guardian_id) == (
        "written", cast.admin.id, guardian.id,
    )  # fmt: skip
    page = client.get(url).text
    assert "Aunt Leela, in writing" in page
    assert "wrote down that Aunt Leela agreed to account and class mail in writing" in page
    (path,) = set(re.findall(rf"{url}/proofs/\d+", page))
    proof = client.get(path)
    assert (proof.data, proof.mimetype) == (PROOF, "application/pdf")
    assert proof.headers["Content-Disposition"] == "attachment; filename=signed.pdf"


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": ""},
        {"account": "perhaps"},
        {"guardian_id": "0"},
        {"note": ""},
        {"note": "", "file": (io.BytesIO(b"<html>"), "signed.pdf")},
        {"file": (io.BytesIO(PROOF + b"x" * 1000), "signed.pdf")},
    ],
)
def test_an_answer_without_proof_or_sense_is_not_recorded(client, cast, monkeypatch, wrong):
    monkeypatch.setattr(guardians, "MOST_BYTES", 1000)
    guardian = cast.kabir.guardians[0]
    said = {"guardian_id": guardian.id, "account": "yes", "note": "A letter", **wrong}

    answer = client.post(f"/admin/people/{cast.kabir.id}/consents/new", data=said)

    assert answer.status_code == 422
    assert consent_of(cast.kabir, "account") is False


def test_the_guardian_of_another_student_cannot_speak(client, cast):
    said = {"account": "no", "guardian_id": cast.ravi.guardians[0].id}

    assert client.post(f"/admin/people/{cast.asha.id}/consents/new", data=said).status_code == 422
    assert consent_of(cast.asha, "account") is True


def test_a_guardian_is_added_once(client, cast):
    url = f"/admin/people/{cast.tara.id}/guardians/new"
    data = {
        "name": "Mira Bose",
        "email": "Mira@home.example",
        "phone": "9812345678",
        "language": "hi",
        "submission": hidden(client.get(url), "submission"),
    }

    client.post(url, data=data)
    client.post(url, data=data)

    query = select(Guardian).where(Guardian.name == "Mira Bose")
    assert db.session.scalars(query).one().phone == "+919812345678"
    assert client.post(url, data={"name": "", "phone": "12"}).status_code == 422
    assert client.get(f"/admin/people/{cast.admin.id}/guardians/new").status_code == 404


def test_an_edit_is_written_down_with_what_it_changed(client, cast):
    cast.asha.phone = "+919876500001"
    db.session.commit()
    url = f"/admin/people/{cast.asha.id}/edit"
    form = client.get(url)

    answer = client.post(
        url,
        data={
            "revision": hidden(form, "revision"),
            "name": " Asha   Kumari Rao ",
            "email": "asha@students.example",
            "phone": "",
        },
    )

    assert answer.status_code == 303
    assert newest_event("person_changed").facts["changed"] == {
        "name": ["Asha Rao", "Asha Kumari Rao"],
        "phone": ["+919876500001", None],
    }
    page = client.get(answer.location).text
    assert "changed the name from “Asha Rao” to “Asha Kumari Rao”" in page


def test_an_address_belongs_to_one_person(client, cast):
    url = f"/admin/people/{cast.asha.id}/edit"
    data = {"revision": "1", "name": "Typed", "email": "RAVI@students.example", "phone": "12"}

    assert "No phone has this number" in client.post(url, data=data).text
    answer = client.post(url, data={**data, "phone": ""})

    assert answer.status_code == 422
    assert "This address belongs to Ravi Menon, a student." in answer.text
    assert "Typed" in answer.text


def test_the_second_of_two_admins_is_told_what_the_first_one_changed(client, cast):
    url = f"/admin/people/{cast.asha.id}/edit"
    revision = hidden(client.get(url), "revision")
    transaction(
        change_person, cast.asha, revision=1, name="Asha R.", email="asha@students.example",
        phone=None, born_on=None, by=cast.admin,
    )  # fmt: skip

    data = {"revision": revision, "name": "Mine", "email": "asha@students.example", "phone": ""}
    answer = client.post(url, data=data)

    assert answer.status_code == 409
    assert "Vikram Rao changed the name from “Asha Rao” to “Asha R.”" in answer.text
    assert 'value="Mine"' in answer.text
    again = client.post(url, data={**data, "revision": hidden(answer, "revision")})
    assert again.status_code == 303
    db.session.expire_all()
    assert cast.asha.name == "Mine"


def test_a_change_of_the_students_own_time_zone_is_in_nobodys_way(client, cast):
    url = f"/admin/people/{cast.asha.id}/edit"
    revision = hidden(client.get(url), "revision")
    client.sign_in(cast.asha)
    quiet = {"quiet_from": "21:00", "quiet_until": "08:00"}
    client.post("/me", data={"time_zone": "Asia/Dubai", **quiet})
    client.sign_in(cast.admin)

    data = {"revision": revision, "name": "Asha", "email": "asha@students.example", "phone": ""}

    assert client.post(url, data=data).status_code == 303
    assert "changed the time zone to Asia/Dubai" in client.get(f"/admin/people/{cast.asha.id}").text


def test_a_new_address_gets_the_open_invitation_and_the_old_link_stops(
    client, cast, uma, worker, mailbox
):
    old = url_of(db.session.scalar(select(AccessLink).where(AccessLink.person_id == uma.id)))
    url = f"/admin/people/{uma.id}/edit"

    data = {"revision": "1", "name": "Uma Das", "email": "uma.das@students.example", "phone": ""}
    client.post(url, data=data)
    worker.drain()

    assert mailbox("uma@students.example") == []
    assert len(mailbox("uma.das@students.example")) == 1
    assert client.get(old.removeprefix("http://localhost")).status_code == 410
    assert uma.revision == 2


def test_an_invitation_that_expired_is_said_so_and_sent_again(client, cast, uma, worker, mailbox):
    url = f"/admin/people/{uma.id}"
    link = db.session.scalar(select(AccessLink).where(AccessLink.person_id == uma.id))
    link.expires_at = clock.now() - timedelta(days=1)
    db.session.commit()

    page = client.get(url)
    assert "Invitation expired" in page.text
    data = {"submission": hidden(page, "submission")}
    client.post(f"{url}/invitations", data=data)
    client.post(f"{url}/invitations", data=data)
    worker.drain()

    assert len(mailbox("uma@students.example")) == 1
    assert account_statuses([uma.id]) == {uma.id: "invited"}


def test_somebody_who_has_a_password_needs_no_invitation(client, cast):
    answer = client.post(f"/admin/people/{cast.asha.id}/invitations")

    assert "needs no invitation" in flashed(client.get(answer.location))
    assert db.session.scalar(select(AccessLink)) is None


def test_signing_out_everywhere_ends_the_sessions(app, client, cast):
    other = app.test_client()
    other.sign_in(cast.asha)
    assert other.get("/home").status_code == 200

    client.post(f"/admin/people/{cast.asha.id}/sessions")

    assert other.get("/home").status_code == 303
    page = client.get(f"/admin/people/{cast.asha.id}").text
    assert "ended every session of this person" in page


def test_another_admin_is_invited_once(client, cast, worker, mailbox):
    form = client.get("/admin/people/admins/new")
    data = {
        "name": "Neel Roy",
        "email": "neel@futurefounders.example",
        "submission": hidden(form, "submission"),
    }

    answer = client.post("/admin/people/admins/new", data=data)
    client.post("/admin/people/admins/new", data=data)
    worker.drain()

    neel = db.session.scalars(select(Person).where(Person.name == "Neel Roy")).one()
    assert neel.user.is_admin
    assert len(mailbox("neel@futurefounders.example")) == 1
    assert "Invited" in client.get(answer.location).text


def test_an_address_that_is_taken_cannot_be_given_to_an_admin(client, cast):
    data = {"name": "Asha", "email": cast.asha.email}

    answer = client.post("/admin/people/admins/new", data=data)

    assert answer.status_code == 422
    assert "belongs to Asha Rao, a student" in answer.text


def test_the_messages_of_a_person_stand_on_their_page(client, cast, worker):
    cast.schedule("Ahead", hours=30)
    worker.drain()

    page = client.get(f"/admin/people/{cast.asha.id}").text

    assert "Reminder, a day before" in page
    assert f"/admin/messages?person={cast.asha.id}" in page
    assert queries_of(client, f"/admin/people/{cast.asha.id}") <= 18
