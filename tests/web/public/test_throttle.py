"""Failures are slowed for the place they come from: many addresses tried from one machine."""

from datetime import timedelta

import pytest

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.throttle import RATES, SignInFailures
from tests.cast import PASSWORD

SCHOOL, ELSEWHERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def try_from(app, cast):
    """Try to sign in from a place with a browser of its own; answers the status."""

    def attempt(place, email, password="wrong", **headers):
        return app.test_client().post(
            "/sign-in",
            data={"email": email, "password": password},
            environ_overrides={"REMOTE_ADDR": place},
            headers=headers,
        )

    return attempt


@pytest.fixture
def failed_before(cast):
    """So many failures were counted for a place, the last one just now or hours ago."""

    def count(place, times, hours_ago=0, kind="place"):
        last_at = clock.wall() - timedelta(hours=hours_ago)
        subject = f"{kind}:{place}"
        db.session.execute(db.delete(SignInFailures).where(SignInFailures.subject == subject))
        db.session.add(SignInFailures(subject=subject, count=times, last_at=last_at))
        db.session.commit()

    return count


def counted(place):
    db.session.rollback()
    return db.session.scalar(
        db.select(SignInFailures.count).where(SignInFailures.subject == f"place:{place}")
    )


def keep_recent(place):
    """Let no slow machine use up the two seconds that the next one has to wait at least."""
    db.session.execute(
        db.update(SignInFailures)
        .where(SignInFailures.subject == f"place:{place}")
        .values(last_at=clock.wall() + timedelta(seconds=30))
    )
    db.session.commit()


def test_failures_with_many_addresses_are_counted_for_their_place(try_from):
    for number in range(3):
        try_from(SCHOOL, f"guess-{number}@students.example")

    assert (counted(SCHOOL), counted(ELSEWHERE)) == (3, None)


def test_after_many_failures_from_one_place_the_next_has_to_wait(try_from, failed_before):
    failed_before(SCHOOL, RATES["place"].free - 1)

    last_free = try_from(SCHOOL, "one@students.example")
    keep_recent(SCHOOL)
    first_slowed = try_from(SCHOOL, "two@students.example")

    assert (last_free.status_code, first_slowed.status_code) == (422, 429)
    assert "Too many tries. Wait " in first_slowed.text
    assert counted(SCHOOL) == RATES["place"].free == 100, "what had to wait is not counted"


def test_who_has_signed_in_here_before_is_not_locked_out_by_others(
    app, try_from, failed_before, cast
):
    """Neither by those at the same place, nor by those who guess at the same address."""
    own = app.test_client()
    right = {"email": cast.asha.email, "password": PASSWORD}
    assert own.post("/sign-in", data=right).status_code == 303
    own.post("/sign-out")
    failed_before(SCHOOL, 140)
    failed_before(cast.asha.email, 40, kind="email")

    assert try_from(SCHOOL, cast.asha.email, PASSWORD).status_code == 429
    from_school = {"environ_overrides": {"REMOTE_ADDR": SCHOOL}}
    assert own.post("/sign-in", data=right, **from_school).status_code == 303


def test_the_mark_of_a_browser_is_for_its_owner_only(app, failed_before, cast):
    browser = app.test_client()
    browser.post("/sign-in", data={"email": cast.ravi.email, "password": PASSWORD})
    browser.post("/sign-out")
    failed_before(cast.asha.email, 40, kind="email")

    answer = browser.post("/sign-in", data={"email": cast.asha.email, "password": PASSWORD})

    assert answer.status_code == 429


def test_a_known_browser_may_not_guess_for_ever_either(app, cast):
    browser = app.test_client()
    browser.post("/sign-in", data={"email": cast.asha.email, "password": PASSWORD})
    browser.post("/sign-out")

    wrong = {"email": cast.asha.email, "password": "wrong"}
    statuses = [browser.post("/sign-in", data=wrong).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


def test_another_place_is_not_slowed(try_from, failed_before):
    failed_before(SCHOOL, 140)

    assert try_from(ELSEWHERE, "guess@students.example").status_code == 422


def test_a_made_up_header_is_no_other_place(try_from, failed_before):
    failed_before(SCHOOL, 140)

    answer = try_from(SCHOOL, "guess@students.example", **{"X-Forwarded-For": ELSEWHERE})

    assert answer.status_code == 429


def test_failures_of_yesterday_are_forgotten(try_from, failed_before):
    failed_before(SCHOOL, 140, hours_ago=25)

    assert try_from(SCHOOL, "guess@students.example").status_code == 422
    assert counted(SCHOOL) == 1
