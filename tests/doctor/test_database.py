"""What the doctor says of the database and its migrations."""

import pytest
from sqlalchemy import text

from ffapp.core.db import db
from ffapp.core.schema import newest_migration
from ffapp.doctor import database
from ffapp.doctor.findings import Mark
from tests.web.test_health import migration


@pytest.fixture
def two_connections(context):
    """The database allows two connections; to a superuser it allows more, and still says so."""
    name = db.session.scalar(text("SELECT current_database()"))
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT 2"))
    yield
    with db.engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} CONNECTION LIMIT -1"))


def only(findings):
    (finding,) = findings
    return finding


def test_it_says_how_many_connections_are_held_of_how_many(context, settings):
    said = only(database.look(settings))

    assert said.mark is Mark.OK
    assert "allows 200 connections; the app holds up to 21," in said.says


def test_too_few_connections_are_wrong(two_connections, settings):
    said = only(database.look(settings))

    assert said.mark is Mark.WRONG
    assert "allows 2 connections, and the app holds up to 21" in said.says


@pytest.mark.parametrize(("web_processes", "connections"), [(1, 18), (2, 21)])
def test_the_numbers_are_those_of_the_manual(settings, web_processes, connections):
    assert database.connections_needed(settings, web_processes) == connections


def test_so_many_web_processes_are_counted_as_run(context, settings, monkeypatch):
    monkeypatch.setenv("WEB_CONCURRENCY", "70")

    assert only(database.look(settings)).mark is Mark.WRONG


def test_migrations_that_are_behind_are_wrong(context, settings):
    assert newest_migration() in only(database.look_at_migrations(settings)).says

    with migration("0000_before"):
        said = only(database.look_at_migrations(settings))
        db.session.rollback()

    assert said.mark is Mark.WRONG
    assert said.says.endswith("Run: flask --app wsgi:migrations db upgrade")
