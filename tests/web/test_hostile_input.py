"""Whatever an address or a form holds, no page breaks: every route, parameter and field."""

import io
import re

import html5lib
import pytest

from ffapp.core.db import db
from ffapp.messaging import compose
from ffapp.messaging.notice import Wording
from tests.app.test_routes import lets_in, routes

HOSTILE = (
    "\0",
    "a\0b",
    "9" * 400,
    "-" + "9" * 30,
    "1e400",
    "NaN",
    "%ED%A0%80",
    "\N{ZERO WIDTH SPACE}\N{RIGHT-TO-LEFT OVERRIDE}",
    "9999-12-31",
    "0000-00-00",
    "x" * 3000,
)
# What pages read from an address, besides the filters of lists.
NAMES = ("page", "sort", "format", "q", "next", "student", "seen", "past", "refused", "revision")
NAMES += ("cohort", "class", "month", "ids", "person", "view", "day", "from", "to", "at", "kind")
FORMS = re.compile(r'name="([\w:.-]+)"')


@pytest.fixture
def browsers(app, cast):
    """Somebody of each role."""

    def of(role):
        browser = app.test_client()
        person = {"student": cast.asha, "admin": cast.admin}.get(role)
        if person:
            browser.sign_in(person)
        return browser

    return {role: of(role) for role in ("stranger", "student", "admin")}


@pytest.fixture
def places(app, cast, browsers):
    """(browser, address) of each route that somebody may open, about things that exist."""
    session = cast.schedule()
    known = {
        "person_id": cast.asha.id,
        "cohort_id": cast.cohort.id,
        "class_id": session.id,
        "session_id": session.id,
        "name": "class_scheduled",
        "token": "x",
        "key": "zoom",
    }

    def of(method):
        for rule, wanted in routes(app):
            if wanted != method or rule.endpoint.split(".")[0] in ("static", "hooks", "simulators"):
                continue
            role = next(each for each in ("admin", "student", "stranger") if lets_in(rule, each))
            values = {name: known.get(name, 999) for name in rule.arguments}
            with app.test_request_context():
                url = app.url_map.bind("localhost").build(rule.endpoint, values)
            yield browsers[role], rule.endpoint, url

    return of


def names_on(browser, url):
    """The fields of a page's forms."""
    page = browser.get(url, lint=False)
    return set(FORMS.findall(page.text)) if page.mimetype == "text/html" else set()


def test_no_parameter_of_an_address_breaks_a_page(places):
    for browser, endpoint, url in places("GET"):
        if endpoint == "public.healthz":
            continue
        names = names_on(browser, url) | set(NAMES)
        for value in HOSTILE:
            answer = browser.get(url, query_string=dict.fromkeys(names, value), lint=False)
            assert answer.status_code < 500, (endpoint, value[:20])
        answer = browser.get(
            url + "?" + "&".join(f"{name}=%ED%A0%80%00" for name in names), lint=False
        )
        assert answer.status_code < 500, endpoint


def fields_of(browser, url):
    """Name → value of the fields that the page with that form has."""
    page = browser.get(url, lint=False)
    if page.mimetype != "text/html" or page.status_code != 200:
        return {}
    tree = html5lib.parse(page.text, namespaceHTMLElements=False)
    tags = ("input", "select", "textarea")
    return {
        each.get("name"): each.get("value") or ""
        for form in tree.iter("form")
        for each in form.iter()
        if each.tag in tags and each.get("name") and each.get("type") != "file"
    }


def test_no_field_of_a_form_breaks_a_page(app, places):
    for browser, endpoint, url in places("POST"):
        if endpoint in ("account.end_sessions", "public.sign_out"):
            continue
        fields = fields_of(browser, url) or dict.fromkeys(("name", "ids", "revision", "email"), "1")
        for value in HOSTILE:
            sent = {name: value for name in fields if name != "csrf_token"}
            answer = browser.post(url, data=sent, lint=False)
            assert answer.status_code < 500, (endpoint, value[:20])


def test_a_file_in_place_of_a_field_is_refused_everywhere(places):
    for browser, endpoint, url in places("POST"):
        if endpoint in ("account.end_sessions", "public.sign_out"):
            continue
        for name in fields_of(browser, url) or {"name": ""}:
            sent = {name: (io.BytesIO(b"not a text"), "a.txt")}
            answer = browser.post(url, data=sent, content_type="multipart/form-data", lint=False)
            assert answer.status_code == 422, (endpoint, name, answer.status_code)


@pytest.mark.parametrize("bad", ["\0", "\x07", "\ud800"])
def test_what_comes_out_of_a_template_can_be_sent(context, bad):
    notice = compose.notice_named("class_scheduled")

    for wording in (
        Wording(f"New{bad}", "{{ title }}"),
        Wording("New", f"So{bad} {{{{ title }}}}"),
    ):
        (problem,) = {said for _, said in compose.problems(notice, wording)}
        assert "no mail can carry" in problem
    words = compose.substitutions({"first_name": f"A{bad}sha"}, "n")
    assert set(words.values()) == {"Asha"}


def test_a_subject_that_becomes_too_long_is_refused(context):
    notice = compose.notice_named("class_scheduled")

    assert ("subject", "Filled in, this is longer than 200 characters.") in compose.problems(
        notice, Wording("x" * 201, "{{ title }}")
    )


def test_every_standard_text_passes_its_own_check(context):
    for notice in filter(lambda each: each.is_editable, compose.all_notices()):
        assert compose.problems(notice, notice.standard) == [], notice.name


def test_a_page_of_a_template_shows_a_draft_that_cannot_be_sent(app, cast, client):
    client.sign_in(cast.admin)
    url = "/admin/messages/templates/class_scheduled"

    answer = client.post(url, data={"subject": "x" * 900, "text": "{{ nothing }}", "preview": ""})

    assert answer.status_code == 422
    assert client.get(url).status_code == 200
    assert client.get(f"{url}/preview", lint=False).status_code in (200, 404)
    db.session.rollback()
