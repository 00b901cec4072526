"""Guardians first: nothing of a child goes anywhere before a guardian agrees."""

import hashlib
import re

import pytest

from ffapp.attendance.models import ParticipantSession
from ffapp.attendance.recording_consent import recorded_without_consent
from ffapp.core.db import db, transaction
from ffapp.people import privacy_notice
from ffapp.people.consent import Purpose, consent_of
from ffapp.people.guardian_links import revoke_links, url_of
from ffapp.people.invite import add_guardian, add_person
from ffapp.people.models import Consent, Role
from ffapp.programme.enrol import Newcomer, enrol
from ffapp.programme.enrol_many import invite_student
from ffapp.retention import shown_to_families
from tests.cast import PASSWORD
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
    assert (row.method, row.notice_version, row.ip_address) == ("link", "2026-12-01.2", "127.0.0.1")
    assert (row.code_sent_to, row.recorded_at is not None) == (PARENT, True)


def test_who_may_be_written_to_now_is_told_of_their_place_and_the_classes_ahead_once(
    cast, client, worker, mailbox, phone, travel
):
    before = cast.schedule(hours=30)
    child, _ = transaction(invite_student, cast.cohort, newcomer(), cast.admin)
    worker.drain()
    travel.forward(seconds=61)
    later = cast.schedule(hours=40)
    worker.drain()
    assert mailbox(CHILD) == []

    path = path_in(mailbox(PARENT)[0]["text"])
    for said in ({"account": True}, {"account": True, "whatsapp": True}, {"account": False}):
        answer(client, worker, mailbox, path, said, channel="email")
        worker.drain()
    answer(client, worker, mailbox, path, {"account": True}, channel="email")
    worker.drain()

    subjects = [mail["subject"] for mail in mailbox(CHILD)]
    assert len([each for each in subjects if each.startswith("Your place in Winter 2026")]) == 1
    (place,) = [mail for mail in mailbox(CHILD) if "place in Winter" in mail["subject"]]
    assert before.title in place["text"]
    assert later.title in place["text"]
    told = [chat for chat in phone() if "you have a place in Winter 2026" in chat["text"]]
    assert [chat["to"] for chat in told] == [child.phone]


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


def test_a_code_confirms_only_the_answers_that_it_was_sent_for(invited, client, worker, mailbox):
    path = path_in(mailbox(PARENT)[0]["text"])
    client.post(path, data={"account": "no", "channel": "email"})
    worker.drain()
    code = re.search(r"\b\d{6}\b", mailbox(PARENT)[-1]["text"])[0]

    client.post(path, data={"account": "yes", "calls": "yes", "channel": "email"})
    client.post(f"{path}/code", data={"code": code})

    assert consent_of(invited, Purpose.ACCOUNT) is None
    assert consent_of(invited, Purpose.CALLS) is None


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


def test_providers_get_first_names_only(cast, worker, travel):
    cast.asha.phone = "+919876500001"
    db.session.commit()
    cast.schedule(hours=1)
    worker.drain()

    known = everything_the_simulators_know()
    for person in (cast.asha, cast.ravi):
        assert person.first_name in known, "the witness sees what they get"
        assert person.name.split()[-1] not in known
    assert cast.admin.name.split()[-1] not in known


def test_unanswered_guardians_stand_on_today_and_are_reminded_at_most_once_a_day(
    invited, cast, client, worker, travel, mailbox
):
    client.sign_in(cast.admin)
    asked = "No guardian of Zoya Quereshi has answered yet"
    assert asked not in client.get("/admin/today").text, "asked just now"
    travel.forward(days=1)
    assert asked in client.get("/admin/today").text

    for _ in range(2):
        client.post("/admin/people/guardian-reminders")
        worker.drain()

    assert len(mailbox(PARENT)) == 2
    assert mailbox(PARENT)[-1]["subject"].startswith("Reminder")
    assert asked not in client.get("/admin/today").text


def test_a_guardian_without_an_address_that_works_stands_on_today(cast, client, worker):
    student = transaction(_enrolled_child, cast, None)
    client.sign_in(cast.admin)
    text = "No guardian of Lila Nair can be asked: no address works"
    assert text in client.get("/admin/today").text

    (guardian,) = student.guardians
    url = f"/admin/people/{student.id}/guardians/{guardian.id}"
    client.post(url, data={"name": "Nair", "email": "nair@home.example", "language": "hi"})
    assert text not in client.get("/admin/today").text

    asked = client.post(f"{url}/requests", follow_redirects=True).text
    assert "is asked now" in asked
    again = client.post(f"{url}/requests", follow_redirects=True).text
    assert "was asked less than a day ago" in again


def test_an_admin_hands_over_a_link_that_works_until_it_is_ended(cast, client):
    student = transaction(_enrolled_child, cast, PARENT)
    (guardian,) = student.guardians
    client.sign_in(cast.admin)
    url = f"/admin/people/{student.id}/guardians/{guardian.id}/link"

    path = path_in(client.post(url).text)
    assert client.get(url).status_code == 405, "the page shows it once"
    assert client.get(path).status_code == 200

    client.post(f"{url}/end")
    assert client.get(path).status_code == 410


def _enrolled_child(cast, email):
    student = add_person("Lila Nair", "lila@students.example", Role.STUDENT, by=cast.admin)
    add_guardian(student, "Nair", email=email)
    enrol(cast.cohort, student, cast.admin)
    return student


def test_who_has_not_agreed_to_being_recorded_is_told_and_named(cast, client, worker, travel):
    session = cast.schedule(minutes=5)
    worker.drain()
    warning = "leave your camera and microphone off"

    client.sign_in(cast.asha)
    assert warning not in client.get("/home").text
    client.sign_in(cast.kabir)
    assert warning in client.get("/home").text

    row = {"session_id": session.id, "meeting_uuid": "u", "user_id": "1", "matched_by": "link"}
    for person in (cast.asha, cast.kabir):
        row["user_id"] = str(person.id)
        db.session.add(ParticipantSession(**row, person_id=person.id))
    db.session.commit()
    assert recorded_without_consent(session) == [cast.kabir]


def test_nothing_is_sent_to_who_is_disabled_and_they_cannot_sign_in(
    cast, client, app, worker, mailbox
):
    client.sign_in(cast.admin)
    theirs = app.test_client()
    theirs.sign_in(cast.asha)
    url = f"/admin/people/{cast.asha.id}/account"
    credentials = {"email": cast.asha.email, "password": PASSWORD}

    client.post(url, data={"verb": "disable"})

    assert theirs.get("/home").status_code == 303, "the session has ended"
    answer = theirs.post("/sign-in", data=credentials)
    assert answer.status_code == 403
    assert "This account is disabled" in answer.text
    wrong = theirs.post("/sign-in", data={**credentials, "password": "something else"})
    assert "This account is disabled" not in wrong.text
    cast.schedule(hours=30)
    worker.drain()
    assert mailbox(cast.asha.email) == []

    client.post(url, data={"verb": "enable"})
    assert theirs.post("/sign-in", data=credentials).status_code == 303


def test_the_last_admin_and_oneself_stay_enabled(cast, client):
    client.sign_in(cast.admin)
    url = f"/admin/people/{cast.admin.id}/account"

    page = client.post(url, data={"verb": "disable"}, follow_redirects=True).text

    assert "You cannot disable yourself" in page
    assert client.get("/admin/today").status_code == 200


def test_a_changed_text_of_the_notice_has_a_version_of_its_own():
    """Where this fails, change VERSION with the digest: each consent names what was shown."""
    words = "\n".join(
        [
            *(str(each) for section in privacy_notice.SECTIONS for each in section.text),
            *(f"{ask.label}{ask.about}{ask.without}" for ask in privacy_notice.ASKS.values()),
            *(f"{kept.what}{kept.how_long}" for kept in shown_to_families()),
        ]
    )
    digest = hashlib.sha256(words.encode()).hexdigest()[:12]

    assert (privacy_notice.VERSION, digest) == ("2026-12-01.2", "75c56a16bf0b")
