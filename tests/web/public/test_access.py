"""Signing in and out, invitations and reset links, as a visitor meets them."""

import re

import pytest

from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.people.invite import invite
from ffapp.people.models import User
from tests.cast import PASSWORD

CREDENTIALS = {"email": "Asha@Students.Example ", "password": PASSWORD}


@pytest.fixture
def invitation(cast, worker, mailbox):
    """The path of a fresh invitation link, taken from the mailbox."""
    transaction(invite, cast.asha, cast.admin)
    worker.drain()
    (mail,) = mailbox("asha@students.example")
    return re.search(r"http://localhost(/links/\S+)", mail["text"]).group(1)


def test_whoever_is_not_signed_in_is_asked_to_and_taken_where_they_wanted_to_go(client, cast):
    asked = client.get("/schedule?past=1")
    assert asked.status_code == 303
    assert asked.location == "/sign-in?next=/schedule?past%3D1"

    form = client.get(asked.location)
    assert 'name="next"' in form.text

    signed_in = client.post(asked.location, data={**CREDENTIALS, "next": "/schedule?past=1"})
    assert signed_in.location == "/schedule?past=1"
    assert client.get("/schedule").status_code == 200


def test_a_wrong_password_is_told_beside_the_field_and_the_address_stays(client, cast):
    answer = client.post("/sign-in", data={**CREDENTIALS, "password": "wrong"})

    assert answer.status_code == 422
    assert "do not match" in answer.text
    assert "Asha@Students.Example" in answer.text
    assert "wrong" not in answer.text.replace("wrong password", "")


def test_a_name_that_is_too_long_is_said_beside_the_field(client, cast):
    answer = client.post("/sign-in", data={"email": "x" * 10_000, "password": PASSWORD})

    assert answer.status_code == 422
    assert "longer than 254 characters" in answer.text


def test_an_unknown_address_gets_the_same_answer(client, cast):
    known = client.post("/sign-in", data={**CREDENTIALS, "password": "wrong"})
    unknown = client.post("/sign-in", data={"email": "no@body.example", "password": "wrong"})

    assert known.status_code == unknown.status_code == 422
    assert "do not match" in unknown.text


def test_after_five_failures_even_the_right_password_has_to_wait(client, cast):
    for _ in range(5):
        client.post("/sign-in", data={**CREDENTIALS, "password": "wrong"})

    answer = client.post("/sign-in", data=CREDENTIALS)

    assert answer.status_code == 429
    assert re.search(r"Wait \d+ s", answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\r\n/x",
        "https://evil.example",
        "x",
    ],
)
def test_a_next_that_leads_elsewhere_is_not_followed(client, cast, path):
    answer = client.post("/sign-in", data={**CREDENTIALS, "next": path})

    assert answer.location == "/"


def test_signing_out_ends_the_session(client, cast):
    client.post("/sign-in", data=CREDENTIALS)

    client.post("/sign-out")

    assert client.get("/home").location.startswith("/sign-in")


def test_signing_out_everywhere_ends_the_sessions_of_other_devices(app, client, cast):
    other = app.test_client()
    for device in (client, other):
        device.post("/sign-in", data=CREDENTIALS)

    client.post("/account/sessions/end")

    assert other.get("/home").location.startswith("/sign-in")


def test_an_invitation_sets_the_password_once_and_signs_in(app, client, cast, invitation):
    assert client.get(invitation).status_code == 200
    assert client.get(invitation).status_code == 200, "a mail scanner's GET consumes nothing"

    used = client.post(invitation, data={"password": "a sentence of mine"})

    assert used.location == "/"
    assert client.get("/home").status_code == 200
    again = app.test_client().post(invitation, data={"password": "another sentence"})
    assert again.status_code == 410
    assert "was used already" in again.text


@pytest.mark.parametrize("change", [lambda path: path[:-1], lambda path: path + "x", str.upper])
def test_a_changed_link_is_not_taken(client, cast, invitation, change):
    answer = client.get("/links/" + change(invitation.removeprefix("/links/")))

    assert answer.status_code == 410
    assert "not complete" in answer.text


def test_an_old_link_is_not_taken(client, cast, worker, mailbox, travel):
    transaction(invite, cast.asha, cast.admin)
    worker.drain()
    path = re.search(r"/links/\S+", mailbox("asha@students.example")[0]["text"]).group(0)

    travel.forward(days=8)

    assert "too old" in client.get(path).text


def test_a_newer_invitation_takes_the_place_of_an_older_one(client, cast, worker, mailbox):
    for _ in range(2):
        transaction(invite, cast.asha, cast.admin)
        worker.drain()
    first, second = [
        re.search(r"/links/\S+", mail["text"]).group(0) for mail in mailbox("asha@students.example")
    ]

    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaa", "asha@students.example"])
def test_a_weak_password_is_told_why(client, cast, invitation, weak):
    answer = client.post(invitation, data={"password": weak})

    assert answer.status_code == 422
    assert client.get(invitation).status_code == 200, "the link is still good"


def test_a_reset_link_comes_by_mail_and_nothing_says_who_is_known(client, cast, worker, mailbox):
    known = client.post("/forgot", data={"email": "asha@students.example"})
    unknown = client.post("/forgot", data={"email": "nobody@students.example"})
    worker.drain()

    # The CSRF token holds the second at which it was made.
    said = [re.sub(r"[\w-]+\.[\w-]{6}\.[\w-]{27}", "token", page.text) for page in (known, unknown)]
    assert said[0].replace("asha@", "nobody@") == said[1]
    (mail,) = mailbox()
    assert mail["to"] == "asha@students.example"
    assert "two hours" in mail["text"]


@pytest.fixture
def reset_link(client, cast, worker, mailbox):
    """Ask for a reset; answers the path in the newest mail."""

    def ask():
        client.post("/forgot", data={"email": "asha@students.example"})
        worker.drain()
        mail = mailbox("asha@students.example")[-1]
        return re.search(r"http://localhost(/links/\S+)", mail["text"]).group(1)

    return ask


def test_a_reset_link_sets_a_new_password_and_the_old_one_is_none_any_more(
    app, client, cast, reset_link
):
    client.post("/sign-in", data=CREDENTIALS)
    link, phone = reset_link(), app.test_client()
    assert phone.get(link).status_code == 200

    used = phone.post(link, data={"password": "a sentence of mine"})

    assert used.location == "/"
    assert phone.get("/home").status_code == 200
    assert client.get("/home").location.startswith("/sign-in"), "earlier sessions have ended"
    old, new = CREDENTIALS, {**CREDENTIALS, "password": "a sentence of mine"}
    assert client.post("/sign-in", data=old).status_code == 422
    assert client.post("/sign-in", data=new).status_code == 303


@pytest.mark.parametrize(("minutes", "status"), [(119, 200), (121, 410)])
def test_a_reset_link_lives_for_two_hours(client, reset_link, travel, minutes, status):
    link = reset_link()

    travel.forward(minutes=minutes)

    assert client.get(link).status_code == status


def test_asking_for_a_reset_again_and_again_floods_nobody(client, cast, worker, mailbox):
    for _ in range(4):
        client.post("/forgot", data={"email": "asha@students.example"})
        worker.drain()

    assert len(mailbox("asha@students.example")) == 1


def test_no_link_lies_in_the_database_in_the_clear(client, cast, invitation):
    token = invitation.removeprefix("/links/")
    for table in db.metadata.sorted_tables:
        if table.schema is None:
            for row in db.session.execute(table.select()):
                assert token not in str(tuple(row)), table.name


def test_who_signed_in_stands_in_the_events(client, cast):
    client.post("/sign-in", data=CREDENTIALS)

    event = db.session.scalar(db.select(Event).where(Event.name == "signed_in"))
    assert event.actor == cast.asha.name


def test_failures_are_forgotten_after_signing_in(client, cast):
    for _ in range(4):
        client.post("/sign-in", data={**CREDENTIALS, "password": "wrong"})
    client.post("/sign-in", data=CREDENTIALS)
    client.post("/sign-out")

    for _ in range(4):
        answer = client.post("/sign-in", data={**CREDENTIALS, "password": "wrong"})

    assert answer.status_code == 422
    assert db.session.scalar(db.select(User).where(User.person_id == cast.asha.id)).signed_in_at
