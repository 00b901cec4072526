"""Scheduling weekly classes through the form: what is asked, by date, and what is made."""

import html
import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db, transaction
from ffapp.programme.cohorts import create_cohort
from tests.browse import flashed
from tests.web.admin.looking import hidden

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def admin(client, cast, travel):
    client.sign_in(cast.admin)
    travel.to(NOON)


@pytest.fixture
def facts(cast):
    return {
        "cohort_id": cast.cohort.id,
        "title": "Week {n}: Pricing",
        "day": "2026-12-05",
        "at": "17:00",
        "minutes": "60",
        "times": "4",
        "host": "educator@futurefounders.example",
    }


@pytest.fixture
def london(cast):
    return transaction(
        create_cohort,
        name="London",
        starts_on=date(2027, 1, 1),
        ends_on=date(2027, 12, 31),
        seats=5,
        time_zone="Europe/London",
        by=cast.admin,
    )


def classes():
    db.session.rollback()
    return db.session.scalars(select(ClassSession).order_by(ClassSession.id)).all()


def post(client, facts, **more):
    return client.post("/admin/classes/new", data={**facts, **more})


def asked(answer):
    """The questions of the form, as lines."""
    assert answer.status_code == 422
    part = answer.text.split('id="questions"')[1].split("</ul>")[0]
    lines = re.findall(r"<li>(.*?)</li>", part, re.S)
    return [html.unescape(line) for line in lines]


def confirmed(answer):
    tag = re.search(r'<button[^>]*name="confirmed"[^>]*>', answer.text).group(0)
    return re.search(r'value="([^"]*)"', tag).group(1)


def test_four_weeks_are_made_in_one_go(client, cast, facts):
    answer = post(client, facts)

    assert answer.status_code == 303
    assert [each.title for each in classes()] == [f"Week {n}: Pricing" for n in (1, 2, 3, 4)]
    assert [each.starts_at.day for each in classes()] == [5, 12, 19, 26]
    page = client.get(answer.location)
    assert "4 weekly classes are scheduled from Sat 5 Dec, 5:00 pm IST" in flashed(page)
    assert "Week 4: Pricing" in page.text


def test_without_a_number_the_title_is_the_same(client, facts):
    post(client, facts, title="Pricing")

    assert {each.title for each in classes()} == {"Pricing"}


def test_a_double_click_makes_one_series(client, facts):
    facts["submission"] = hidden(client.get("/admin/classes/new"), "submission")

    first, twin = post(client, facts), post(client, facts)

    assert len(classes()) == 4
    assert first.location == twin.location


def test_the_form_says_what_the_number_does_and_an_edit_has_none(client, cast, facts):
    form = client.get("/admin/classes/new").text
    assert "{n} becomes the number of the class" in form
    assert 'name="times"' in form

    session = cast.schedule(hours=2)
    assert 'name="times"' not in client.get(f"/admin/classes/{session.id}/edit").text


@pytest.mark.parametrize("times", ["0", "53", "-1", "many"])
def test_how_many_is_a_number_to_52(client, facts, times):
    answer = post(client, facts, times=times)

    assert answer.status_code == 422
    assert "Give a" in answer.text
    assert classes() == []


def test_the_local_hour_stays_across_summer_time(client, facts, london):
    answer = post(client, facts, cohort_id=london.id, day="2027-03-20", times="3")

    assert answer.status_code == 303
    assert [each.starts_at.hour for each in classes()] == [17, 17, 16]


def test_an_hour_that_is_skipped_begins_at_the_first_one_that_exists(client, facts, london):
    wanted = {**facts, "cohort_id": london.id, "day": "2027-03-21", "at": "01:30"}

    first = post(client, wanted)

    assert asked(first) == [
        "Sun 21 Mar 2027: 1:30 am GMT is in the night.",
        "Sun 28 Mar 2027: 2:00 am BST is in the night.",
        "Sun 4 Apr 2027, Sun 11 Apr 2027: 1:30 am BST is in the night.",
    ]
    assert classes() == []
    assert post(client, wanted, confirmed=confirmed(first)).status_code == 303
    assert [each.starts_at.hour for each in classes()] == [1, 1, 0, 0]


def test_a_clash_is_asked_about_by_its_date(client, cast, facts):
    cast.schedule_at("Selling", datetime(2026, 12, 19, 11, 0, tzinfo=UTC))

    (line,) = asked(post(client, facts))

    assert line.startswith("Sat 19 Dec 2026: educator@futurefounders.example hosts “Selling”")


def test_what_is_odd_about_all_of_them_is_said_once(client, facts):
    assert asked(post(client, facts, at="23:30")) == [
        "All 4 classes: 11:30 pm IST is in the night."
    ]


def test_dates_outside_the_cohort_are_asked_about(client, facts):
    assert asked(post(client, facts, day="2027-02-20", times="3")) == [
        "Sat 6 Mar 2027: This is after the last day of Winter 2026, 28 Feb 2027."
    ]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2027-03-01", "This is after the last day of Winter 2026, 28 Feb 2027."),
        ("2026-10-31", "This is before the first day of Winter 2026, 1 Nov 2026."),
    ],
)
def test_a_single_class_outside_its_cohort_is_asked_about_too(client, facts, day, words):
    assert words in asked(post(client, facts, day=day, times="1"))


def test_the_last_day_of_the_cohort_is_within_it(client, facts):
    assert post(client, facts, day="2027-02-28", times="1").status_code == 303


def test_an_answer_counts_for_exactly_these_dates(client, facts):
    first = post(client, facts, at="23:30")

    assert post(client, facts, at="23:30", times="5", confirmed=confirmed(first)).status_code == 422
    assert classes() == []
    answer = post(client, facts, at="23:30", confirmed=confirmed(first))
    assert answer.status_code == 303


def test_many_dates_cost_no_more_questions_to_check(client, cast, facts, queries):
    def count(times):
        with queries() as seen:
            assert post(client, facts, at="23:30", times=times).status_code == 422
        return len(seen)

    cast.schedule_at("Selling", datetime(2026, 12, 19, 11, 0, tzinfo=UTC))
    assert count("52") <= count("2") + 1


def test_the_class_and_its_cohort_say_what_happened(client, cast, facts, worker):
    post(client, facts)
    worker.drain()

    page = html.unescape(client.get(f"/admin/classes/{classes()[1].id}").text)
    assert "Class 2 of 4 that were made in one go" in page
    assert "Weekly classes scheduled" in page, "what the students were told"
    assert (
        f"subject=cohort%3D{cast.cohort.id}" in page or f"subject=cohort={cast.cohort.id}" in page
    )
    cohort = html.unescape(client.get(f"/admin/cohorts/{cast.cohort.id}").text)
    assert "scheduled 4 weekly classes from Sat 5 Dec, 5:00 pm IST to Sat 26 Dec" in cohort
    messages = client.get(f"/admin/messages?subject=cohort={cast.cohort.id}").text
    assert "Winter 2026" in messages
    assert messages.count("Weekly classes scheduled") >= 3
