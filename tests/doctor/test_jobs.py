"""What the doctor says of jobs that broke or wait, and of posts that were refused."""

import pytest

from ffapp.core.db import db, transaction
from ffapp.core.jobs import defer
from ffapp.doctor import jobs
from ffapp.doctor.finding import Mark
from ffapp.webhooks import inbox
from tests.processes import witness


@pytest.fixture
def waiting(context):
    """Two jobs that wait for a worker."""
    for provider in ("zoom", "sendgrid"):
        transaction(defer, inbox.handle_waiting, provider=provider)


def only(findings):
    (finding,) = findings
    db.session.rollback()
    return finding


def test_a_job_that_broke_is_wrong_and_named(waiting, settings):
    assert only(jobs.look_at_failed(settings)).mark is Mark.OK

    witness.sql("UPDATE procrastinate_jobs SET status = 'failed'")

    said = only(jobs.look_at_failed(settings))
    assert said.mark is Mark.WRONG
    assert said.says.startswith("webhooks.handle (2). The worker's log says why")


def test_a_job_that_nobody_takes_is_wrong_after_a_while(waiting, settings):
    assert only(jobs.look_at_late(settings)).mark is Mark.OK

    witness.sql("UPDATE procrastinate_events SET at = now() - interval '10 minutes'")

    said = only(jobs.look_at_late(settings))
    assert said.mark is Mark.WRONG
    assert said.says.startswith("2 wait for a worker, the first for 10 min.")


def test_a_post_that_was_refused_is_worth_a_note_for_an_hour(context, settings, travel):
    assert only(jobs.look_at_refusals(settings)).mark is Mark.OK
    transaction(inbox.refuse, "zoom", "the signature does not fit the body")
    travel.forward(minutes=59)

    said = only(jobs.look_at_refusals(settings))
    assert said.mark is Mark.NOTE
    assert "/hooks/zoom was refused 59 min ago" in said.says
    assert "Compare ZOOM_WEBHOOK_SECRET" in said.says

    travel.forward(minutes=2)
    assert only(jobs.look_at_refusals(settings)).mark is Mark.OK


def test_each_reason_has_its_line(context, settings):
    for provider in ("aisensy", "sendgrid"):
        transaction(inbox.refuse, provider, "the signature is missing")

    notes = list(jobs.look_at_refusals(settings))

    assert [each.mark for each in notes] == [Mark.NOTE, Mark.NOTE]
