"""One token for all: fetched once, renewed by one, and never blocked by the dead."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import flask
import pytest
from sqlalchemy import Connection, func, select

from ffapp.core import clock, config, signing
from ffapp.core.db import db
from ffapp.core.outcomes import Refused, Unavailable
from ffapp.providers.kit.shared_token import ProviderToken, SharedToken, Token
from ffapp.providers.simulating import store
from tests.providers.zoom.lab import journal

ROOT = Path(__file__).parents[3]
rows = ProviderToken.__table__


class Source:
    """Where tokens come from: counts, may refuse."""

    def __init__(self, lives: float = 3600) -> None:
        self.count = 0
        self.lives = lives
        self.error: Exception | None = None

    def __call__(self) -> Token:
        self.count += 1
        if self.error:
            raise self.error
        return token(f"token {self.count}", lives=self.lives)


def token(text: str, *, lives: float = 3600) -> Token:
    fetched_at = clock.wall()
    return Token(text, fetched_at, fetched_at + timedelta(seconds=lives))


def shared_by(source: Source) -> SharedToken:
    return SharedToken("zoom", "account", source)


def in_threads(number: int, work: Callable[[], Token]) -> list[Token]:
    app = flask.current_app._get_current_object()

    with ThreadPoolExecutor(number) as pool:
        asking = [pool.submit(in_app(app, work)) for _ in range(number)]
        return [each.result() for each in asking]


def in_app(app: flask.Flask, work: Callable[[], Token]) -> Callable[[], Token]:
    def within_app() -> Token:
        with app.app_context():
            return work()

    return within_app


OTHER_PROCESS = """
import sys
import flask
from ffapp.core import config
from ffapp.core.db import db
from ffapp.core.db import engine_options
from ffapp.providers.registry import read_settings
from tests.providers.zoom.test_shared_token import ask_at_once

from ffapp.providers.registry import read_settings
config.use(read_settings({"DATABASE_URL": sys.argv[1], "SECRET_KEY": sys.argv[2]}))
app = flask.Flask("the other process")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(4, "the other process")
db.init_app(app)
with app.app_context():
    db.engine.connect().close()
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    sys.stdin.readline()
    ask_at_once()
"""


def journalled() -> Token:
    store.record("zoom", "token", status=200)
    time.sleep(0.2)
    return token("the one")


def ask_at_once() -> None:
    shared = SharedToken("zoom", "account", journalled)
    assert {each.text for each in in_threads(3, shared.get)} == {"the one"}


def test_several_processes_ask_for_one_token(settings):
    arguments = [sys.executable, "-c", OTHER_PROCESS, settings.database_url, settings.secret_key]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, cwd=ROOT, **pipes) as other:
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("go\n")
        other.stdin.flush()
        ask_at_once()
        other.communicate(timeout=20)
    assert other.returncode == 0
    assert len(journal("token")) == 1


def test_the_token_does_not_lie_in_the_clear():
    shared_by(Source()).get()
    with db.engine.begin() as connection:
        cipher = connection.scalar(select(rows.c.token))
    assert "token 1" not in cipher
    assert signing.decrypt(cipher) == "token 1"


def test_without_a_token_a_failure_is_told_and_the_next_may_try():
    source = Source()
    shared = shared_by(source)
    source.error = Refused("No.", code="invalid_client")
    with pytest.raises(Refused):
        shared.get()
    source.error = None
    assert shared.get().text == "token 2"


def test_an_expired_token_is_not_used():
    source = Source(lives=-1)
    shared = shared_by(source)
    shared.get()
    source.lives = 3600
    assert shared.get().text == "token 2"


@contextmanager
def somebody_fetches() -> Iterator[Connection]:
    """Another session has the lock, as a process that is fetching."""
    with db.engine.connect() as connection:
        key = select(func.pg_advisory_lock(func.hashtextextended("zoom token account", 0)))
        connection.execute(key)
        connection.commit()
        yield connection
        connection.invalidate()  # as when its process dies


def test_waiting_for_a_holder_ends_with_the_deadline(settings):
    source = Source()
    config.use(settings.changed(provider_deadline_seconds=0.2))
    with somebody_fetches(), pytest.raises(Unavailable, match="Another process"):
        shared_by(source).get()
    assert source.count == 0


def test_only_the_refused_token_is_forgotten():
    source = Source()
    shared = shared_by(source)
    first = shared.get()
    shared.forget(token("another"))
    assert shared.get().text == "token 1"
    shared.forget(first)
    assert shared.get().text == "token 2"
    shared.forget(first)
    assert shared.get().text == "token 2"


def test_another_secret_key_is_as_good_as_no_token(settings):
    source = Source()
    shared = shared_by(source)
    shared.get()
    config.use(settings.changed(secret_key="another key of enough length"))
    assert shared.get().text == "token 2"


def test_expiry_follows_wall_time_and_not_business_time():
    shared = shared_by(Source())
    shared.get()
    with clock.running_on(lambda: clock.wall() + timedelta(days=400)):
        assert shared.get().text == "token 1"
