"""What the client makes of each answer."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from ffapp.core.outcomes import Unavailable, Unclear
from ffapp.providers.aisensy.client import AiSensyClient, MessageRefused
from ffapp.providers.kit import http
from ffapp.providers.simulating import store

from .conftest import NUMBER, message

ID = "11111111-2222-4333-8444-555555555555"
NO_CREDITS = "Insufficient WhatsApp Conversation Credits (WCC)!"
NO_PLAN = "No Plan active on assistant!"
OLD_402 = {"name": "ERR402", "errorCode": 402, "errorMessage": NO_CREDITS}
OLD_400 = {"name": "ERR400", "errorCode": 400, "errorMessage": NO_PLAN}
TRACE = {"aisTraceId": "ais_m3x9k2ab_1f2e3d4c"}


def test_an_accepted_message_has_its_id(aisensy, phone) -> None:
    submitted = aisensy.send(message())

    (taken,) = phone(NUMBER)
    assert taken["submitted_message_id"] == submitted
    assert taken["effect_id"] == "42"


def test_what_goes_over_the_wire(settings) -> None:
    seen: list[httpx.Request] = []
    answer = {"success": "true", "submitted_message_id": ID}
    transport = httpx.MockTransport(
        lambda request: seen.append(request) or httpx.Response(200, json=answer)
    )
    client = AiSensyClient(settings.providers["aisensy"], transport)

    sent = client.send(message(name="Rao,\n Asha 🎓", params=["a\nb", "", "  आशा\t"]))

    (request,) = seen
    assert sent == ID
    assert str(request.url) == "http://simulators.test/aisensy/campaign/t1/api/v2"
    assert request.headers["Content-Type"] == "application/json"
    assert "Authorization" not in request.headers
    assert json.loads(request.content) == {
        "apiKey": settings.providers["aisensy"].api_key,
        "campaignName": "class_scheduled",
        "destination": NUMBER,
        "userName": "Rao, Asha 🎓",
        "templateParams": ["a b", "–", "आशा"],
        "source": "ffapp effect 42",
    }


@pytest.mark.parametrize("success", ["true", "True", True])
def test_a_yes_may_be_a_word_or_a_boolean(answering, success) -> None:
    answer = {"success": success, "submitted_message_id": ID}

    assert answering(200, json=answer).send(message()) == ID


@pytest.mark.parametrize(
    ("status", "answer", "code", "says"),
    [
        (402, OLD_402, "credits", "no message goes out to anybody: buy credits"),
        (402, {**OLD_402, "message": NO_CREDITS}, "credits", "buy credits"),
        (402, {"message": NO_CREDITS, **OLD_402, **TRACE}, "credits", "buy credits"),
        (402, {"message": "Pay first"}, "credits", "buy credits"),
        (400, OLD_400, "plan", "no message goes out to anybody: renew the plan"),
        (400, {"message": NO_PLAN, **OLD_400, **TRACE}, "plan", "renew the plan"),
        (
            400,
            {"message": "Template params does not match the campaign"},
            "params",
            "“class_scheduled” takes another number of parameters",
        ),
        (
            400,
            {"message": "Campaign does not exist."},
            "no_campaign",
            "knows no campaign “class_scheduled”",
        ),
        (400, {"message": "Campaign is Not Live"}, "not_live", "set it live"),
        (400, {"message": "Invalid Number"}, "number", "cannot read this phone"),
        (422, {"error": {"message": "No button"}}, "refused", "with 422: No button"),
        (401, {"message": "Unauthorized"}, "credentials", "AISENSY_API_KEY"),
        (401, {"message": "Invalid API key"}, "credentials", "“Invalid API key”"),
        (403, {"message": "Unauthorized"}, "credentials", "Manage › API Key"),
        (400, {"message": "User has opted out"}, "opted_out", "another channel"),
        (404, {}, "address", "AISENSY_BASE_URL"),
        (400, {"message": "Something new"}, "refused", "with 400: Something new"),
        (200, {"success": "false", "error": "No."}, "refused", "with 200: No."),
        (
            200,
            {"success": False, "errorMessage": NO_CREDITS},
            "credits",
            "buy credits",
        ),
    ],
)
def test_refusals_say_what_to_do(answering, status, answer, code, says) -> None:
    with pytest.raises(MessageRefused, match=says) as refused:
        answering(status, json=answer).send(message())
    assert (refused.value.status, refused.value.code) == (status, code)
    assert not refused.value.divisible


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"html": "<h1>Forbidden by the wall</h1>"}, "with 400: Bad Request"),
        ({"text": "plain words"}, "with 400: plain words"),
        ({"text": f"no {NUMBER} here"}, "no \\+•••10 here"),
        ({"content": b"\xff\xfe"}, "with 400"),
    ],
)
def test_a_refusal_need_not_be_json(answering, answer, says) -> None:
    with pytest.raises(MessageRefused, match=says):
        answering(400, **answer).send(message())


@pytest.mark.parametrize(
    ("status", "headers", "instant"),
    [
        (429, {}, None),
        (429, {"Retry-After": "soon"}, None),
        (
            429,
            {"Retry-After": "Fri, 05 Sep 2025 16:35:01 GMT"},
            datetime(2025, 9, 5, 16, 35, 1, tzinfo=UTC),
        ),
        (
            503,
            {"Retry-After": "Fri, 05 Sep 2025 16:35:01 GMT"},
            datetime(2025, 9, 5, 16, 35, 1, tzinfo=UTC),
        ),
    ],
)
def test_429_and_503_are_tried_later(answering, status, headers, instant) -> None:
    with pytest.raises(Unavailable) as unavailable:
        answering(status, headers=headers, json={"message": "Too many requests"}).send(message())
    assert unavailable.value.retry_at == instant


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {}),
        (502, {}),
        (503, {}),
        (504, {}),
        (302, {}),
        (204, {}),
        (200, {}),
        (200, {"html": "<h1>maintenance</h1>"}),
        (200, {"json": {"success": "true"}}),
        (200, {"json": ["true"]}),
        (500, {"json": {"success": "true", "submitted_message_id": ID}}),
    ],
)
def test_anything_else_may_have_been_sent(answering, status, answer) -> None:
    with pytest.raises(Unclear, match=str(status)):
        answering(status, **answer).send(message())


def test_an_answer_that_cannot_be_decoded_is_unclear(answering) -> None:
    with pytest.raises(Unclear):
        answering(200, headers={"Content-Encoding": "gzip"}, content=b"no gzip").send(message())


@pytest.mark.parametrize(
    ("kind", "outcome", "sent"),
    [
        ("down", Unclear, 0),
        ("error", Unclear, 0),
        ("html", Unclear, 0),
        ("limited", Unavailable, 0),
        ("unauthorised", MessageRefused, 0),
        ("drop_before", Unclear, 0),
        ("drop_after", Unclear, 1),
    ],
)
def test_each_fault_of_the_simulator(aisensy, phone, kind, outcome, sent) -> None:
    store.set_switch("aisensy", "fault", {"kind": kind, "times": 1})
    with pytest.raises(outcome):
        aisensy.send(message())
    assert len(phone()) == sent


@pytest.mark.parametrize(
    ("switch", "code"),
    [
        ("no_credits", "credits"),
        ("no_plan", "plan"),
        ("not_live", "not_live"),
    ],
)
def test_switches_of_the_simulator(aisensy, phone, switch, code) -> None:
    store.set_switch("aisensy", switch, True)
    with pytest.raises(MessageRefused) as refused:
        aisensy.send(message())
    assert refused.value.code == code
    assert phone() == []


def test_the_exchange_is_remembered_without_key_and_number(aisensy, settings) -> None:
    with http.recording() as exchanges:
        aisensy.send(message(params=["Asha", "x", "y", "z", "http://localhost/links/a.b-c"]))

    written = json.dumps(exchanges)
    assert "class_scheduled" in written
    for secret in (settings.providers["aisensy"].api_key, "9876543210", "a.b-c"):
        assert secret not in written
