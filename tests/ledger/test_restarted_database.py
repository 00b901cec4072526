"""Postgres crashes and comes back while everybody is at work."""

import os
import shutil
import sys
from contextlib import contextmanager, suppress

import psutil
import psycopg
import pytest

from ffapp.local.postgres import PrivatePostgres
from ffapp.local.postgres_cluster import find_server
from tests.conftest import ROOT
from tests.processes import witness
from tests.processes.poll import PATIENCE, poll
from tests.processes.running_app import RunningApp

CLASSES, STUDENTS = 10, 6
MAILS = STUDENTS + 3  # and Asha, Ravi and Kabir, of whom the last gets none


@pytest.fixture
def own_postgres():
    """A cluster that nobody else uses, since it will crash; gone afterwards."""
    postgres = PrivatePostgres(ROOT / "var" / f"postgres-crash-{os.getpid()}", fsync=False)
    with postgres:
        yield postgres
    shutil.rmtree(postgres.directory)


@pytest.fixture
def own_app(own_postgres, tmp_path, request):
    failed_before = request.session.testsfailed
    url = own_postgres.create_database("crash")
    with RunningApp(url, tmp_path) as running_app, witness.looking_at(url):
        yield running_app.migrate().open()
        if request.session.testsfailed > failed_before:
            sys.stdout.write(running_app.logs())


def test_everybody_recovers_and_nothing_is_lost_or_doubled(own_postgres, own_app):
    own_app.busy_day(CLASSES, STUDENTS)
    worker = own_app.worker()
    poll(lambda: witness.count("state = 'sent'") > MAILS * 3, "they are in the middle of it")

    with _nobody_let_in(own_postgres, own_app):
        _crash(own_postgres)
        poll(lambda: own_app.health()[0] == 503, "the web says that the database is away")
        poll(lambda: worker.says("worker.begins_again"), "the worker begins again")

    poll(lambda: own_app.health()[0] == 200, "the web is well")
    own_app.busy_day(1)
    poll(lambda: witness.meetings_at_zoom(f"Class {CLASSES + 1}"), "the worker works")
    poll(_all_is_settled, "all is done")
    assert worker.running
    _check()


def _crash(postgres):
    """Kill the server with all its processes; its guard starts it again on the same port."""
    server = find_server(postgres.data)
    for process in (server, *server.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    server.wait(PATIENCE)
    poll(postgres.answers, "Postgres is back")


@contextmanager
def _nobody_let_in(postgres, running_app):
    """The database turns everybody away in the block, as it does while it recovers from much."""
    name = running_app.environment["DATABASE_URL"].rpartition("/")[2]
    _alter(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    try:
        yield
    finally:
        _alter(postgres, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def _alter(postgres, statement):
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(statement)


def _all_is_settled():
    mails = "kind = 'email' AND rule = 'class_scheduled'"
    return (
        witness.count(mails) == MAILS * (CLASSES + 1)
        and not witness.count(f"{mails} AND state IN ('planned', 'sending')")
        and not witness.count("kind = 'zoom.create' AND state <> 'sent'")
        and not witness.sql(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            " AND task_name IN ('events.follow', 'webhooks.handle', 'simulator.deliver')"
        )
    )


def _check():
    witness.assert_nothing_twice()
    for number in range(1, CLASSES + 2):
        assert len(witness.meetings_at_zoom(f"Class {number}")) == 1
    counts = witness.journal_counts()
    unknown = 0
    for row in witness.ledger("rule = 'class_scheduled' AND state <> 'withheld'"):
        mails = counts.get(("mail", str(row.id)), 0)
        # A mail may have been on its way when SendGrid's own memory went.
        assert (row.state, mails) in {("sent", 1), ("uncertain", 0), ("uncertain", 1)}, row
        unknown += row.state == "uncertain"
    assert unknown <= 2 * MAILS  # what one worker can have in hand, and little more
    # What has a queueing lock comes again by itself; a sweep may have broken in the very minute.
    failed = (
        "SELECT string_agg(task_name, ' ') FROM procrastinate_jobs"
        " WHERE status = 'failed' AND queueing_lock IS NULL"
    )
    assert witness.sql(failed) is None
