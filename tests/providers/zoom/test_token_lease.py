"""One token for all: fetched once, renewed by one, and never blocked for long by the dead."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import flask
import pytest
from sqlalchemy import select, text, update

from ffapp.core import clock, config, signing
from ffapp.core.db import db
from ffapp.core.outcomes import Refused, Unavailable
from ffapp.providers.kit.token_lease import LEASE_SECONDS, ProviderToken, Token, TokenLease
from ffapp.providers.simulating import store
from tests.processes.poll import poll
from tests.providers.zoom.lab import journal

ROOT = Path(__file__).parents[3]
rows = ProviderToken.__table__


class Source:
    """Where tokens come from: counts, takes its time, may refuse."""

    def __init__(self, *, seconds: float = 0, lives: float = 3600) -> None:
        self.count = 0
        self.seconds = seconds
        self.lives = lives
        self.error: Exception | None = None

    def __call__(self) -> Token:
        self.count += 1
        time.sleep(self.seconds)
        if self.error:
            raise self.error
        return token(f"token {self.count}", lives=self.lives)


def token(text: str, *, age: float = 0, lives: float = 3600) -> Token:
    fetched_at = clock.wall() - timedelta(seconds=age)
    return Token(text, fetched_at, fetched_at + timedelta(seconds=lives))


def lease_of(source: Source) -> TokenLease:
    return TokenLease("zoom", "account", source)


def stored(**values: object) -> None:
    """Change the row behind everybody's back."""
    with db.engine.begin() as connection:
        connection.execute(update(rows).values(**values))


def nearly_over() -> None:
    now = clock.wall()
    stored(fetched_at=now - timedelta(minutes=59), expires_at=now + timedelta(minutes=1))


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


def test_many_threads_ask_for_one_token():
    source = Source(seconds=0.2)
    lease = lease_of(source)
    found = in_threads(8, lease.token)
    assert source.count == 1
    assert {each.text for each in found} == {"token 1"}


OTHER_PROCESS = """
import sys
import flask
from ffapp.core import config
from ffapp.core.db import db
from ffapp.core.db import engine_options
from ffapp.providers.registry import read_settings
from tests.providers.zoom.test_token_lease import ask_at_once

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
    lease = TokenLease("zoom", "account", journalled)
    assert {each.text for each in in_threads(3, lease.token)} == {"the one"}


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
    lease_of(Source()).token()
    with db.engine.begin() as connection:
        cipher = connection.scalar(select(rows.c.token))
    assert "token 1" not in cipher
    assert signing.decrypt(cipher) == "token 1"


def test_while_one_renews_ahead_of_time_the_others_go_on():
    source = Source()
    lease = lease_of(source)
    lease.token()
    nearly_over()
    asked, answer = threading.Event(), threading.Event()

    def fetch_slowly() -> Token:
        asked.set()
        answer.wait(5)
        return source()

    slow = TokenLease("zoom", "account", fetch_slowly)
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(in_app(flask.current_app._get_current_object(), slow.token))
        assert asked.wait(5)
        assert lease.token().text == "token 1"
        answer.set()
        assert renewing.result().text == "token 2"
    assert lease.token().text == "token 2"
    assert source.count == 2


def test_a_renewal_ahead_of_time_that_fails_is_put_off():
    source = Source()
    lease = lease_of(source)
    lease.token()
    nearly_over()
    source.error = Unavailable("Down.")
    assert [lease.token().text for _ in range(3)] == ["token 1"] * 3
    assert source.count == 2


def test_without_a_token_a_failure_is_told_and_the_next_may_try():
    source = Source()
    lease = lease_of(source)
    source.error = Refused("No.", code="invalid_client")
    with pytest.raises(Refused):
        lease.token()
    source.error = None
    assert lease.token().text == "token 2"


def test_an_expired_token_is_not_used():
    source = Source(lives=-1)
    lease = lease_of(source)
    lease.token()
    source.lives = 3600
    assert lease.token().text == "token 2"


def test_a_dead_holder_blocks_only_until_its_lease_ends():
    source = Source()
    lease = lease_of(source)
    lease.token()
    soon = clock.wall() + timedelta(seconds=0.2)
    stored(token=None, expires_at=None, leased_by="the dead", leased_until=soon)
    assert lease.token().text == "token 2"
    assert clock.wall() >= soon


def test_who_had_to_wait_for_the_row_has_the_lease_for_as_long_as_anybody():
    """Else it would run out during the call, and another process would ask at the same time."""
    source = Source()
    lease_of(source).token()
    stored(token=None)
    until = []

    def fetch() -> Token:
        with db.engine.begin() as connection:
            until.append(connection.scalar(select(rows.c.leased_until)))
        return source()

    waiting = TokenLease("zoom", "account", fetch)
    with ThreadPoolExecutor(1) as pool, db.engine.begin() as connection:
        connection.execute(select(rows).with_for_update())
        asking = pool.submit(in_app(flask.current_app._get_current_object(), waiting.token))
        poll(_somebody_waits_for_a_lock, "it waits for the row")
        let_go_at = clock.wall()
        connection.commit()
        asking.result()
    assert until[0] >= let_go_at + timedelta(seconds=LEASE_SECONDS)


def _somebody_waits_for_a_lock() -> bool:
    with db.engine.begin() as connection:
        return connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )


def test_waiting_for_a_holder_ends_with_the_deadline(settings):
    source = Source()
    lease = lease_of(source)
    lease.token()
    stored(token=None, leased_by="the slow", leased_until=clock.wall() + timedelta(seconds=9))
    config.use(settings.changed(provider_deadline_seconds=0.2))
    with pytest.raises(Unavailable, match="Another process"):
        lease.token()
    assert source.count == 1


def test_a_holder_that_came_too_late_overwrites_nothing():
    source = Source()

    def fetch() -> Token:
        stored(leased_by="the next", token=signing.encrypt("newer"))
        return token("late")

    lease = TokenLease("zoom", "account", source)
    lease.token()
    stored(token=None)
    lease.fetch = fetch
    assert lease.token().text == "late"
    with db.engine.begin() as connection:
        assert signing.decrypt(connection.scalar(select(rows.c.token))) == "newer"


def test_only_the_refused_token_is_forgotten():
    source = Source()
    lease = lease_of(source)
    first = lease.token()
    lease.invalidate(token("another"))
    assert lease.token().text == "token 1"
    lease.invalidate(first)
    assert lease.token().text == "token 2"
    lease.invalidate(first)
    assert lease.token().text == "token 2"


def test_another_secret_key_is_as_good_as_no_token(settings):
    source = Source()
    lease = lease_of(source)
    lease.token()
    config.use(settings.changed(secret_key="another key of enough length"))
    assert lease.token().text == "token 2"


def test_business_time_has_no_say():
    lease = lease_of(Source())
    lease.token()
    with clock.running_on(lambda: clock.wall() + timedelta(days=400)):
        assert lease.token().text == "token 1"


def test_a_short_life_has_a_short_leeway():
    source = Source(lives=60)
    lease = lease_of(source)
    assert [lease.token().text for _ in range(2)] == ["token 1", "token 1"]
