"""Siblings may share an address and a phone: contact is not identity."""

import re

import pytest
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.people.models import Person
from ffapp.people.reset_requests import ask_for_reset
from tests.cast import PASSWORD

SIBLING = {
    "name": "Dev Rao",
    "guardian_name": "Sunita Rao",
    "said": "agreed",
    "proof": "A signed form",
}


@pytest.fixture
def invite(client, cast):
    """Invite a brother of Asha's with her address and phone, as an admin."""
    client.sign_in(cast.admin)
    url = f"/admin/cohorts/{cast.cohort.id}/invitations/new"

    def press(**typed):
        both = {"email": cast.asha.email, "phone": cast.asha.phone or ""}
        return client.post(url, data={**SIBLING, **both, **typed})

    return press


def of_mail(mail):
    return re.search(r"/links/\S+", mail["text"])[0]


def test_a_shared_address_needs_a_user_name_that_is_free(invite, cast):
    refused = invite()
    assert refused.status_code == 422
    assert "give them a user name" in refused.text
    assert "Dev Rao" in refused.text

    for typed, said in (
        ("De", "3 to 40"),
        ("dev@home", "3 to 40"),
        ("देव", "3 to 40"),
        ("d" * 41, "3 to 40"),
    ):
        answer = invite(user_name=typed)
        assert (answer.status_code, said in answer.text) == (422, True)
    assert invite(user_name=" Dev.Rao ").status_code == 303
    again = invite(user_name="dev.rao", name="Uma Rao")
    assert again.status_code == 422
    assert "Dev Rao has this user name" in again.text
    names = {each.user.sign_in_name for each in db.session.scalars(select(Person)).all()}
    assert {"dev.rao", "asha@students.example"} <= names


def test_each_signs_in_as_themselves_and_a_reset_goes_to_both(
    invite, client, cast, worker, mailbox, travel
):
    invite(user_name="dev.rao")
    worker.drain()
    travel.forward(seconds=61)
    worker.drain()
    (invitation,) = [mail for mail in mailbox(cast.asha.email) if "/links/" in mail["text"]]
    assert "Your user name is dev.rao." in invitation["text"]
    client.post("/sign-out")
    client.post(of_mail(invitation), data={"password": "a sentence of his own"})
    client.post("/sign-out")

    as_dev = {"email": "Dev.Rao", "password": "a sentence of his own"}
    assert client.post("/sign-in", data=as_dev).status_code == 303
    assert "Dev" in client.get("/me").text
    client.post("/sign-out")
    wrong = {"email": cast.asha.email, "password": "a sentence of his own"}
    assert client.post("/sign-in", data=wrong).status_code == 422
    as_asha = {"email": cast.asha.email, "password": PASSWORD}
    assert client.post("/sign-in", data=as_asha).status_code == 303

    before = len(mailbox(cast.asha.email))
    transaction(ask_for_reset, cast.asha.email)
    worker.drain()
    asha, dev = sorted(
        mailbox(cast.asha.email)[before:], key=lambda mail: "Hello Dev" in mail["text"]
    )
    assert ("Hello Asha" in asha["text"], "user name" in asha["text"]) == (True, False)
    assert ("Hello Dev" in dev["text"], "user name is dev.rao" in dev["text"]) == (True, True)


def test_who_has_an_address_alone_can_not_lose_it_to_a_sibling(invite, client, cast):
    invite(user_name="dev.rao")
    dev = db.session.scalars(select(Person).where(Person.name == "Dev Rao")).one()
    form = f"/admin/people/{dev.id}/edit"
    typed = {"name": "Dev Rao", "email": cast.asha.email, "phone": "", "revision": dev.revision}

    taken = client.post(form, data={**typed, "user_name": ""})
    assert taken.status_code == 422
    assert "belongs to Asha Rao" in taken.text

    own = client.post(form, data={**typed, "email": "dev@home.example", "user_name": ""})
    assert own.status_code == 303
    db.session.expire_all()
    assert (dev.user.sign_in_name, dev.user_name) == ("dev@home.example", None)
