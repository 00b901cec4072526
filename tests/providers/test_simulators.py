"""The simulators under one roof, and the control pages."""

import re
from datetime import UTC, datetime

import flask
import httpx
import pytest
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from werkzeug.test import Client

from ffapp import simulators
from ffapp.core import clock, config
from ffapp.providers.registry import read_settings
from ffapp.providers.sendgrid.client import Mail, Recipient, SendGridClient
from ffapp.providers.simulating import callbacks, store
from ffapp.web import control
from tests.browse import check_html
from tests.providers.receiver import counted, due_callbacks, read

HTML = (
    "<html><head><title>x</title></head><body style='color:teal'><p>Hello -n-</p>"
    "<a href='http://localhost/invitations/abc'>Accept</a><script>alert(1)</script></body></html>"
)
PAGES = ("/", "/mailbox", "/phone", "/journal", "/callbacks", "/faults")


@pytest.fixture(autouse=True)
def empty_store(settings: config.Settings, clean: None) -> None:
    """Each test begins and ends with nothing sent."""


@pytest.fixture
def mounted(settings: config.Settings) -> FlaskClient:
    """The control pages as the programme mounts them, with its CSRF protection."""
    outer = flask.Flask("outer")
    outer.secret_key = "a secret of the test"
    CSRFProtect(outer)
    outer.register_blueprint(control.mount(lambda: simulators.create_control(settings)))
    return outer.test_client()


@pytest.fixture
def sendgrid(settings: config.Settings) -> SendGridClient:
    api = simulators.create_api(settings)
    return SendGridClient(settings.providers["sendgrid"], httpx.WSGITransport(api))


def send(sendgrid: SendGridClient, *people: tuple[str, str], **changes: str) -> None:
    recipients = [
        Recipient(email, name, str(100 + number), {"-n-": name})
        for number, (email, name) in enumerate(people)
    ]
    texts = {"subject": "Class for -n-", "text": "Join at http://localhost/join/7", "html": HTML}
    sendgrid.send(Mail(recipients=recipients, **{**texts, **changes}))


def shown_ids(page: str) -> list[str]:
    return re.findall(r"/mailbox/(\d+)", page)


# ── the APIs


def test_only_simulated_providers_are_mounted(settings) -> None:
    real = {"SENDGRID_MODE": "real", "SENDGRID_API_KEY": "SG.x", "SENDGRID_WEBHOOK_PUBLIC_KEY": "x"}
    real |= {"AISENSY_MODE": "real", "AISENSY_API_KEY": "jwt"}
    base = {"DATABASE_URL": settings.database_url, "SECRET_KEY": "k7Qw2vZp9TxLr4NmYb8HsDf6GcJa3EuV"}
    partly = read_settings({**base, **real})
    config.use(partly)
    api = Client(simulators.create_api(partly))
    assert api.get("/sendgrid/v3/scopes").status_code == 404
    assert api.post("/aisensy/campaign/t1/api/v2").status_code == 404
    assert api.get("/zoom/v2/users/me").status_code == 401
    pages = simulators.create_control(partly).test_client()
    page = pages.get("/").text
    assert "Calls go to the real SendGrid" in page
    assert "Calls go to the real AiSensy" in page
    assert "Write to the school" not in pages.get("/phone").text
    assert pages.post("/phone/replies", data={"from": "+919876543210"}).status_code == 404


def test_the_apis_and_their_health(settings) -> None:
    api = Client(simulators.create_api(settings))
    assert api.get("/healthz").text == "ok\n"
    assert api.get("/sendgrid/v3/scopes").status_code == 401
    assert api.post("/aisensy/campaign/t1/api/v2").status_code == 400
    assert api.get("/nothing").status_code == 404


def test_gunicorn_finds_an_application(settings, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SECRET_KEY", settings.secret_key)
    assert Client(simulators.application()).get("/healthz").status_code == 200


def test_callbacks_of_a_provider_that_is_real_by_now_stay_undone(settings, monkeypatch) -> None:
    monkeypatch.setattr(callbacks, "_policies", {})
    callbacks.schedule("sendgrid", "processed", b"[]", headers={})
    assert due_callbacks() == []
    simulators.register_deliveries(settings)
    assert len(due_callbacks()) == 1


# ── the control pages


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_good_html_empty_and_full(pages, sendgrid, path) -> None:
    assert "IST" in read(pages, path)
    send(sendgrid, ("asha@example.com", "Asha"), ("kabir+bounce@example.com", "Kabir"))
    read(pages, path)


@pytest.mark.parametrize("path", [*PAGES, "message"])
def test_no_page_asks_more_when_there_is_more(pages, sendgrid, path) -> None:
    send(sendgrid, ("asha@example.com", "Asha"))
    if path == "message":
        path = f"/mailbox/{shown_ids(read(pages, '/mailbox'))[0]}"
    with counted() as few:
        read(pages, path)
    for _ in range(3):
        send(sendgrid, *((f"p{number}@example.com", "P") for number in range(20)))
    with counted() as many:
        read(pages, path)
    assert len(many) == len(few) <= 4


def test_the_overview_says_how_to_choose_what_happens(pages, sendgrid) -> None:
    send(sendgrid, ("asha@example.com", "Asha"))
    store.set_switch("sendgrid", "webhooks", {"reorder": True})
    page = read(pages, "/")
    assert "asha+bounce@example.com" in page
    assert "daily-limit@example.com" in page
    assert "+91 98761 31026" in page
    assert "no delays" in page
    assert "reorder webhooks" in page


@pytest.mark.parametrize(
    "path", ["/mailbox/999999", f"/mailbox/{2**70}", "/mailbox/999999/html", "/nothing"]
)
def test_unknown_pages_are_404(pages, path) -> None:
    answer = pages.get(path)
    assert answer.status_code == 404
    check_html(answer.text, path)


def test_the_journal_can_be_filtered(pages, sendgrid) -> None:
    send(sendgrid, ("asha@example.com", "Asha"), ("kabir@example.com", "Kabir"))
    store.record("zoom", "meeting.create", status=201, effect_id="100", topic="Week 3")
    assert read(pages, "/journal").count("<summary>") == 3
    assert "Week 3" in read(pages, "/journal?provider=zoom")
    assert read(pages, "/journal?act=mail").count("<summary>") == 2
    assert read(pages, "/journal?effect=100").count("<summary>") == 2
    assert read(pages, "/journal?effect=100&provider=sendgrid").count("<summary>") == 1
    assert read(pages, "/journal?q=week+3").count("<summary>") == 1
    assert "No act matches" in read(pages, "/journal?q=nowhere")
    assert "Week 3" in read(pages, "/journal?q=week%00+3&page=-7")


def test_callbacks_can_be_posted_now_and_again(mounted, pages, sendgrid, app) -> None:
    posts: list[bytes] = []
    receiver = flask.Flask("receiver")
    receiver.add_url_rule(
        "/hooks/sendgrid",
        view_func=lambda: posts.append(flask.request.get_data()) or "ok",
        methods=["POST"],
        endpoint="hook",
    )
    store.set_switch("sendgrid", "webhooks", {"delay_seconds": 500})
    send(sendgrid, ("asha@example.com", "Asha"))
    with callbacks.posting_through(httpx.WSGITransport(receiver)):
        assert due_callbacks() == []
        press(mounted, "/simulators/callbacks?state=due", "Post now")
        for _ in range(2):
            callbacks.deliver()
            answer = press(mounted, "/simulators/callbacks?q=processed", "Post again")
        assert answer.headers["Location"] == "/simulators/callbacks?done=posted&q=processed"
    assert len(posts) == 2
    page = read(pages, "/callbacks?state=due&done=posted")
    assert "Asked the worker" in page
    assert "200, 200" in page
    assert "No callback matches" in read(pages, "/callbacks?state=given_up")


def test_nothing_strange_in_the_address_gets_into_the_links(pages) -> None:
    callbacks.schedule("sendgrid", "processed", b"[]", headers={})
    strange = "?_external=1&_scheme=javascript&endpoint=x&callback_id=7&done=x&q=processed"
    page = read(pages, f"/callbacks{strange}")
    assert "javascript" not in page
    assert re.search(r'action="/callbacks/\d+/post\?q=processed"', page)


def test_an_unknown_callback_cannot_be_posted(pages) -> None:
    assert pages.post("/callbacks/99/post").status_code == 404


def test_a_form_without_the_programmes_token_is_refused(mounted) -> None:
    assert (
        mounted.post("/simulators/faults/sendgrid/fault", data={"kind": "down"}).status_code == 400
    )
    assert store.switch("sendgrid", "fault") is None


def test_times_are_shown_in_the_zone_with_its_name(pages) -> None:
    instant = datetime(2026, 12, 5, 18, 35, 9, tzinfo=UTC)
    with clock.running_on(lambda: instant):
        page = read(pages, "/")
    assert "Sun 6 Dec, 12:05:09 am IST</time>" in page


def test_pages_link_to_where_they_are_mounted(mounted) -> None:
    page = mounted.get("/simulators/mailbox").text
    assert 'href="/simulators/journal"' in page
    assert 'href="/simulators/static/control.css"' in page
    with mounted.get("/simulators/static/control.css") as answer:
        assert answer.mimetype == "text/css"


def press(client: FlaskClient, path: str, word: str) -> flask.Response:
    """Press the first button that says so; its form is posted with its token."""
    page = client.get(path).text
    form = next(part for part in page.split("<form ")[1:] if f">{word}</button>" in part)
    action = re.search(r'action="([^"]+)"', form)
    assert action
    return fill(client, path, action.group(1).replace("&amp;", "&"), {})


def fill(client: FlaskClient, path: str, action: str, form: dict[str, str]) -> flask.Response:
    """Post a form of the page at `path` with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert token
    answer = client.post(action, data={**form, "csrf_token": token.group(1)})
    assert answer.status_code == 303, answer.text
    return answer
