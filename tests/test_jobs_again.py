"""A job that is asked for once more while its twin waits: one of the two stays."""

import pytest
from sqlalchemy import text

from ffapp.core.db import db, transaction
from ffapp.core.jobs import release_stalled, run_again

JOB = """
INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status, args)
VALUES ('sweeps', 'webhooks.sweep', :lock, CAST(:status AS procrastinate_job_status), '{}')
RETURNING id
"""


@pytest.fixture(autouse=True)
def _empty(cast):
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.commit()


def job(status, lock="sweep"):
    job_id = db.session.scalar(text(JOB), {"status": status, "lock": lock})
    db.session.commit()
    return job_id


def waiting():
    query = "SELECT id FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
    return list(db.session.scalars(text(query)))


def test_what_failed_gives_way_to_a_twin_that_waits():
    failed, twin = job("failed"), job("todo")

    assert transaction(run_again, failed)

    assert waiting() == [twin]
    assert db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 1


def test_of_two_stalled_twins_one_is_freed_and_others_are_not_held_up():
    job("doing")
    younger, other = job("doing"), job("doing", "other")

    assert transaction(release_stalled) == 3

    assert waiting() == [younger, other]
