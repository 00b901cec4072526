"""What every answer carries, and how cookies are marked: over http, and over https."""

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from ffapp import simulators
from ffapp.app import create_app
from ffapp.core.db import db, engine_options
from ffapp.people import sessions
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
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= cookies(answer)["__Host-ffapp"]
    assert not [each for each in cookies(answer)["__Host-ffapp"] if each.startswith("domain")]


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


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "founders.example.evil.test"])
def test_under_another_name_nothing_is_answered_but_a_bare_page(encrypted, host):
    answer = encrypted.get("/sign-in", base_url=f"http://{host}", lint=False)

    assert answer.status_code == 400
    assert "Something went wrong" in answer.text
    assert host not in answer.text


def test_on_ones_own_machine_each_of_its_names_will_do(client):
    for host in ("localhost", "127.0.0.1:8000"):
        assert client.get("/sign-in", base_url=f"http://{host}").status_code == 200


def test_an_error_page_asks_no_database(app, client, cast, monkeypatch, queries):
    def broken(*args):
        raise OperationalError("SELECT", {}, Exception("the database is gone"))

    client.sign_in(cast.asha)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr(sessions, "find", broken)
    for path in ("/home", "/nothing-here"):
        with queries() as asked:
            answer = client.get(path)
        assert answer.status_code == 500
        assert "Something broke on our side" in answer.text
        assert asked == []


def test_an_error_page_is_there_also_where_no_page_can_be_drawn(client, monkeypatch):
    def broken(*args, **options):
        raise RuntimeError("no addresses")

    monkeypatch.setattr("ffapp.web.errors.flask.render_template", broken)

    answer = client.get("/nothing-here")

    assert answer.status_code == 404
    assert "Something went wrong" in answer.text


def test_no_cookie_but_the_sessions_signs_anybody_in(client, cast):
    for name in ("remember_token", "ffapp"):
        client.set_cookie(name, f"{cast.admin.user.id}|{'0' * 128}")

    assert client.get("/admin/today").location.startswith("/sign-in")


def test_no_variable_or_header_moves_us_below_a_path(client):
    answer = client.get("/home", environ_overrides={"SCRIPT_NAME": "/evil"})

    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("path", ["/admin/people?format=csv", "/admin/cohorts?format=csv"])
def test_a_private_file_is_kept_by_no_browser(client, cast, path):
    client.sign_in(cast.admin)

    answer = client.get(path)

    assert answer.mimetype == "text/csv"
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_statement_of_the_web_ends_after_a_while(app):
    web = engine_options(1, "ffapp web")["connect_args"]["options"]

    assert "statement_timeout=20s" in web


def test_asking_for_a_reset_does_the_same_for_a_known_and_an_unknown_address(client, cast, queries):
    asked = []
    client.post("/forgot", data={"email": "first@students.example"})
    for address in (cast.asha.email, "nobody@students.example"):
        with queries() as statements:
            assert client.post("/forgot", data={"email": address}).status_code == 200
        asked.append(statements)

    assert asked[0] == asked[1]
