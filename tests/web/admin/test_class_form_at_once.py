"""Two posts of the class form that overlap for certain: both are held up in the middle at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from ffapp.classes.models import ClassSession
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.people.invite import add_person
from ffapp.people.models import Role
from tests.cast import HOST
from tests.processes.poll import poll
from tests.web.admin.looking import hidden

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 12:00 in Kolkata
FIVE_PM = datetime(2026, 12, 5, 11, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(travel):
    travel.to(NOON)


@pytest.fixture
def browser(app, cast):
    """A browser of somebody's own, signed in."""

    def open_browser(person):
        browser = app.test_client()
        browser.sign_in(person)
        return browser

    return open_browser


@pytest.fixture
def other_admin(cast):
    return transaction(add_person, "Leela Nair", "leela@school.example", Role.ADMIN, by=cast.admin)


@pytest.fixture
def facts(cast):
    return {
        "title": "Pricing",
        "description": "How to find a price",
        "day": "2026-12-05",
        "at": "17:00",
        "minutes": "60",
        "host": HOST,
    }


@contextmanager
def held(statement, **values):
    """Hold a lock that the posts need, until the block ends."""
    with db.engine.connect() as connection, connection.begin():
        connection.execute(text(statement), values)
        yield


def count_waiting():
    """How many connections to this database wait for somebody's lock now."""
    return db.session.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )


def at_once(posts, held_by):
    """Send both posts at the same instant, and let go when both wait; answers both responses."""
    barrier = threading.Barrier(2)

    def send(post):
        barrier.wait(timeout=30)
        return post()

    with ThreadPoolExecutor(2) as threads:
        with held_by:
            answers = [threads.submit(send, post) for post in posts]
            poll(lambda: count_waiting() == 2, "both posts are in the middle of their work")
            assert not any(each.done() for each in answers)
        return [each.result(timeout=60) for each in answers]


def sessions():
    db.session.rollback()
    return db.session.scalars(select(ClassSession)).all()


def edit_of(browser, path, facts, **changes):
    """What the form of `path` would send, with these changes."""
    form = browser.get(path)
    keys = {name: hidden(form, name) for name in ("revision", "submission")}
    return {**facts, **keys, **changes}


def the_row_of(session):
    return held("SELECT 1 FROM sessions WHERE id = :id FOR UPDATE", id=session.id)


def events(name):
    return db.session.scalars(select(Event).where(Event.name == name)).all()


def test_a_double_click_that_overlaps_schedules_one_class(cast, browser, facts):
    admin = browser(cast.admin)
    facts["cohort_id"] = cast.cohort.id
    facts["submission"] = hidden(admin.get("/admin/classes/new"), "submission")
    clicks = [browser(cast.admin), browser(cast.admin)]

    answers = at_once(
        [lambda each=each: each.post("/admin/classes/new", data=facts) for each in clicks],
        held("LOCK TABLE sessions IN SHARE MODE"),  # until then, no class can be written
    )

    (session,) = sessions()
    there = f"/admin/classes/{session.id}"
    assert [(each.status_code, each.location) for each in answers] == [(303, there)] * 2
    assert len(events("class_scheduled")) == 1


def test_of_two_admins_who_save_at_the_same_instant_one_wins_and_the_other_is_told(
    cast, browser, facts, other_admin
):
    session = cast.schedule_at("Pricing", FIVE_PM)
    path = f"/admin/classes/{session.id}/edit"
    people = {"Worth": cast.admin, "Value": other_admin}
    browsers = {title: browser(person) for title, person in people.items()}
    wanted = {title: edit_of(browsers[title], path, facts, title=title) for title in people}

    answers = at_once(
        [lambda t=title: browsers[t].post(path, data=wanted[t]) for title in people],
        the_row_of(session),
    )

    by_title = dict(zip(people, answers, strict=True))
    won, lost = sorted(by_title, key=lambda title: by_title[title].status_code)
    assert [by_title[title].status_code for title in (won, lost)] == [303, 409]
    told = by_title[lost].text
    db.session.refresh(session)
    assert (session.title, session.revision) == (won, 2)
    assert "This class was changed while you were editing it" in told
    assert f"{people[won].name} renamed “Pricing” to “{won}”" in told
    assert f'value="{lost}"' in told, "the typing is kept"
    assert len(events("class_renamed")) == 1, "the students are told once"
