"""Guardians first: nothing of a child goes anywhere before a guardian agrees."""

import re

import pytest

from ffapp.core.db import db, transaction
from ffapp.people.consent import Purpose, consent_of
from ffapp.people.guardian_links import revoke_links, url_of
from ffapp.people.models import Consent
from ffapp.programme.enrol import Newcomer
from ffapp.programme.enrol_many import invite_student
from tests.processes.witness import everything_the_simulators_know

CHILD = "zoya@students.example"
PARENT = "meena@parents.example"
NUMBER = "+919876500099"


def newcomer(**changed):
    facts = {
        "name": "Zoya Quereshi",
        "email": CHILD,
        "phone": "+919876500088",
        "guardian_name": "Meena Quereshi",
        "guardian_email": PARENT,
        "guardian_phone": NUMBER,
        "agreed": None,
    }
    return Newcomer(**{**facts, **changed})


@pytest.fixture
def invited(cast, worker, travel):
    """A child whose guardian was asked, a minute ago."""
    student, _ = transaction(invite_student, cast.cohort, newcomer(), cast.admin)
    worker.drain()
    travel.forward(seconds=61)
    worker.drain()
    return student


def path_in(text):
    return re.search(r"/guardian/[\w.~-]+", text)[0]


def answer(client, worker, mailbox, path, said, **more):
    """Choose by the link, and enter the code that comes; answers the last page."""
    data = {purpose: "yes" if yes else "no" for purpose, yes in said.items()}
    assert client.post(path, data={**data, **more}).location == f"{path}/code"
    worker.drain()
    code = re.search(r"\b\d{6}\b", mailbox(PARENT)[-1]["text"])[0]
    return client.post(f"{path}/code", data={"code": code}, follow_redirects=True)


def test_inviting_a_child_asks_the_guardian_by_mail_and_whatsapp_and_nobody_else(
    invited, mailbox, phone
):
    (mail,) = mailbox()
    (chat,) = phone()

    assert (mail["to"], chat["to"]) == (PARENT, NUMBER)
    assert path_in(mail["text"])
    assert path_in(chat["text"])
    known = everything_the_simulators_know()
    for word in ("Zoya", "Quereshi", CHILD, "9876500088"):
        assert word not in known


def test_when_the_guardian_agrees_the_invitation_goes_by_itself(invited, client, worker, mailbox):
    path = path_in(mailbox(PARENT)[0]["text"])
    page = client.get(path).text
    assert "Zoya" in page
    assert "checked" not in page, "nothing is chosen before the guardian chooses"

    said = {"account": True, "zoom": True, "recording": False}
    page = answer(client, worker, mailbox, path, said, channel="email").text
    worker.drain()

    assert "Your answers are kept" in page
    assert [mail["to"] for mail in mailbox(CHILD)] == [CHILD]
    assert "/links/" in mailbox(CHILD)[0]["text"]
    latest = {purpose: consent_of(invited, purpose) for purpose in Purpose}
    assert latest == {
        "account": True, "zoom": True, "recording": False, "whatsapp": None, "calls": None,
    }  # fmt: skip
    row = db.session.scalars(
        db.select(Consent).filter_by(purpose="account").order_by(-Consent.id)
    ).first()
    assert (row.method, row.notice_version, row.ip_address) == ("link", "2026-12-01", "127.0.0.1")
    assert (row.code_sent_to, row.recorded_at is not None) == (PARENT, True)


def test_consent_is_withdrawn_by_the_same_link(invited, cast, client, worker, mailbox):
    path = path_in(mailbox(PARENT)[0]["text"])
    answer(client, worker, mailbox, path, {"account": True}, channel="email")
    worker.drain()
    before = len(mailbox(CHILD))

    answer(client, worker, mailbox, path, {"account": False}, channel="email")
    cast.schedule(hours=30)
    worker.drain()

    assert consent_of(invited, Purpose.ACCOUNT) is False
    assert len(mailbox(CHILD)) == before


@pytest.mark.parametrize("typed", ["000000", "", "१२३४५६", "12345"])
def test_a_wrong_code_changes_nothing_and_five_of_them_end_it(
    invited, client, worker, mailbox, typed
):
    path = path_in(mailbox(PARENT)[0]["text"])
    client.post(path, data={"account": "yes", "channel": "email"})
    worker.drain()
    code = re.search(r"\b\d{6}\b", mailbox(PARENT)[-1]["text"])[0]
    if code == typed:
        return

    for _ in range(6):
        client.post(f"{path}/code", data={"code": typed})

    assert consent_of(invited, Purpose.ACCOUNT) is None
    client.post(f"{path}/code", data={"code": code})
    assert (consent_of(invited, Purpose.ACCOUNT) is True) is (typed == "")


def test_a_code_is_too_old_after_half_an_hour(invited, client, worker, mailbox, travel):
    path = path_in(mailbox(PARENT)[0]["text"])
    client.post(path, data={"account": "yes", "channel": "email"})
    worker.drain()
    code = re.search(r"\b\d{6}\b", mailbox(PARENT)[-1]["text"])[0]

    travel.forward(minutes=31)
    client.post(f"{path}/code", data={"code": code})

    assert consent_of(invited, Purpose.ACCOUNT) is None


def test_nobodys_mailbox_is_flooded_with_codes(invited, client, worker, mailbox, travel):
    path = path_in(mailbox(PARENT)[0]["text"])
    for _ in range(12):
        client.post(path, data={"account": "yes", "channel": "email"})
        worker.drain()
        travel.forward(seconds=70)

    assert len(mailbox(PARENT)) == 1 + 5


def test_links_can_be_ended_and_made_up_ones_lead_nowhere(invited, cast, client):
    (guardian,) = invited.guardians
    path = url_of(guardian).removeprefix("http://localhost")
    assert client.get(path).status_code == 200

    transaction(revoke_links, guardian, cast.admin)

    for each in (path, f"{path}x", "/guardian/1.0"):
        assert client.get(each).status_code == 410
        assert client.post(each, data={"account": "yes"}).status_code == 410


def test_the_page_and_the_messages_are_there_in_hindi(cast, client, worker, mailbox, travel):
    asked = newcomer(guardian_language="hi")
    transaction(invite_student, cast.cohort, asked, cast.admin)
    worker.drain()
    travel.forward(seconds=61)
    worker.drain()

    (mail,) = mailbox(PARENT)
    page = client.get(path_in(mail["text"]), headers={"Accept-Language": "hi"}).text

    for text in (mail["text"], page):
        assert len(re.findall(r"[\u0900-\u097f]", text)) > 200
