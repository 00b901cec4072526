"""What the doctor says of the periodic jobs."""

import re
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.doctor import periodic
from ffapp.doctor.findings import Mark
from tests.processes import witness

HOURLY, MINUTELY, OFTEN = "recordings.sync", "meetings.check_live", "jobs.rescue"
HOUR = 3600


def came(name, seconds_ago, status=None):
    """That job was last asked for so long ago; with a status, it still stands in the queue."""
    job_id = None
    if status:
        job_id = witness.sql(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status,"
            " attempts) VALUES ('sweeps', :name, 0, '{}',"
            " CAST(:status AS procrastinate_job_status), 0) RETURNING id",
            name=name,
            status=status,
        )
    db.session.execute(
        text(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, job_id)"
            " VALUES (:name, :at, :job_id)"
        ),
        {"name": name, "at": int(clock.wall().timestamp() - seconds_ago), "job_id": job_id},
    )
    db.session.commit()


@pytest.fixture
def listening(context):
    """A worker listens, since just now."""
    address = config.current().libpq_url
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute('LISTEN "procrastinate_queue_v1#sweeps"')
        yield connection


def of(name, settings):
    found = {each.what: each for each in periodic.look(settings)}
    db.session.rollback()
    return found[name]


def test_each_of_the_manual_has_its_line(context, settings):
    manual = (Path(__file__).parents[2] / "docs" / "running.md").read_text()
    listed = re.findall(r"^\| `(.+?)` \| every ", manual, re.MULTILINE)

    assert sorted(each.what for each in periodic.look(settings)) == sorted(listed)


@pytest.mark.parametrize(
    ("name", "seconds_ago"), [(OFTEN, 7), (MINUTELY, 70), (HOURLY, 2 * HOUR - 120)]
)
def test_one_that_came_when_it_should_is_well(context, settings, name, seconds_ago):
    came(name, seconds_ago)

    said = of(name, settings)

    assert said.mark is Mark.OK
    assert said.says.startswith("Last asked for at ")


@pytest.mark.parametrize(
    ("name", "seconds_ago"), [(OFTEN, 90), (MINUTELY, 5 * 60), (HOURLY, 4 * HOUR + 60)]
)
def test_one_that_is_late_by_more_than_two_periods_is_wrong(context, settings, name, seconds_ago):
    came(name, seconds_ago)

    said = of(name, settings)

    assert said.mark is Mark.WRONG
    assert "it is late by" in said.says


def test_the_last_time_counts(context, settings):
    came(HOURLY, 9 * HOUR)
    came(HOURLY, 60)

    assert of(HOURLY, settings).mark is Mark.OK


def test_one_that_is_stuck_is_late_and_its_line_says_so(context, settings):
    came(MINUTELY, 600, status="doing")

    said = of(MINUTELY, settings)

    assert said.mark is Mark.WRONG
    assert "and is being done; it is late by" in said.says


def test_one_that_broke_is_wrong_although_it_is_not_late(context, settings):
    came(HOURLY, 60, status="failed")

    said = of(HOURLY, settings)

    assert said.mark is Mark.WRONG
    assert "it broke; the log says why" in said.says


def test_one_that_has_never_come_is_wrong_where_nobody_works(context, settings):
    said = of(HOURLY, settings)

    assert said.mark is Mark.WRONG
    assert "It has never come" in said.says


def test_a_worker_that_has_just_begun_owes_nothing(listening, settings):
    came(MINUTELY, 9 * HOUR)

    assert of(MINUTELY, settings).mark is Mark.OK
    never = of(HOURLY, settings)
    assert (never.mark, never.says[:18]) == (Mark.OK, "It has not come ye")


def test_a_worker_that_has_listened_for_long_does(listening, settings, monkeypatch):
    monkeypatch.setattr(clock, "wall", lambda start=clock.wall: start() + 4 * clock.minutes(60))

    assert of(HOURLY, settings).mark is Mark.WRONG
