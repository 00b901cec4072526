"""The month as admins and students see it: each class on its day in the right zone."""

import html
import re
from datetime import UTC, datetime

import pytest

from ffapp.classes.schedule import Plan, cancel, schedule
from ffapp.core.db import db, transaction
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from tests.cast import HOST

NOW = datetime(2026, 12, 3, 6, 30, tzinfo=UTC)
LATE = datetime(2026, 12, 5, 19, 0, tzinfo=UTC)  # Sunday half past midnight in Kolkata


@pytest.fixture(autouse=True)
def clock_of_the_test(travel):
    travel.to(NOW)


def days(answer):
    """Day → what stands on it, of the days on which something does."""
    assert answer.status_code == 200
    found = {}
    for cell in re.findall(r"<td.*?</td>", answer.text, re.S):
        entries = re.findall(r'<li class="month-entry.*?</li>', cell, re.S)
        if entries:
            day = re.search(r'<time datetime="(\d{4}-\d\d-\d\d)"', cell).group(1)
            found[day] = [words(each) for each in entries]
    return found


def words(part):
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", part).split()))


@pytest.fixture
def month(client, cast):
    """The admin's month."""
    client.sign_in(cast.admin)
    return lambda query="?month=2026-12": client.get(f"/admin/classes/month{query}")


def test_it_is_a_table_with_a_caption_and_a_head_for_each_weekday(month):
    page = month().text

    assert '<caption class="sr-only">Classes in December 2026</caption>' in page
    assert page.count('<th scope="col">') == 7
    assert len(re.findall(r'<td class="month-day', page)) == 31
    assert page.count('<td class="month-blank">') == 4
    first = re.search(r"<tbody><tr>(.*?)</tr>", page, re.S).group(1)
    assert words(first).split()[:2] == ["Tuesday", "1"], "the week begins on Monday"


def test_today_is_marked_with_a_word(month):
    page = month().text

    (today,) = re.findall(r'<td[^>]*aria-current="date">.*?</td>', page, re.S)
    assert words(today).startswith("Thursday 3 December Today")
    assert 'aria-current="date"' not in month("?month=2027-01").text


def test_an_admin_sees_each_class_in_its_cohorts_zone(month, cast, london):
    cast.schedule_at("Owls", LATE)
    wanted = Plan("Drill", "", LATE, 60, HOST)
    transaction(schedule, london, wanted, cast.admin)

    assert days(month()) == {
        "2026-12-05": ["7:00 pm GMT Drill London Scheduled"],
        "2026-12-06": ["12:30 am IST Owls Winter 2026 Scheduled"],
    }


def test_a_class_at_the_edge_stands_in_the_month_of_its_zone(month, cast):
    cast.schedule_at("New year", datetime(2026, 12, 31, 19, 0, tzinfo=UTC))

    assert days(month()) == {}
    assert list(days(month("?month=2027-01"))) == ["2027-01-01"]


def test_a_cancelled_class_is_struck_and_says_so(month, cast):
    session = cast.schedule_at("Pricing", LATE)
    transaction(cancel, session, "", 1, cast.admin)

    page = month()

    assert "<s>Pricing</s>" in page.text
    assert days(page)["2026-12-06"] == ["12:30 am IST Pricing Winter 2026 Cancelled"]


def test_one_cohort_can_be_looked_at_alone(month, cast, london):
    cast.schedule_at("Owls", LATE)

    assert days(month(f"?month=2026-12&cohort={london.id}")) == {}
    alone = month(f"?month=2026-12&cohort={cast.cohort.id}")
    assert days(alone) == {"2026-12-06": ["12:30 am IST Owls Scheduled"]}
    assert f"/admin/classes/month?month=2027-01&amp;cohort={cast.cohort.id}" in alone.text
    assert f"/admin/classes?when=past&amp;cohort={cast.cohort.id}" in alone.text


def test_one_can_go_back_and_forth_and_to_today(month):
    page = month("?month=2027-01").text

    assert re.search(r'rel="prev" href="/admin/classes/month\?month=2026-12"', page)
    assert re.search(r'rel="next" href="/admin/classes/month\?month=2027-02"', page)
    assert re.search(r'href="/admin/classes/month\?month=2026-12">Today', page)
    assert ">Today</a>" not in month().text, "one is there already"


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("", "December 2026"),
        ("2026-13", "December 2026"),
        ("next", "December 2026"),
        ("1999-05", "January 2020"),
        ("9999-05", "December 2100"),
        ("2028-02", "February 2028"),
    ],
)
def test_any_address_shows_a_month(month, typed, title):
    assert f'<h2 id="month-title">{title}</h2>' in month(f"?month={typed}").text


def test_beyond_the_first_and_the_last_month_no_link_leads(month):
    assert 'rel="prev"' not in month("?month=2020-01").text
    assert 'rel="next"' not in month("?month=2100-12").text


def test_an_empty_month_says_so(month):
    assert "No class in May 2027" in month("?month=2027-05").text


def test_htmx_gets_the_month_alone(client, month):
    part = client.get(
        "/admin/classes/month?month=2026-12",
        headers={"HX-Request": "true", "HX-Target": "month-view"},
    ).text

    assert part.lstrip().startswith('<div class="stack" id="month-view">')


def test_the_lists_lead_to_the_month_and_back(client, month, cast):
    assert 'href="/admin/classes/month"' in client.get("/admin/classes").text
    assert 'href="/admin/classes"' in month().text
    client.sign_in(cast.asha)
    assert 'href="/schedule/month"' in client.get("/schedule").text
    page = client.get("/schedule/month").text
    assert 'href="/schedule?past=1"' in page
    assert re.search(r'nav-item" href="/schedule" aria-current="page"', page)


@pytest.fixture
def own_month(client, cast):
    """Asha's month."""
    client.sign_in(cast.asha)
    return lambda query="?month=2026-12": client.get(f"/schedule/month{query}")


def test_a_student_sees_their_classes_in_their_own_zone(own_month, cast):
    cast.schedule_at("Owls", LATE)

    assert days(own_month()) == {"2026-12-06": ["12:30 am IST Owls Scheduled"]}

    cast.asha.time_zone = "Europe/London"
    db.session.commit()
    page = own_month()
    assert days(page) == {"2026-12-05": ["7:00 pm GMT Owls Scheduled"]}
    assert "The times are yours, in Europe/London." in page.text
    assert "Winter 2026 is held in Asia/Kolkata." in page.text


def test_a_student_sees_the_classes_of_their_seats_alone(own_month, cast, london):
    cast.schedule_at("Owls", LATE)
    transaction(schedule, london, Plan("Drill", "", LATE, 60, HOST), cast.admin)
    assert len(days(own_month())) == 1

    transaction(enrol, london, cast.asha, cast.admin)
    assert "7:00 pm GMT Drill London Scheduled" in days(own_month())["2026-12-05"]

    transaction(withdraw, enrolment_of(cast.cohort, cast.asha), cast.admin)
    assert list(days(own_month())) == ["2026-12-05"]
