"""Templates, groups, suppressions and batches of the simulated SendGrid, and mails by them."""

import gzip
import json
import time

import pytest

from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator.answers import HELP
from ffapp.providers.simulating import store
from tests.providers import receiver as kit
from tests.providers.receiver import promised

SEND = "/v3/mail/send"


@pytest.fixture
def call(simulator, key):
    def ask(method: str, path: str, body: object = None):
        return simulator.open(path, method=method, json=body, headers=key)

    return ask


def errors(answer) -> list[tuple[str, str]]:
    assert answer.status_code in {400, 403}, answer.data
    return [(each["field"], each["message"]) for each in answer.json["errors"]]


def told() -> list:
    return kit.journal("sendgrid", "mail")


def test_a_body_may_be_gzipped(simulator, key, body) -> None:
    headers = {**key, "Content-Encoding": "gzip", "Content-Type": "application/json"}
    data = gzip.compress(json.dumps(body).encode())
    assert simulator.post(SEND, data=data, headers=headers).status_code == 202
    assert simulator.post(SEND, data=b"no gzip", headers=headers).status_code == 400


def test_the_headers_of_a_mail_that_was_taken(call, body) -> None:
    answer = call("POST", SEND, body)
    assert answer.status == "202 Accepted"
    expected = {
        "Access-Control-Allow-Origin": "https://sendgrid.api-docs.io",
        "Access-Control-Allow-Methods": "POST",
        "X-No-CORS-Reason": "https://sendgrid.com/docs/Classroom/Basics/API/cors.html",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "X-Content-Type-Options": "no-sniff",
    }
    assert expected.items() <= dict(answer.headers).items()
    body["mail_settings"] = {"sandbox_mode": {"enable": True}}
    assert call("POST", SEND, body).status == "200 OK"
    assert len(told()) == 1


@pytest.mark.parametrize(
    ("change", "length"),
    [
        ({"personalizations": [{}]}, 288),
        ({"content": []}, 365),
        ({"content": [{"type": "text/plain", "value": ""}]}, 219),
    ],
)
def test_refusals_have_the_length_of_those_captured(call, body, change, length) -> None:
    assert len(call("POST", SEND, body | change).data) == length


def test_the_sender_of_one_personalization_is_checked(call, body) -> None:
    (person,) = body["personalizations"]
    person["from"] = {"email": "me@elsewhere.example"}
    refused = errors(call("POST", SEND, body))
    assert refused == [("personalizations.0.from", wire.SENDER_NOT_VERIFIED)]
    person["from"] = {"email": "x"}
    ((field, _),) = errors(call("POST", SEND, body))
    assert field == "personalizations.0.from.email"
    own = "second@" + body["from"]["email"].partition("@")[2]
    person["from"] = {"email": own}
    assert call("POST", SEND, body).status_code == 202
    assert told()[0].facts["from"] == own


def test_an_invitation_names_its_method(call, body) -> None:
    file = {"content": "eA==", "filename": "a.ics", "type": "text/calendar; method=REQUEST"}
    assert call("POST", SEND, body | {"attachments": [file]}).status_code == 202
    file["type"] = "text/calendar; charset=utf-8"
    assert len(errors(call("POST", SEND, body | {"attachments": [file]}))) == 1


def test_literals_that_are_documented(call, body) -> None:
    twice = [{"to": [{"email": "a@x.example"}, {"email": "A@x.example"}]}]
    ((field, words),) = errors(call("POST", SEND, body | {"personalizations": twice}))
    assert (field, words[:30]) == ("personalizations.0", "Each email address in the pers")
    answer = call("POST", SEND, body | {"send_at": int(2e9) * 9})
    assert answer.json["errors"][0]["help"] == HELP + "message.send_at"
    assert errors(call("POST", SEND, {}))[0][0] == "from.email"


def test_a_mail_of_a_dynamic_template(call, body) -> None:
    made = call("POST", "/v3/templates", {"name": "T", "generation": "dynamic"}).json
    assert made["id"].startswith("d-")
    version = {"name": "v", "subject": "Hi {{name}}", "html_content": "<p>{{name}} {{{b.c}}}</p>"}
    version |= {"plain_content": "{{name}}", "active": 1}
    assert call("POST", f"/v3/templates/{made['id']}/versions", version).status_code == 201
    person = body["personalizations"][0]
    person["dynamic_template_data"] = {"name": "A & B", "b": {"c": "<b>"}}
    body["template_id"] = made["id"]
    del body["subject"], body["content"]
    assert call("POST", SEND, body).status_code == 202
    facts = told()[0].facts
    assert (facts["subject"], facts["text"]) == ("Hi A & B", "A & B")
    assert facts["html"] == "<p>A &amp; B <b></p>"
    assert call("GET", "/v3/templates?generations=dynamic").json["templates"][0]["name"] == "T"
    person["substitutions"] = {"-a-": "b"}
    assert errors(call("POST", SEND, body))[0][1].startswith("Substitutions may not")
    unknown = errors(call("POST", SEND, body | {"template_id": "d-none"}))
    assert "template_id" in [field for field, _ in unknown]


def test_who_left_a_group_gets_nothing_of_it(call, body, receiver) -> None:
    made = call("POST", "/v3/asm/groups", {"name": "News", "description": "Now and then"}).json
    path = f"/v3/asm/groups/{made['id']}"
    asked = {"recipient_emails": ["asha@example.com"]}
    assert call("POST", f"{path}/suppressions", asked).status_code == 201
    assert call("GET", path).json["unsubscribes"] == 1
    body["asm"] = {"group_id": made["id"]}
    call("POST", SEND, body)
    (event,) = receiver.deliver()
    assert (event["event"], event["reason"]) == ("dropped", "Unsubscribed Address")
    assert event["asm_group_id"] == made["id"]
    search = {"recipient_emails": ["asha@example.com", "b@x.example"]}
    assert call("POST", f"{path}/suppressions/search", search).json == ["asha@example.com"]
    assert call("DELETE", f"{path}/suppressions/asha@example.com").status_code == 204
    call("POST", SEND, body)
    assert told()[-1].facts["scenario"] == "delivered"
    ((field, words),) = errors(call("POST", SEND, body | {"asm": {"group_id": 7}}))
    assert (field, words[-1]) == ("asm.group_id", ".")


def test_the_global_list_and_what_passes_it_by(call, body) -> None:
    path = "/v3/asm/suppressions/global"
    assert call("GET", f"{path}/asha@example.com").json == {}
    call("POST", path, {"recipient_emails": ["Asha@example.com"]})
    assert call("GET", f"{path}/asha@example.com").json == {"recipient_email": "asha@example.com"}
    (row,) = call("GET", "/v3/suppression/unsubscribes").json
    assert set(row) == {"created", "email"}
    call("POST", SEND, body)
    call("POST", SEND, body | {"mail_settings": {"bypass_list_management": {"enable": True}}})
    assert call("DELETE", f"{path}/asha@example.com").status_code == 204
    call("POST", SEND, body)
    scenarios = [row.facts["scenario"] for row in told()]
    assert scenarios == ["dropped", "delivered", "delivered"]


@pytest.mark.parametrize(("status", "ends"), [("cancel", "given_up"), ("pause", "held")])
def test_a_scheduled_batch_can_be_stopped(call, body, receiver, status, ends) -> None:
    batch_id = call("POST", "/v3/mail/batch").json["batch_id"]
    assert call("GET", f"/v3/mail/batch/{batch_id}").json == {"batch_id": batch_id}
    unknown = call("GET", "/v3/mail/batch/x")
    assert unknown.data == b'{"errors":[{"field":null,"message":"invalid batch id"}]}'
    later = {"batch_id": batch_id, "send_at": int(time.time()) + 3600}
    assert call("POST", SEND, body | later).status_code == 202
    assert receiver.deliver() == []
    asked = {"batch_id": batch_id, "status": status}
    assert call("POST", "/v3/user/scheduled_sends", asked).status_code == 201
    assert call("POST", "/v3/user/scheduled_sends", asked).status_code == 400
    assert call("GET", f"/v3/user/scheduled_sends/{batch_id}").json == [asked]
    assert {row.state for row in promised()} == {ends}
    call("POST", SEND, body | later)
    assert {row.state for row in promised()} == {ends}
    assert call("DELETE", f"/v3/user/scheduled_sends/{batch_id}").status_code == 204
    assert {row.state for row in promised()} == {"given_up" if ends == "given_up" else "due"}
    ((field, _),) = errors(call("POST", SEND, body | {"batch_id": "x"}))
    assert field == "batch_id"


def test_too_many_requests_is_said_as_sendgrid_says_it(simulator, key) -> None:
    store.set_switch("sendgrid", "fault", {"kind": "limited"})
    answer = simulator.get("/v3/scopes", headers=key)
    assert answer.status == "429 TOO MANY REQUESTS"
    assert len(answer.data) == 57
