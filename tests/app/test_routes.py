"""Every (route, method) × every role: who is let in, who is sent to sign in, who is refused."""

import pytest

from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.people.models import Role
from ffapp.providers.registry import PROVIDERS
from ffapp.web import auth

ROLES = ("stranger", "student", "admin")
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
SIGNS_OUT = "account.end_sessions"


def routes(app):
    """Each (rule, method) that a view of ours answers."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods & METHODS)
    ]


def posts(app):
    return [rule for rule, method in routes(app) if method == "POST"]


def allowed_at(rule):
    """The role, or ANYBODY."""
    return auth.AUDIENCES[rule.endpoint.split(".")[0]]


def lets_in(rule, role):
    allowed = allowed_at(rule)
    return allowed in (auth.ANYBODY, role) or (allowed == auth.SIGNED_IN and role != "stranger")


def address(app, rule):
    """An address of that rule, about things that do not exist."""
    words = {"token": "x", "path": "x", "filename": "x", "key": "zoom"}
    values = {name: words.get(name, 999) for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values)


@pytest.fixture
def knock(app, cast):
    """Open a rule's address in a fresh browser, signed in as that role; answers the response."""

    def knock(role, rule, method, **options):
        browser = app.test_client()
        person = {"student": cast.tara, "admin": cast.admin}.get(role)
        if person:
            browser.sign_in(person)
        return browser.open(address(app, rule), method=method, lint=False, **options)

    return knock


def is_sent_to_sign_in(answer):
    return answer.status_code == 303 and answer.location.partition("?")[0] == "/sign-in"


def count_events():
    others = Event.name != "signed_in"  # by which each browser of a test begins
    return db.session.scalar(db.select(db.func.count(Event.id)).where(others))


def test_every_route_stands_behind_a_door_that_is_named(app):
    blueprints = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()}

    assert blueprints <= set(auth.AUDIENCES)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_in_whom_its_door_names(app, knock, role):
    for rule, method in routes(app):
        if not lets_in(rule, role):
            continue
        answer = knock(role, rule, method)
        where = f"{answer.status_code} for {role} at {method} {rule}"
        assert answer.status_code not in (401, 403, 405, 419), where
        assert answer.status_code < 500 or rule.endpoint == "public.healthz", where
        if allowed_at(rule) != auth.ANYBODY and rule.endpoint != SIGNS_OUT:
            assert not is_sent_to_sign_in(answer), where


@pytest.mark.parametrize("role", ROLES)
def test_every_other_role_is_refused_also_with_a_valid_token(app, knock, role):
    before = count_events()

    for rule, method in routes(app):
        if lets_in(rule, role):
            continue
        answer = knock(role, rule, method)
        refused = is_sent_to_sign_in(answer) if role == "stranger" else answer.status_code == 403
        assert refused, f"{answer.status_code} for {role} at {method} {rule}"

    assert count_events() == before, "something was done for somebody who was refused"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("token", [None, "made-up"])
def test_every_post_is_refused_without_a_csrf_token_of_ours(app, knock, role, token):
    before = count_events()
    headers = {"X-CSRFToken": token} if token else {}

    for rule in posts(app):
        if not rule.endpoint.startswith("hooks."):
            status = knock(role, rule, "POST", csrf=False, headers=headers).status_code
            assert status == 419, f"{rule} takes a post without a token ({status} for {role})"

    assert count_events() == before


def test_only_the_hooks_of_providers_take_posts_without_a_token(app):
    exempt = {rule.endpoint for rule in posts(app) if rule.endpoint.startswith("hooks.")}

    assert exempt == {f"hooks.{each.key}" for each in PROVIDERS if each.webhook}


def test_a_route_whose_door_is_not_named_is_refused_to_everybody(app, monkeypatch, client, cast):
    monkeypatch.delitem(auth.AUDIENCES, "admin")
    client.sign_in(cast.admin)

    assert client.get("/admin/cohorts").status_code == 403


def test_a_row_that_does_not_exist_is_not_found(app, knock):
    for rule, method in routes(app):
        is_of_a_row = rule.arguments and rule.endpoint.startswith(("admin.", "student."))
        if method == "GET" and is_of_a_row:
            status = knock(allowed_at(rule), rule, method).status_code
            assert status == 404, f"{status} at {rule}"


def test_the_roles_are_those_that_the_doors_know():
    assert set(auth.AUDIENCES.values()) == {auth.ANYBODY, auth.SIGNED_IN, *Role}
