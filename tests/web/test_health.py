"""What /healthz says, and with which status."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from ffapp.core.db import db
from ffapp.core.jobs import STALLED_SECONDS
from ffapp.core.schema import newest_migration
from tests.processes.child import free_port

WELL = (200, {"ok": True, "troubles": []})


NO_WORKER = (
    "No worker runs: nothing is sent, made at Zoom or fetched until one is started (its process is"
    " called “worker”)."
)


def ill(trouble):
    return 503, {"ok": False, "troubles": [trouble]}


def health(client):
    answer = client.get("/healthz")
    return answer.status_code, answer.get_json()


def worker_seen(seconds_ago):
    """A worker whose last heartbeat was so long ago."""
    db.session.execute(
        text(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => :seconds))"
        ),
        {"seconds": seconds_ago},
    )
    db.session.commit()


@contextmanager
def migration(found: str | None) -> Iterator[None]:
    """The database is at this migration, or at none, while the block runs."""

    def say(revision: str | None) -> None:
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
            if revision:
                connection.execute(
                    text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision}
                )

    say(found)
    try:
        yield
    finally:
        say(newest_migration())


def test_with_a_worker_alive_all_is_well(client, context):
    worker_seen(seconds_ago=1)

    assert health(client) == WELL


def test_without_a_worker_it_is_ill(client, context):
    assert health(client) == ill(NO_WORKER)


def test_a_worker_that_has_been_silent_counts_as_dead(client, context):
    worker_seen(seconds_ago=STALLED_SECONDS + 1)
    assert health(client) == ill(NO_WORKER)

    worker_seen(seconds_ago=STALLED_SECONDS - 3)
    assert health(client) == WELL


@pytest.mark.parametrize("found", ["0000_before", None])
def test_a_database_that_is_behind_the_code_is_ill(client, context, found):
    worker_seen(seconds_ago=1)

    with migration(found):
        said = health(client)

    assert said == ill(f"The database is at migration {found}, the code at {newest_migration()}.")
    assert health(client) == WELL


def test_a_database_that_does_not_answer_is_ill(client, context, monkeypatch):
    nowhere = create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing")
    with monkeypatch.context() as elsewhere:
        elsewhere.setitem(db.engines, None, nowhere)

        assert health(client) == ill("The database does not answer.")


def test_a_page_that_gets_no_connection_says_so_and_asks_to_come_back(client, cast, sign_in):
    """All connections are taken for longer than anybody waits for one."""
    sign_in(cast.admin)

    def none_is_free(*asked, **options):
        raise NoConnectionFree("all taken")

    with mock.patch.object(db.engine, "connect", none_is_free):
        answer = client.get("/admin/today")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Try again in a few seconds" in answer.text
