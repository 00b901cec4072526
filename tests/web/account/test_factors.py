"""Second factors of admins: codes of an app, recovery codes, and that https asks for one."""

import re
from datetime import timedelta
from html import unescape

import pytest

from ffapp.core import clock, config
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.people import factors
from ffapp.people.models import Person
from ffapp.people.sessions import FRESH, UserSession
from tests.cast import PASSWORD


def code_of(secret, later=0):
    import pyotp

    return pyotp.TOTP(secret).at(clock.wall() + timedelta(seconds=later))


@pytest.fixture
def set_up(client, cast):
    """Set up an app on the page of factors; answers its secret and the recovery codes."""

    def go():
        client.sign_in(cast.admin)
        page = client.get("/account/factors").text
        secret = re.search(r'data-copy="([A-Z2-7]{32})"', page)[1]
        answer = client.post("/account/factors/app", data={"code": code_of(secret)})
        return secret, re.findall(r"<code>([a-z2-9-]{14})</code>", answer.text)

    return go


@pytest.fixture
def sign_in(app, cast):
    """Give the password in a fresh browser; answers the browser and the second step."""

    def go():
        browser = app.test_client()
        data = {"email": cast.admin.email, "password": PASSWORD, "next": "/admin/people"}
        return browser, browser.post("/sign-in", data=data)

    return go


def is_in(browser):
    return browser.get("/admin/today").status_code == 200


def test_an_app_is_asked_for_after_the_password(set_up, sign_in):
    secret, codes = set_up()
    assert len(codes) == 10

    browser, step = sign_in()
    assert "One more step" in step.text
    assert not is_in(browser)
    assert browser.post("/sign-in/factor", data={"code": "000000"}).status_code == 422
    assert not is_in(browser)

    answer = browser.post("/sign-in/factor", data={"code": code_of(secret, 30), "next": "/x"})
    assert (answer.status_code, answer.location) == (303, "/x")
    assert is_in(browser)
    assert db.session.scalars(db.select(UserSession.factor)).all()[-1] == "totp"


def test_no_code_works_twice(set_up, sign_in):
    secret, codes = set_up()
    for code in (code_of(secret, 30), codes[0]):
        statuses = []
        for _ in range(2):
            browser, _page = sign_in()
            statuses.append(browser.post("/sign-in/factor", data={"code": code}).status_code)
        assert statuses == [303, 422]


def test_guessing_codes_is_slowed_down(set_up, sign_in):
    set_up()
    browser, _ = sign_in()

    statuses = [browser.post("/sign-in/factor", data={"code": "1"}).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


def test_nobody_comes_to_the_second_step_without_the_first(client, cast):
    assert client.get("/sign-in/factor").location == "/sign-in"
    assert client.post("/sign-in/factor", data={"code": "1"}).location == "/sign-in"


def test_a_reset_link_does_not_spare_the_second_factor(app, set_up, cast):
    from ffapp.people.links import make_link, url_of

    set_up()
    link = url_of(transaction(make_link, cast.admin, "reset")).removeprefix("http://localhost")
    browser = app.test_client()

    answer = browser.post(link, data={"password": "a sentence of mine"})

    assert "One more step" in answer.text
    assert not is_in(browser)


def test_the_secret_lies_in_the_database_encrypted(set_up):
    secret, _ = set_up()

    assert secret not in db.session.scalar(db.select(factors.Totp.secret))


@pytest.fixture
def over_https(settings):
    config.use(settings.changed(public_url="https://localhost"))


def test_over_https_an_admin_sets_one_up_before_anything_else(over_https, client, cast, set_up):
    client.sign_in(cast.admin)
    for path in ("/admin/today", "/admin/people", "/simulators/"):
        assert client.get(path).location == "/account/factors"
    assert "Set one up first" in client.get("/account/factors").text

    set_up()

    assert client.get("/admin/today").status_code == 200


def test_over_https_a_student_needs_none(over_https, client, cast):
    client.sign_in(cast.asha)

    assert client.get("/home").status_code == 200


def test_who_removes_the_last_one_is_asked_for_another(over_https, client, cast, set_up):
    set_up()

    client.post("/account/factors/app/remove")

    assert client.get("/admin/today").location == "/account/factors"


def test_the_first_factor_ends_sessions_that_know_the_password_alone(set_up, sign_in):
    thief, _ = sign_in()
    assert is_in(thief)

    set_up()

    assert not is_in(thief)
    assert thief.post("/account/factors/app/remove").status_code != 200


def test_a_secret_that_no_key_opens_leaves_the_recovery_codes(set_up, sign_in, cast):
    secret, codes = set_up()
    db.session.execute(db.update(factors.Totp).values(secret="sealed with a key that is gone"))
    db.session.commit()

    browser, _ = sign_in()
    assert browser.post("/sign-in/factor", data={"code": code_of(secret, 30)}).status_code == 422
    browser.post("/sign-in/factor", data={"code": codes[0]})
    assert is_in(browser)


def test_a_button_without_fields_is_pressed_again_after_the_password(client, cast, not_fresh):
    path = f"/admin/people/{cast.asha.id}/sessions"
    page = client.post(path, headers={"Origin": "http://localhost"})
    from tests.web.admin.looking import hidden

    again = client.post(
        "/account/confirm", data={"password": PASSWORD, "kept": unescape(hidden(page, "kept"))}
    )
    assert f'action="{path}"' in again.text


def test_the_command_line_helps_who_has_lost_every_factor(set_up, sign_in, cast):
    from ffapp.cli import _make_admin_link

    set_up()
    link = transaction(_make_admin_link, cast.admin.email, cast.admin.name, True)

    browser, step = sign_in()
    assert "/links/" in link
    assert step.status_code == 303
    assert is_in(browser)
    assert not factors.has_factor(cast.admin.user)
    event = db.session.scalars(db.select(Event).filter_by(name="factors_reset")).one()
    assert event.subject_id == cast.admin.id


@pytest.fixture
def not_fresh(client, cast):
    """The admin gave the password some hours ago."""
    client.sign_in(cast.admin)
    at = clock.wall() - FRESH - timedelta(minutes=1)
    db.session.execute(db.update(UserSession).values(authenticated_at=at))
    db.session.commit()


@pytest.mark.parametrize("path", ["/admin/people/{}/edit", "/account/factors"])
def test_people_and_factors_ask_for_the_password_again(client, cast, not_fresh, path):
    path = path.format(cast.asha.id)
    if path.startswith("/admin"):
        assert client.get(path).location.startswith("/account/confirm?next=")
    sends = "/account/factors/recovery" if path.startswith("/account") else path
    typed = {"name": "Asha R.", "email": cast.asha.email, "revision": "1"}

    page = client.post(sends, data=typed, headers={"Origin": "http://localhost"})

    assert page.status_code == 403
    assert "Your password, please" in page.text
    assert "Asha R." in page.text, "what was typed is kept"
    assert db.session.get(Person, cast.asha.id).name == "Asha Rao"


@pytest.mark.parametrize(
    "path",
    [
        "/admin/people/admins/new",
        "/admin/cohorts/{}/invitations/new",
        "/admin/cohorts/{}/imports/new",
    ],
)
def test_nobody_is_added_without_it(client, cast, not_fresh, path):
    path = path.format(cast.cohort.id)
    assert client.get(path).location.startswith("/account/confirm?next=")

    page = client.post(path, data={"name": "Eve"}, headers={"Origin": "http://localhost"})

    assert page.status_code == 403
    assert db.session.scalar(db.select(Person).where(Person.name == "Eve")) is None


def test_after_the_password_what_was_typed_is_sent_again(client, cast, not_fresh):
    from tests.web.admin.looking import hidden

    path = f"/admin/people/{cast.asha.id}/edit"
    typed = {"name": "Asha R.", "email": cast.asha.email, "revision": "1"}
    page = client.post(path, data=typed, headers={"Origin": "http://localhost"})
    kept = unescape(hidden(page, "kept"))

    wrong = client.post("/account/confirm", data={"password": "wrong", "kept": kept})
    again = client.post("/account/confirm", data={"password": PASSWORD, "kept": kept})

    assert wrong.status_code == 422
    assert f'action="{path}"' in again.text
    assert client.get(path).status_code == 200


def test_lists_are_read_without_it(client, cast, not_fresh):
    assert client.get("/admin/people").status_code == 200
    assert client.get(f"/admin/people/{cast.asha.id}").status_code == 200


def test_what_is_done_to_factors_stands_in_the_events(set_up, client):
    set_up()

    names = set(db.session.scalars(db.select(Event.name)))
    assert {"factor_added", "recovery_codes_made"} <= names
