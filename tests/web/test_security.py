"""What every answer carries, and how cookies are marked: over http, and over https."""

import httpx
import pytest

from ffapp import simulators
from ffapp.app import create_app
from ffapp.core.db import db
from ffapp.providers import registry
from tests.browse import Browser
from tests.cast import PASSWORD
from tests.web.admin.looking import hidden

HTTPS = "https://founders.example"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# A page, an address that is none, a redirect, a refusal, JSON, and files.
PATHS = ("/sign-in", "/nothing-here", "/home", "/healthz", "/static/css/base.css", "/static/no.css")


@pytest.fixture
def encrypted(app, settings, clean):
    """A browser of the application as it is told to run behind a proxy that speaks https."""
    # create_app builds them anew for the whole process
    before = [provider.client.current() for provider in registry.PROVIDERS]
    behind = settings.changed(public_url=HTTPS, proxies=1)
    api = httpx.WSGITransport(simulators.create_api(settings))
    transports = dict.fromkeys(settings.providers, api)
    secure = create_app(behind, transports=transports, pool_size=2)
    secure.test_client_class = Browser
    yield secure.test_client()
    for each in before:
        each.use()
    with secure.app_context():
        db.engine.dispose()


def ask(browser, path, **options):
    """As the proxy hands it on: over http, with a word about how it came."""
    headers = {"X-Forwarded-Proto": "https", "Referer": f"{HTTPS}/sign-in"}
    options |= {"base_url": "http://founders.example", "headers": headers}
    return browser.open(path, csrf=False, lint=False, buffered=True, **options)


def send(browser, path, **data):
    """Post with the token that stands in the form."""
    token = hidden(ask(browser, "/sign-in"), "csrf_token")
    return ask(browser, path, method="POST", data={**data, "csrf_token": token})


def cookies(answer):
    """Name → the attributes of each cookie that is set, in lower case."""
    found = {}
    for line in answer.headers.getlist("Set-Cookie"):
        first, *attributes = line.split("; ")
        found[first.partition("=")[0]] = {each.lower() for each in attributes}
    return found


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_how_it_may_be_used(client, path):
    headers = client.get(path, lint=False, buffered=True).headers

    assert {name: headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/theme", "/hooks/zoom", "/hooks/sendgrid"])
def test_a_refused_post_carries_them_too(client, path):
    answer = client.post(path, csrf=False, lint=False)

    assert answer.status_code in (400, 419)
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE


@pytest.mark.parametrize("path", PATHS)
def test_over_https_every_answer_keeps_the_browser_there(encrypted, path):
    header = ask(encrypted, path).headers["Strict-Transport-Security"]

    assert int(header.partition("max-age=")[2].partition(";")[0]) >= 365 * 24 * 3600


def test_over_https_the_sessions_cookie_never_leaves_unencrypted(encrypted, cast):
    answer = send(encrypted, "/sign-in", email=cast.asha.email, password=PASSWORD)

    assert answer.status_code == 303
    assert {"secure", "httponly", "samesite=lax"} <= cookies(answer)["ffapp"]


@pytest.mark.parametrize("theme", ["dark", "system"])
def test_the_cookie_of_the_theme_is_marked_like_the_sessions(encrypted, theme):
    answer = send(encrypted, "/theme", theme=theme)

    assert {"secure", "httponly", "samesite=lax"} <= cookies(answer)["theme"]


def test_over_http_nothing_is_promised_that_would_lock_people_out(client, cast):
    data = {"email": cast.asha.email, "password": PASSWORD}
    answer = client.post("/sign-in", data=data)

    assert "Strict-Transport-Security" not in answer.headers
    assert "secure" not in cookies(answer)["ffapp"]
    assert {"httponly", "samesite=lax"} <= cookies(answer)["ffapp"]
