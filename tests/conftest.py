"""One Postgres of our own for the whole run, one database for each xdist worker, real commits."""

import contextlib
import contextvars
import gc
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import flask
import flask_migrate
import httpx
import psycopg
import pytest
import structlog
from sqlalchemy import event, text

from ffapp import simulators
from ffapp.app import add_migrations, create_app
from ffapp.core import clock, config
from ffapp.core import settings as educator_settings
from ffapp.core.config import Settings
from ffapp.core.db import db, engine_options
from ffapp.local.postgres import PrivatePostgres
from ffapp.providers.registry import read_settings
from ffapp.providers.simulating import callbacks, store
from tests.browse import Browser
from tests.cast import Cast
from tests.cast_rows import CastRows
from tests.drain import Drain
from tests.order import pytest_collection_modifyitems  # noqa: F401 (a hook)
from tests.tables import empty

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {
    "SECRET_KEY": "a-secret-key-for-the-tests",
    "PUBLIC_URL": "http://localhost",
    "SIMULATORS_URL": "http://simulators.test",
    "SIMULATOR_SPEED": "0",
    "QUIET_HOURS": "off",  # the tests run at any hour; those about the night say so
    "PROVIDER_DEADLINE_SECONDS": "20",  # on a busy machine a call within the process takes long
}


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a test that waits for a process needs none."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Collect garbage less often: what is imported stays, and a test's own is little. Log errors
    as Python writes them: a traceback with all its variables takes a tenth of a second to draw."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """pytest-flask would share one session between a test and all requests it makes."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """The cluster of this run; xdist's workers share it."""
    with PrivatePostgres(ROOT / "var" / "postgres-tests", fsync=False, max_connections=200) as own:
        yield own


@pytest.fixture(scope="session")
def database_url(postgres: PrivatePostgres) -> Iterator[str]:
    """An empty database of this process's own, gone at its end."""
    name = f"test_{os.getpid()}"
    yield postgres.create_database(name)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def session_settings(database_url: str) -> Settings:
    return read_settings({**ENVIRONMENT, "DATABASE_URL": database_url})


# Read once, and again only when a test has changed them: pages ask as often each time.
educator_settings.RELOAD_SECONDS = float("inf")


@pytest.fixture(scope="session")
def app(session_settings: Settings) -> Iterator[flask.Flask]:
    """The application, its providers reached through the simulators in process."""
    config.use(session_settings)
    api = httpx.WSGITransport(simulators.create_api(session_settings))
    transports = dict.fromkeys(session_settings.providers, api)
    # This database is never restarted: nothing to ask of each connection before it is used.
    with mock.patch("ffapp.app.engine_options", _without_pings):
        app = create_app(session_settings, transports=transports, pool_size=12)
    app.config["TESTING"] = True
    app.test_client_class = Browser
    with add_migrations(app).app_context():
        flask_migrate.upgrade()
    store.open_store()
    simulators.register_deliveries(session_settings)
    with callbacks.posting_through(OutsideTransport(app)):
        yield app
    store.close_store()
    with app.app_context():
        db.engine.dispose()


def _without_pings(pool_size: int, application_name: str) -> dict[str, Any]:
    return {**engine_options(pool_size, application_name), "pool_pre_ping": False}


class OutsideTransport(httpx.WSGITransport):
    """Reaches the application from outside of the caller's app context, and so of its session."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return contextvars.Context().run(super().handle_request, request)


@pytest.fixture
def settings(app: flask.Flask, session_settings: Settings) -> Iterator[Settings]:
    """The process's settings, as they were before the test and after it."""
    config.use(session_settings)
    yield session_settings
    config.use(session_settings)


@pytest.fixture
def context(app: flask.Flask, settings: Settings, clean: None) -> Iterator[None]:
    """An app context around the test, for tests that call the domain packages themselves."""
    with app.app_context():
        yield
        db.session.rollback()


@pytest.fixture
def clean(app: flask.Flask) -> Iterator[None]:
    """Delete every row after the test."""
    yield
    with app.app_context():
        db.session.rollback()
        with db.engine.begin() as connection:
            empty(connection)


@pytest.fixture
def client(app: flask.Flask, settings: Settings, clean: None) -> Browser:
    """A browser that lints every page it fetches."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture(scope="session")
def cast_rows(worker: Drain) -> CastRows:
    """The people of every test, made once."""
    return CastRows(worker)


@pytest.fixture
def cast(cast_rows: CastRows, context: None) -> Cast:
    """The people of every test; what follows their being there is done."""
    return cast_rows.put()


@pytest.fixture
def sign_in(client: Browser) -> Callable[[Any], None]:
    """Sign a person in, without the form."""
    return client.sign_in


@pytest.fixture(scope="session")
def worker(app: flask.Flask) -> Iterator[Drain]:
    """`drain()` runs what a worker would run now, with a real Procrastinate worker."""
    with Drain(app) as drain:
        yield drain


@pytest.fixture
def mailbox(app: flask.Flask) -> Callable[..., list[dict[str, Any]]]:
    """The mails that the simulated SendGrid has taken, oldest first; `to` filters by address."""
    return lambda to=None: _taken("mail", to)


@pytest.fixture
def phone(app: flask.Flask) -> Callable[..., list[dict[str, Any]]]:
    """The messages that the simulated AiSensy has taken, oldest first; `to` filters by number."""
    return lambda to=None: _taken("whatsapp", to)


def _taken(act: str, to: str | None) -> list[dict[str, Any]]:
    with store.open_store().connect() as connection:
        rows = connection.execute(
            text("SELECT * FROM simulator.journal WHERE act = :act ORDER BY id"), {"act": act}
        ).mappings()
        return [
            {**row["facts"], "to": row["recipient"], "effect_id": row["effect_id"]}
            for row in rows
            if to is None or row["recipient"] == to
        ]


class Travel:
    """The business clock of a test: stands still, moves on when told."""

    def __init__(self) -> None:
        self.now = clock.wall().replace(microsecond=0)

    def to(self, instant: datetime) -> None:
        self.now = instant

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def travel() -> Iterator[Travel]:
    """Put the business clock into the test's hand."""
    travel = Travel()
    with clock.running_on(lambda: travel.now):
        yield travel


@pytest.fixture
def queries(app: flask.Flask) -> Callable[[], Any]:
    """Collects the statements that the database is asked in a block."""

    @contextlib.contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE")):
                seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect


@pytest.fixture
def slow_zoom(settings: Settings) -> Iterator[None]:
    """Recordings take as long as in life."""
    config.use(settings.changed(simulator_speed=1.0))
    yield
    config.use(settings)
