"""Today: the next class, the week, and that its list costs no more for many."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from ffapp.classes import phase
from ffapp.classes.models import Join, MeetingInstance
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.people.consent_records import record_consent
from ffapp.people.models import Consent
from ffapp.providers.registry import PROVIDERS
from ffapp.providers.simulating import store
from tests.app.test_queries import newcomers
from tests.web.admin.today_list import break_mails
from tests.zoom_posts import post, started


def test_the_next_class_stands_there_with_its_one_button(client, cast, worker, travel):
    cast.schedule("Later", hours=30)
    session = cast.schedule("Soon", hours=1)
    worker.drain()
    page = client.get("/admin/today").text
    assert page.index(">Soon</a>") < page.index("Start as host")
    assert "Later" not in page

    travel.to(session.starts_at)
    db.session.refresh(session)
    post(client, started(session.zoom_meeting_id, travel.now))
    worker.drain()

    assert "Live now" in client.get("/admin/today").text


def test_the_figures_are_those_of_the_week_against_the_week_before(client, cast, worker, travel):
    cast.schedule(hours=200)
    worker.drain()
    page = client.get("/admin/today").text
    sent = re.search(r"Messages sent</span><span class=\"stat-value\">(\d+)", page)
    assert sent.group(1) == "2"

    travel.forward(days=8)

    page = client.get("/admin/today").text
    assert re.search(r"Messages sent</span><span class=\"stat-value\">0", page)
    assert "-2" in page


def test_the_figures_lead_to_the_classes_that_are_over(client, cast, travel):
    cast.schedule("Long ago", hours=1)
    travel.forward(hours=5)
    page = client.get("/admin/today").text
    href = re.search(r'href="([^"]+)"[^>]*>\s*<span class="stat-label">Classes held', page)

    assert ">Long ago</a>" in client.get(html.unescape(href.group(1))).text


@pytest.mark.parametrize(
    ("fragment", "tables"),
    [
        ("next-class", {"FROM procrastinate_jobs", "FROM recording_views"}),
        ("alerts", {"FROM recording_views"}),
    ],
)
def test_a_part_that_asks_again_costs_its_own(client, cast, queries, fragment, tables):
    cast.schedule("Soon", hours=1)
    headers = {"HX-Request": "true", "HX-Target": fragment}

    with queries() as seen:
        part = client.get("/admin/today", headers=headers).text

    assert f'id="{fragment}"' in part
    assert not {table for table in tables if any(table in each for each in seen)}


def test_the_page_asks_as_often_for_many_alerts_as_for_few(cast, client, worker, queries):
    def count():
        client.get("/admin/today")
        with queries() as seen:
            client.get("/admin/today")
        return len(seen)

    cast.cohort.seats = 100
    db.session.commit()
    transaction(newcomers, cast, range(1))
    break_mails(cast, worker, 1)
    few = count()
    transaction(newcomers, cast, range(1, 4))
    break_mails(cast, worker, 9)

    assert count() == few <= 12


def test_the_first_steps_go_when_the_last_is_done(client, cast):
    db.session.execute(db.delete(Consent))
    db.session.commit()
    page = client.get("/admin/today").text
    assert "First steps" in page
    assert [page.count(each) for each in ("Create a cohort", "Add students")] == [0, 0]
    assert "Open the students" in page
    assert "Schedule a class" in page

    cast.schedule(hours=30)
    assert "Open the students" in client.get("/admin/today").text

    record_consent(cast.asha.guardians[0], "account", True, cast.admin)
    db.session.commit()
    assert "First steps" not in client.get("/admin/today").text


def test_in_an_empty_programme_each_step_leads_where_it_is_done(client, cast):
    db.session.execute(text("TRUNCATE cohorts, enrolments CASCADE"))
    db.session.commit()

    page = client.get("/admin/today").text

    assert page.count('href="/admin/cohorts/new"') == 2


def test_the_connections_are_those_that_the_doctor_knows(client, cast, worker):
    assert client.get("/admin/today").text.count("Not checked yet.") == len(PROVIDERS)
    store.set_switch("zoom", "scopes", ["meeting:read:admin"])

    run = client.post("/admin/connections").location
    worker.drain()

    page = client.get(run).text
    assert "Zoom: " in page
    assert "meeting:write:meeting:admin" in page
    page = client.get("/admin/today").text
    assert "Not checked yet." not in page
    assert "takes the key, which may send mail" in page
    assert page.count('aria-label="To do"') == 2, "Zoom, and the first class"


def test_a_press_that_makes_no_sense_is_answered_plainly(client):
    assert client.post("/admin/today/messages", data={"effect_id": "x"}).status_code == 404
    assert client.post("/admin/today/jobs/999", data={}).status_code == 303
    assert client.post("/admin/today/refusals/999", data={}).status_code == 404
    assert client.post("/admin/today/tries", data={"channel": "%"}).status_code == 303


def test_a_class_that_goes_on_over_its_time_stays_there(client, cast, travel):
    session = cast.schedule("Pricing", hours=0.1)
    db.session.add(
        MeetingInstance(session_id=session.id, zoom_uuid="a", started_at=session.starts_at)
    )
    phase.decide_instances(session)
    db.session.commit()
    travel.forward(hours=2)

    assert "Pricing" in client.get("/admin/today?", headers={"HX-Target": "next-class"}).text


def test_one_student_on_three_days_is_one_who_joined(client, cast):
    session = cast.schedule(hours=1)
    for days in (1, 2, 3):
        at = clock.now() - timedelta(days=days)
        db.session.add(Join(session_id=session.id, person_id=cast.asha.id, at=at))
    db.session.commit()

    assert figure("Students who joined", client) == "1"


def test_a_rehearsal_is_no_class_that_was_held(client, cast):
    session = cast.schedule(hours=30)
    for name, minutes in (("a", 300), ("b", 200)):
        began = clock.now() - timedelta(minutes=minutes)
        over = began + timedelta(minutes=10)
        db.session.add(
            MeetingInstance(
                session_id=session.id,
                zoom_uuid=name,
                started_at=began,
                ended_at=over,
                state="outside",
            )
        )
    db.session.commit()

    assert figure("Classes held", client) == "0"


def figure(label, client):
    page = client.get("/admin/today").text
    return re.search(rf"{label}</span><span class=\"stat-value\">(\d+)", page).group(1)
