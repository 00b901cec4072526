"""The smallest database that is sold has twenty connections: all of us fit into them."""

import os
import secrets
import threading
import time

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from tests.processes import witness
from tests.processes.poll import poll
from tests.processes.running_app import RunningApp

LIMIT = 20
CLASSES, STUDENTS, VISITORS = 6, 4, 8


@pytest.fixture
def small_database(postgres):
    """A database of twenty connections and its owner, who is no superuser."""
    name = f"small_{os.getpid()}"
    password = secrets.token_hex(8)
    _run(
        postgres.url,
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f"DROP ROLE IF EXISTS {name}",
        f"CREATE ROLE {name} LOGIN PASSWORD '{password}'",
        f"CREATE DATABASE {name} OWNER {name} CONNECTION LIMIT {LIMIT}",
    )
    url = make_url(postgres.url).set(username=name, password=password, database=name)
    yield url.render_as_string(hide_password=False)
    _run(postgres.url, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}")


def test_web_worker_and_simulators_fit_into_twenty_connections(postgres, small_database, tmp_path):
    name = small_database.rpartition("/")[2]
    with RunningApp(small_database, tmp_path) as running_app, _Peak(postgres.url, name) as peak:
        running_app.migrate().busy_day(CLASSES, STUDENTS)
        running_app.open(web_processes=2).worker()
        # The witness looks as a superuser, who does not count against the limit.
        as_superuser = make_url(postgres.url).set(database=name)
        with _visitors(running_app), witness.looking_at(as_superuser):
            poll(_all_is_sent, "all is done")

        assert "too many connections" not in running_app.logs(lines=10_000)
        assert 10 < peak.value <= LIMIT


def _all_is_sent():
    sent = witness.count("rule = 'class_scheduled' AND state = 'sent'")
    meetings = witness.count("kind = 'zoom.create' AND state = 'sent'")
    return (sent, meetings) == ((STUDENTS + 2) * CLASSES, CLASSES)


class _visitors:  # noqa: N801 (reads as a word where it is used)
    """People who look at pages all the time while the block runs."""

    def __init__(self, running_app):
        self.url = running_app.url_of("web")
        self.enough = threading.Event()
        self.threads = [threading.Thread(target=self._visit) for _ in range(VISITORS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, *exception):
        self.enough.set()
        for thread in self.threads:
            thread.join()

    def _visit(self):
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as client:
            while not self.enough.is_set():
                assert client.get("/healthz").status_code in (200, 503)


class _Peak(threading.Thread):
    """The most connections that the database had while the block ran."""

    def __init__(self, url, name):
        super().__init__()
        self.url, self.name_of_database, self.value = url, name, 0
        self.enough = threading.Event()

    def run(self):
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.enough.is_set():
                row = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s",
                    (self.name_of_database, self.name_of_database),
                ).fetchone()
                self.value = max(self.value, row[0])
                time.sleep(0.05)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.enough.set()
        self.join()


def _run(url, *statements):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
