"""What the client makes of each answer."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from ffapp.core.outcomes import Refused, Unavailable, Unclear
from ffapp.providers.kit import http
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.client import Mail, MailRefused, Recipient, SendGridClient
from ffapp.providers.simulating import store

from .conftest import mail


@pytest.fixture
def answering(settings) -> Callable[..., SendGridClient]:
    """A client to which the network answers as told."""

    def make(status: int, **answer: object) -> SendGridClient:
        transport = httpx.MockTransport(lambda request: httpx.Response(status, **answer))
        return SendGridClient(settings.providers["sendgrid"], transport)

    return make


def one() -> Mail:
    return mail("asha@example.com")


def test_an_accepted_mail_has_the_message_id(sendgrid) -> None:
    assert len(sendgrid.send(one())) == 22


def test_the_message_id_may_be_missing(answering) -> None:
    assert answering(202).send(one()) is None


def test_what_goes_over_the_wire(settings) -> None:
    seen: list[httpx.Request] = []
    transport = httpx.MockTransport(lambda request: seen.append(request) or httpx.Response(202))
    recipient = Recipient("asha@example.com", "Rao, Asha; B.", "7", {"-first_name-": "Asha"})
    nameless = Recipient("kabir@example.com", "", "8")
    SendGridClient(settings.providers["sendgrid"], transport).send(
        Mail("Hi -first_name-", "text", "<p>html</p>", [recipient, nameless])
    )
    (request,) = seen
    assert request.headers["Authorization"] == f"Bearer {settings.providers['sendgrid'].api_key}"
    assert request.headers["Content-Type"] == "application/json"
    assert http.json_of(httpx.Response(200, content=request.content)) == {
        "from": {
            "email": settings.providers["sendgrid"].from_email,
            "name": settings.providers["sendgrid"].from_name,
        },
        "personalizations": [
            {
                "to": [{"email": "asha@example.com", "name": "Rao Asha B."}],
                "substitutions": {"-first_name-": "Asha"},
                "custom_args": {"effect_id": "7"},
            },
            {"to": [{"email": "kabir@example.com"}], "custom_args": {"effect_id": "8"}},
        ],
        "subject": "Hi -first_name-",
        "content": [
            {"type": "text/plain", "value": "text"},
            {"type": "text/html", "value": "<p>html</p>"},
        ],
        "tracking_settings": {
            "click_tracking": {"enable": False},
            "open_tracking": {"enable": False},
        },
    }


def test_a_thousand_with_one_bad_address_say_which(sendgrid) -> None:
    emails = [f"p{number}@example.com" for number in range(1000)]
    emails[617] = "refused@example.com"
    with pytest.raises(MailRefused, match=r"personalizations\.617\.to\.0\.email") as refused:
        sendgrid.send(mail(*emails))
    assert (refused.value.divisible, refused.value.status) == (True, 400)
    emails.pop(617)
    assert sendgrid.send(mail(*emails))
    with pytest.raises(MailRefused) as refused:
        sendgrid.send(mail("refused@example.com", "asha@example.com", subject=""))
    assert not refused.value.divisible, "all share the subject"


@pytest.mark.parametrize(
    ("status", "message", "code", "says"),
    [
        (401, wire.WRONG_CREDENTIALS, "credentials", "SENDGRID_API_KEY"),
        (401, wire.GRANT_INVALID, "credentials", "revoked"),
        (401, wire.NO_CREDITS, "credits", "buy more"),
        (403, wire.SENDER_NOT_VERIFIED, "sender", "hello@futurefounders.example"),
        (403, wire.OVER_LIMITS, "limits", "messaging limit"),
        (403, wire.ACCESS_FORBIDDEN, "scope", "Mail Send"),
        (404, "not found", "refused", "404: not found"),
        (405, "POST method allowed only", "refused", "405"),
        (413, "content too large", "too_large", "30 MB"),
        (415, "Invalid UTF8 in request", "format", "Invalid UTF8"),
    ],
)
def test_refusals_say_what_to_do(answering, status, message, code, says) -> None:
    answer = {"errors": [{"message": message, "field": None, "help": None}]}
    with pytest.raises(Refused, match=says) as refused:
        answering(status, json=answer).send(one())
    assert (refused.value.status, refused.value.code) == (status, code)
    assert not isinstance(refused.value, MailRefused)


@pytest.mark.parametrize("status", [401, 403, 413, 415])
def test_a_refusal_by_a_page_is_one_too(answering, status) -> None:
    with pytest.raises(Refused):
        answering(status, html="<h1>no</h1>").send(one())


@pytest.mark.parametrize("status", [429, 503])
def test_429_and_503_are_tried_later(answering, status) -> None:
    with pytest.raises(Unavailable) as unavailable:
        answering(status, html="<h1>later</h1>").send(one())
    assert unavailable.value.retry_at is None


@pytest.mark.parametrize(
    ("headers", "instant"),
    [
        ({"X-RateLimit-Reset": "1757090101"}, datetime(2025, 9, 5, 16, 35, 1, tzinfo=UTC)),
        (
            {"Retry-After": "Fri, 05 Sep 2025 16:35:01 GMT", "X-Ratelimit-Reset": "9"},
            datetime(2025, 9, 5, 16, 35, 1, tzinfo=UTC),
        ),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": "9" * 30}, None),
    ],
)
def test_sendgrid_may_say_when(answering, headers, instant) -> None:
    with pytest.raises(Unavailable) as unavailable:
        answering(429, headers=headers).send(one())
    assert unavailable.value.retry_at == instant


@pytest.mark.parametrize("status", [200, 204, 302, 500, 502, 504])
def test_anything_else_is_unclear(answering, status) -> None:
    with pytest.raises(Unclear, match=str(status)):
        answering(status).send(one())


@pytest.mark.parametrize("status", [200, 202])
def test_a_page_is_no_acceptance(answering, status) -> None:
    with pytest.raises(Unclear):
        answering(status, html="<h1>maintenance</h1>").send(one())


@pytest.mark.parametrize(
    ("kind", "outcome", "sent"),
    [
        ("down", Unavailable, 0),
        ("error", Unclear, 0),
        ("html", Unclear, 0),
        ("limited", Unavailable, 0),
        ("unauthorised", Refused, 0),
        ("drop_before", Unclear, 0),
        ("drop_after", Unclear, 1),
    ],
)
def test_each_fault_of_the_simulator(sendgrid, kind, outcome, sent) -> None:
    store.set_switch("sendgrid", "fault", {"kind": kind, "times": 1})
    with pytest.raises(outcome):
        sendgrid.send(one())
    with store.open_store().connect() as connection:
        acts = connection.execute(store.journal.select()).all()
    assert len([row for row in acts if row.act == "mail"]) == sent


def test_the_check_says_that_the_key_may_send(sendgrid) -> None:
    assert sendgrid.check() == "SendGrid takes the key, which may send mail (3 scopes)."


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "says"),
    [
        (200, {"json": {"scopes": ["alerts.read"]}}, Refused, "Mail Send"),
        (200, {"html": "<h1>maintenance</h1>"}, Unavailable, "something other"),
        (200, {"json": {}}, Unavailable, "something other"),
        (401, {"json": {"errors": [{"message": "no"}]}}, Refused, "SENDGRID_API_KEY"),
        (503, {}, Unavailable, "down"),
    ],
)
def test_the_check_says_what_is_wrong(answering, status, answer, outcome, says) -> None:
    with pytest.raises(outcome, match=says):
        answering(status, **answer).check()
