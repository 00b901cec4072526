"""The simulated SendGrid as a stranger's HTTP client meets it."""

import json

import pytest

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator.answers import HELP
from ffapp.providers.simulating import store
from tests.providers import receiver

from .conftest import mail

SEND = "/v3/mail/send"


def journal(act: str = "mail") -> list:
    return receiver.journal("sendgrid", act)


def problem(message: str, field: str | None = None, about: str | None = None) -> bytes:
    """A refusal of mail/send, byte for byte."""
    row = {"message": message, "field": field, "help": about}
    return json.dumps({"errors": [row]}, separators=(",", ":")).encode()


def test_an_accepted_mail_has_no_body_and_no_content_type(simulator, key, body) -> None:
    answer = simulator.post(SEND, json=body, headers=key)
    assert (answer.status_code, answer.data) == (202, b"")
    assert answer.headers["Content-Length"] == "0"
    assert "Content-Type" not in answer.headers
    assert len(answer.headers["X-Message-Id"]) == 22
    assert not any(name.lower().startswith("x-ratelimit") for name, _ in answer.headers)


def test_a_refusal_is_compact_json_without_a_charset(simulator, key, body) -> None:
    answer = simulator.post(SEND, json=body | {"subject": ""}, headers=key)
    assert answer.status_code == 400
    assert answer.data == problem(
        "The subject of your email must be a string at least one character in length.",
        "subject",
        HELP + "message.subject",
    )
    assert answer.headers["Content-Type"] == "application/json"
    assert "X-Message-Id" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "words", "length"),
    [
        ({}, wire.WRONG_CREDENTIALS, 88),
        ({"Authorization": "Basic abc"}, wire.WRONG_CREDENTIALS, 88),
        ({"Authorization": "Bearer SG.other"}, wire.GRANT_INVALID, 116),
    ],
)
def test_credentials(simulator, body, headers, words, length) -> None:
    answer = simulator.post(SEND, json=body, headers=headers)
    assert (answer.status_code, answer.data) == (401, problem(words))
    assert len(answer.data) == length  # as captured from the real one


def test_a_sender_of_another_domain_is_not_verified(simulator, key, body) -> None:
    change = {"from": {"email": "me@elsewhere.example"}}
    answer = simulator.post(SEND, json=body | change, headers=key)
    assert answer.status_code == 403
    assert answer.data == problem(wire.SENDER_NOT_VERIFIED, "from")


@pytest.mark.parametrize(
    ("switch", "status", "words"),
    [("no_credits", 401, wire.NO_CREDITS), ("over_limits", 403, wire.OVER_LIMITS)],
)
def test_an_account_that_may_not_send(simulator, key, body, switch, status, words) -> None:
    store.set_switch("sendgrid", switch, True)
    answer = simulator.post(SEND, json=body, headers=key)
    assert (answer.status_code, answer.data) == (status, problem(words))
    assert simulator.get("/v3/scopes", headers=key).status_code == 200


@pytest.mark.parametrize("data", [b"{", b"[]", b'"x"', b""])
def test_a_body_that_is_no_json_object(simulator, key, data) -> None:
    answer = simulator.post(SEND, data=data, content_type="application/json", headers=key)
    assert (answer.status_code, answer.data) == (400, problem("Bad Request"))


def test_the_journal_holds_each_copy_as_its_reader_sees_it(sendgrid) -> None:
    sendgrid.send(mail("asha@example.com", "kabir+bounce@example.com"))
    asha, kabir = journal()
    assert (asha.recipient, asha.effect_id, asha.status) == ("asha@example.com", "1", 202)
    assert asha.facts["subject"] == "Hello P1"
    assert asha.facts["text"] == "Dear P1, see you."
    assert asha.facts["html"] == "<p>Dear <b>P1</b></p>"
    assert (kabir.effect_id, kabir.facts["subject"]) == ("2", "Hello P2")
    assert kabir.facts["scenario"] == "bounce"
    assert kabir.facts["message_id"] == asha.facts["message_id"]


def test_tags_are_replaced_once_and_the_longest_first(simulator, key, body) -> None:
    body["personalizations"][0]["substitutions"] = {"-a-": "-ab-", "-ab-": "x", "-a-b": "y"}
    body["content"][0]["value"] = "-a- -ab- -a-b"
    simulator.post(SEND, json=body, headers=key)
    assert journal()[0].facts["text"] == "-ab- x y"


def test_an_address_that_is_not_served(simulator, key) -> None:
    assert simulator.get("/v3/nothing").status_code == 401
    answer = simulator.get("/v3/nothing", headers=key)
    assert answer.json == {"errors": [{"field": None, "message": "not found"}]}
    assert simulator.get(SEND, headers=key).status_code == 405


def test_a_bounce_can_be_listed_and_forgotten(simulator, sendgrid, key) -> None:
    sendgrid.send(mail("bounce@example.com", "x+blocked@example.com", "x+spam@example.com"))
    (bounce,) = simulator.get(wire.BOUNCES_PATH, headers=key).json
    assert (bounce["email"], type(bounce["created"])) == ("bounce@example.com", int)
    sendgrid.forget_bounce("Bounce@example.com")
    assert simulator.get(wire.BOUNCES_PATH, headers=key).json == []
