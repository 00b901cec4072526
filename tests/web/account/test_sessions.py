"""Sessions are rows: what ends them, and what a person sees of them."""

import re
from datetime import timedelta

import pytest

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.people import sessions
from ffapp.people.links import make_link, url_of
from ffapp.people.sessions import LIMITS, UserSession
from tests.browse import flashed
from tests.cast import PASSWORD

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "a sentence of mine"


@pytest.fixture
def device(app, cast):
    """Sign in by the form, with a browser of its own."""

    def sign_in(person, password=PASSWORD, **headers):
        browser = app.test_client()
        data = {"email": person.email, "password": password}
        assert browser.post("/sign-in", data=data, headers=headers).status_code == 303
        return browser

    return sign_in


def is_in(browser, path="/account"):
    return browser.get(path).status_code == 200


def test_a_cookie_that_was_copied_ends_with_the_session(app, cast, device):
    browser, thief = device(cast.asha), app.test_client()
    thief.set_cookie("ffapp", browser.get_cookie("ffapp").value)
    assert is_in(thief)

    browser.post("/sign-out")

    assert not is_in(thief)
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("who", "column", "limit"),
    [
        (who, column, limit)
        for who in ("asha", "admin")
        for column, limit in (("began_at", "absolute"), ("seen_at", "idle"))
    ],
)
def test_a_session_ends_by_itself(client, cast, who, column, limit):
    person = getattr(cast, who)
    client.sign_in(person)
    span = getattr(LIMITS[person.user.role], limit)

    for late, is_still_in in ((-60, True), (60, False)):
        at = clock.wall() - span - timedelta(seconds=late)
        db.session.execute(db.update(UserSession).values(**{column: at}))
        db.session.commit()
        assert is_in(client) is is_still_in
    sessions.forget(0)
    assert db.session.scalar(db.select(db.func.count(UserSession.id))) == 0


def test_the_limits_are_those_that_are_documented():
    student, admin = LIMITS["student"], LIMITS["admin"]

    assert (student.absolute.days, student.idle.days) == (30, 14)
    assert (admin.absolute, admin.idle) == (timedelta(hours=12), timedelta(hours=2))


def test_who_uses_a_session_keeps_it(client, cast):
    client.sign_in(cast.admin)
    old = clock.wall() - timedelta(minutes=90)
    db.session.execute(db.update(UserSession).values(seen_at=old))
    db.session.commit()

    client.get("/account")

    assert db.session.scalar(db.select(UserSession.seen_at)) > old + timedelta(minutes=60)


def test_one_sees_where_one_is_signed_in_and_signs_out_there(cast, device):
    here, there = device(cast.asha), device(cast.asha, **{"User-Agent": FIREFOX})

    page = here.get("/account").text
    assert "Firefox, Windows" in page
    (action,) = re.findall(r"/account/sessions/\d+/end", page)
    answer = here.post(action)

    assert "Signed out there" in flashed(here.get(answer.location))
    assert is_in(here)
    assert not is_in(there)


def test_nobody_ends_the_session_of_another(cast, device):
    asha, ravi = device(cast.asha), device(cast.ravi)
    theirs = db.session.scalar(
        db.select(UserSession.id).where(UserSession.user_id == cast.ravi.user.id)
    )

    assert asha.post(f"/account/sessions/{theirs}/end").status_code == 404
    assert is_in(ravi)


@pytest.mark.parametrize("act", ["password", "everywhere"])
def test_a_new_password_and_signing_out_everywhere_end_all_sessions_and_links(
    client, cast, device, act
):
    here, there = device(cast.asha), device(cast.asha)
    link = url_of(transaction(make_link, cast.asha, "reset")).removeprefix("http://localhost")
    assert client.get(link).status_code == 200

    if act == "password":
        answer = here.post("/account/password", data={"current": PASSWORD, "password": NEW})
        assert answer.status_code == 303
    else:
        here.post("/account/sessions/end")

    assert not is_in(there)
    assert client.get(link).status_code == 410
    assert is_in(here) is (act == "password"), "who chose a new password stays"
    if act == "password":
        device(cast.asha, NEW)


@pytest.mark.parametrize(
    ("current", "new", "says"),
    [
        ("wrong", NEW, "This is not your password."),
        (PASSWORD, "password2026!", "Many people use this password"),
        (PASSWORD, "Qwertyuiop", "Many people use this password"),
        (PASSWORD, "asharao2010", "Do not use your name"),
        (PASSWORD, "futurefounders", "Do not use your name"),
        (PASSWORD, "short", "at least 10 characters"),
        (PASSWORD, "", "Choose a password."),
    ],
)
def test_a_password_that_will_not_do_is_said_beside_its_field(client, cast, current, new, says):
    client.sign_in(cast.asha)

    answer = client.post("/account/password", data={"current": current, "password": new})

    assert answer.status_code == 422
    assert says in answer.text


def test_an_admin_changes_their_name_and_a_student_does_not(client, cast):
    client.sign_in(cast.admin)
    answer = client.post("/account/name", data={"name": "Vikram R.", "revision": "1"})
    assert answer.status_code == 303
    assert cast.admin.name == "Vikram R."

    client.sign_in(cast.asha)
    answer = client.post("/account/name", data={"name": "Queen", "revision": "1"})
    assert answer.status_code == 404


def test_a_form_that_comes_after_its_session_has_ended_is_kept(client, cast):
    client.sign_in(cast.admin)
    client.get("/admin/cohorts/new")
    transaction(sessions.end_all, cast.admin.user)

    page = client.post(
        "/admin/cohorts/new", data={"name": "Spring"}, headers={"Origin": "http://localhost"}
    )

    assert page.status_code == 419
    assert "Spring" in page.text
