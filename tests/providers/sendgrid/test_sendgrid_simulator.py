"""The simulated SendGrid as a stranger's HTTP client meets it."""

import json

import pytest

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator import app as simulator_app
from ffapp.providers.simulating import store

from .conftest import mail

SEND = "/v3/mail/send"


def journal(act: str = "mail") -> list:
    with store.open_store().connect() as connection:
        rows = connection.execute(store.journal.select().order_by(store.journal.c.id)).all()
    return [row for row in rows if row.act == act]


def problem(message: str, field: str | None = None, anchor: str | None = None) -> bytes:
    """A refusal of mail/send, byte for byte."""
    base = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#"
    row = {"message": message, "field": field, "help": base + anchor if anchor else None}
    return json.dumps({"errors": [row]}, separators=(",", ":")).encode()


def test_an_accepted_mail_has_no_body_and_no_content_type(simulator, key, body) -> None:
    answer = simulator.post(SEND, json=body, headers=key)
    assert (answer.status_code, answer.data) == (202, b"")
    assert answer.headers["Content-Length"] == "0"
    assert "Content-Type" not in answer.headers
    assert len(answer.headers["X-Message-Id"]) == 22
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert not any(name.lower().startswith("x-ratelimit") for name, _ in answer.headers)


def test_a_refusal_is_compact_json_without_a_charset(simulator, key, body) -> None:
    answer = simulator.post(SEND, json=body | {"subject": ""}, headers=key)
    assert answer.status_code == 400
    assert answer.data == problem(
        "The subject of your email must be a string at least one character in length.",
        "subject",
        "message.subject",
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


@pytest.mark.parametrize(
    ("change", "length"),
    [
        ({"personalizations": [{"to": []}]}, 288),
        ({"content": []}, 365),
        ({"content": [{"type": "text/plain", "value": ""}]}, 219),
    ],
)
def test_refusals_are_as_long_as_captured_ones(simulator, key, body, change, length) -> None:
    assert simulator.post(SEND, json=body | change, headers=key).content_length == length


def test_a_sender_of_another_domain_is_not_verified(simulator, key, body) -> None:
    change = {"from": {"email": "me@elsewhere.example"}}
    answer = simulator.post(SEND, json=body | change, headers=key)
    assert (answer.status_code, answer.content_length) == (403, 281)
    assert answer.data == problem(wire.SENDER_NOT_VERIFIED, "from")


@pytest.mark.parametrize(
    ("switch", "status", "words", "length"),
    [("no_credits", 401, wire.NO_CREDITS, 76), ("over_limits", 403, wire.OVER_LIMITS, 91)],
)
def test_an_account_that_may_not_send(simulator, key, body, switch, status, words, length) -> None:
    store.set_switch("sendgrid", switch, True)
    answer = simulator.post(SEND, json=body, headers=key)
    assert (answer.status_code, answer.data) == (status, problem(words))
    assert answer.content_length == length
    assert simulator.get("/v3/scopes", headers=key).status_code == 200


def test_a_wrong_method_is_told_before_credentials(simulator) -> None:
    answer = simulator.get(SEND)
    assert (answer.status_code, answer.data) == (405, problem("POST method allowed only"))
    assert answer.headers["Allow"] == "POST"
    both = simulator.put("/v3/suppression/bounces")
    assert both.json == {"errors": [{"field": None, "message": "method not allowed"}]}


def test_an_unrouted_path(simulator, key) -> None:
    answer = simulator.get("/v3/nothing")
    assert answer.status_code == 401
    assert answer.data == b'{"errors":[{"field":null,"message":"authorization required"}]}'
    assert simulator.get("/v3/nothing", headers=key).status_code == 404


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b'"x"', b"", b'{"subject": "\\ud800"}', b'{"a": "\\u0000"}', b"[" * 9999]
)
def test_a_body_that_is_no_json_object(simulator, key, data) -> None:
    answer = simulator.post(SEND, data=data, content_type="application/json", headers=key)
    assert (answer.status_code, answer.data) == (400, problem("Bad Request"))


def test_a_body_in_another_format(simulator, key, body) -> None:
    answer = simulator.post(SEND, data=json.dumps(body), headers=key)
    assert answer.status_code == 415
    assert answer.data == problem("Content-Type should be application/json")
    latin = simulator.post(SEND, data=b'{"a":"\xe9"}', content_type="application/json", headers=key)
    assert (latin.status_code, latin.data) == (415, problem("Invalid UTF8 in request"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mail_settings": []}, "mail_settings"),
        ({"personalizations": [{"to": [{"email": "a@b.example", "name": 1}]}]}, "…0.name"),
        ({"personalizations": [{"to": [{"email": "a@b.example"}], "cc": None}]}, "…cc"),
    ],
)
def test_types_that_only_the_schema_knows(simulator, key, body, change, field) -> None:
    answer = simulator.post(SEND, json=body | change, headers=key)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["message"].startswith("Invalid type. Expected: ")
    assert answer.json["errors"][0]["field"].endswith(field.strip("…"))


def test_a_mail_that_is_too_large(simulator, key, monkeypatch, body) -> None:
    simulator.application.config["MAX_CONTENT_LENGTH"] = 100
    answer = simulator.post(SEND, json=body, headers=key)
    assert answer.status_code == 413
    assert answer.json["errors"][0]["message"] == "content too large"


def test_the_sandbox_checks_and_sends_nothing(simulator, key, body, receiver) -> None:
    body["mail_settings"] = {"sandbox_mode": {"enable": True}}
    answer = simulator.post(SEND, json=body, headers=key)
    assert (answer.status_code, answer.data) == (200, b"")
    assert "X-Message-Id" not in answer.headers
    assert simulator.post(SEND, json=body | {"content": []}, headers=key).status_code == 400
    assert journal() == []
    assert receiver.deliver() == []


def test_other_endpoints_say_how_many_requests_are_left(simulator, key, monkeypatch) -> None:
    monkeypatch.setattr(simulator_app, "REQUESTS_A_MINUTE", 2)
    first, second, third = (simulator.get("/v3/scopes", headers=key) for _ in range(3))
    assert first.headers["x-ratelimit-remaining"] == "1"
    assert second.status_code == 200
    assert third.status == "429 TOO MANY REQUESTS"
    assert third.data == b'{"errors":[{"field":null,"message":"too many requests"}]}'
    assert third.content_length == 57
    assert int(third.headers["X-RateLimit-Reset"]) > 0


def test_the_limit_of_mail_send_comes_without_headers(simulator, key, body) -> None:
    store.set_switch("sendgrid", "fault", {"kind": "limited", "times": 1})
    answer = simulator.post(SEND, json=body, headers=key)
    assert answer.status == "429 TOO MANY REQUESTS"
    assert not any(name.lower().startswith("x-ratelimit") for name, _ in answer.headers)
    assert simulator.post(SEND, json=body, headers=key).status_code == 202


def test_the_journal_holds_each_copy_as_its_reader_sees_it(sendgrid) -> None:
    sendgrid.send(mail("asha@example.com", "kabir+bounce@example.com"))
    asha, kabir = journal()
    assert (asha.recipient, asha.effect_id, asha.status) == ("asha@example.com", "1", 202)
    assert asha.facts["subject"] == "Hello P1"
    assert asha.facts["text"] == "Dear P1, see you."
    assert asha.facts["html"] == "<p>Dear <b>P1</b></p>"
    assert asha.facts["categories"] == ["classes"]
    assert (kabir.effect_id, kabir.facts["subject"]) == ("2", "Hello P2")
    assert kabir.facts["scenario"] == "bounce"
    assert kabir.facts["message_id"] == asha.facts["message_id"]


def test_tags_are_replaced_once_and_the_longest_first(simulator, key, body) -> None:
    body["personalizations"][0]["substitutions"] = {"-a-": "-ab-", "-ab-": "x", "-a-b": "y"}
    body["content"][0]["value"] = "-a- -ab- -a-b"
    simulator.post(SEND, json=body, headers=key)
    assert journal()[0].facts["text"] == "-ab- x y"


def test_copies_go_to_cc_and_bcc_as_well(simulator, key, body, receiver) -> None:
    body["personalizations"][0] |= {
        "cc": [{"email": "b@example.com"}],
        "bcc": [{"email": "c@example.com"}],
    }
    simulator.post(SEND, json=body, headers=key)
    assert [row.recipient for row in journal()] == [
        "asha@example.com",
        "b@example.com",
        "c@example.com",
    ]
    ids = {row["sg_message_id"].rsplit(".", 1)[1] for row in receiver.deliver()}
    assert ids == {"0", "1", "2"}


def test_suppressions_can_be_listed_and_forgotten(simulator, sendgrid, key) -> None:
    sendgrid.send(mail("bounce@example.com", "x+blocked@example.com", "x+spam@example.com"))
    (bounce,) = simulator.get("/v3/suppression/bounces", headers=key).json
    assert bounce["email"] == "bounce@example.com"
    assert (bounce["status"], type(bounce["created"])) == ("5.1.1", int)
    assert simulator.get("/v3/suppression/blocks", headers=key).json[0]["status"] == "5.7.1"
    assert set(simulator.get("/v3/suppression/spam_reports", headers=key).json[0]) == {
        "created",
        "email",
        "ip",
    }
    one = "/v3/suppression/bounces/bounce@example.com"
    assert simulator.get(one, headers=key).json == [bounce]
    assert simulator.get("/v3/suppression/bounces?offset=1", headers=key).json == []
    assert simulator.get("/v3/suppression/bounces?email=other", headers=key).json == []
    assert simulator.delete(one, headers=key).status_code == 204
    assert simulator.get(one, headers=key).json == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"delete_all": True}, 204),
        ({"emails": ["bounce@example.com"]}, 204),
        ({"emails": [], "delete_all": True}, 400),
        ({}, 400),
    ],
)
def test_many_suppressions_can_be_forgotten_at_once(
    simulator, sendgrid, key, asked, status
) -> None:
    sendgrid.send(mail("bounce@example.com"))
    answer = simulator.delete("/v3/suppression/bounces", json=asked, headers=key)
    assert answer.status_code == status
    left = simulator.get("/v3/suppression/bounces", headers=key).json
    assert bool(left) == (status == 400)
