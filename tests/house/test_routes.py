"""Every route × every role: who is let in, who is sent to sign in, who is refused."""

import pytest

from ffapp.people.models import Role
from ffapp.web import guard

ROLES = ("stranger", "student", "admin")


def routes(app):
    return [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]


def address(app, rule):
    """An address of that rule, about things that do not exist."""
    values = {
        name: "x" if name in ("token", "path", "filename") else 999 for name in rule.arguments
    }
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values)


def test_every_route_stands_behind_a_door_that_is_named(app):
    doors = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()}

    assert doors <= set(guard.DOORS)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_in_only_whom_its_door_names(app, client, cast, role):
    person = {"student": cast.tara, "admin": cast.admin}.get(role)
    if person:
        client.sign_in(person)

    for rule in routes(app):
        allowed = guard.DOORS[rule.endpoint.split(".")[0]]
        status = client.get(address(app, rule), lint=False).status_code
        if allowed == guard.ANYBODY or allowed == role:
            assert status not in (401, 403), f"{role} is refused at {rule}"
        elif person is None:
            assert status == 303, f"a stranger gets {status} at {rule}"
        else:
            assert status == 403, f"{role} gets {status} at {rule}"


@pytest.mark.parametrize("role", ROLES)
def test_every_post_is_refused_without_a_csrf_token(app, client, cast, role):
    person = {"student": cast.tara, "admin": cast.admin}.get(role)
    if person:
        client.sign_in(person)

    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.endpoint.startswith("hooks."):
            continue
        status = client.post(address(app, rule), csrf=False, lint=False).status_code
        assert status in (303, 403, 419), f"{rule} takes a post without a token ({status})"


def test_a_route_whose_door_is_not_named_is_refused_to_everybody(app, monkeypatch, client, cast):
    monkeypatch.delitem(guard.DOORS, "admin")
    client.sign_in(cast.admin)

    assert client.get("/admin/cohorts").status_code == 403


def test_the_roles_are_those_that_the_doors_know():
    assert set(guard.DOORS.values()) == {guard.ANYBODY, *Role}
