"""A private Postgres for `make run` and for tests: nothing to set up, no system service.

    with PrivatePostgres("var/postgres") as postgres:
        postgres.url  # postgresql://postgres:…@127.0.0.1:25432/postgres

Several processes may use one directory at the same time: the first starts the server, the others
share it, and it stops when the last one has stopped or died, even by `kill -9`. A small guard
process (postgres_guard.py) sees to that, and restarts the server when that is killed itself.
"""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from ffapp.local import locks_and_ports as locks
from ffapp.local import postgres_cluster, postgres_guard, postgres_programs
from ffapp.local.postgres_programs import PostgresUnavailable, Programs, plain_environment

PATIENCE_SECONDS = 60
PORTS = range(20000, 32000)  # below those that the system gives to outgoing connections
# TCP only: the path of a socket may have 107 bytes, and a checkout may lie deeper than that.
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
    "shared_buffers=24MB",  # enough for what is read again and again, and a fifth of the usual
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_logical_replication_workers=0",
)
# Not synchronous_commit=off: it would gain nothing here, and lose commits when Postgres is killed.
THROWAWAY = ("fsync=off", "full_page_writes=off")


class PrivatePostgres:
    """A Postgres of our own below `directory`, with one cluster for each major version.

    Promises: several processes may start and stop it; no process is ever ended that this server's
    guard did not start; only this machine reaches the server, by a password that only we can read.
    Raises PostgresUnavailable, whose message is for people. After the start `notice` is a sentence
    for the person who started it, or empty.

    `fsync=False` is for tests: quicker, and the data may be lost in a power failure. `fallbacks`
    are the places to use when `directory` cannot be used. Options count for the process that starts
    the server; others get it as it is.
    """

    def __init__(
        self,
        directory: str | Path = "var/postgres",
        *,
        fsync: bool = True,
        max_connections: int = 50,
        fallbacks: Sequence[Path] = postgres_programs.FALLBACKS,
    ) -> None:
        self.directory = Path(directory).resolve()
        self.notice = ""
        self._fsync = fsync
        self._settings = [*SETTINGS, f"max_connections={max_connections}"]
        self._settings += () if fsync else THROWAWAY
        self._fallbacks = fallbacks
        self._lock: int | None = None

    def start(self) -> Self:
        """Start the server, or share the one that runs on this directory."""
        account = postgres_programs.server_account()
        self.directory, self.notice = postgres_programs.find_home(
            self.directory, account, self._fallbacks
        )
        try:
            with locks.holding(self.directory / "start.lock", 2 * PATIENCE_SECONDS):
                programs = postgres_programs.choose(account, self.directory)
                # What belongs to the major version: data, locks, and the server's log.
                self.folder = self.directory / str(programs.major)
                self.folder.mkdir(exist_ok=True)
                self.folder.chmod(0o755 if account else 0o700)
                users = self.folder / "users.lock"
                self._lock = locks.take(users, locks.SHARED, PATIENCE_SECONDS)
                if not self._wait_until_ready():
                    postgres_cluster.make(self.folder, programs, account, durable=self._fsync)
                    self._launch(programs)
        except TimeoutError as error:
            self.stop()
            raise PostgresUnavailable(f"Another start or stop takes too long: {error}.") from error
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop using the server; if nobody else does, return when it has stopped."""
        if self._lock is None:
            return
        os.close(self._lock)
        self._lock = None
        until = time.monotonic() + PATIENCE_SECONDS
        while self._is_guarded() and not self._is_shared() and time.monotonic() < until:
            time.sleep(locks.RETRY_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of the database `postgres`, as psycopg and libpq understand it."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The address of a database on this server, whether it is there or not."""
        password = (self.data / postgres_cluster.PASSWORD).read_text(encoding="ascii")
        port = (self.folder / "port").read_text()
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/{quote(database)}"

    @property
    def data(self) -> Path:
        """The data directory of the version that runs."""
        return self.folder / "data"

    def answers(self) -> bool:
        """Whether the server answers; another one on its port would refuse our password."""
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except (psycopg.OperationalError, OSError):
            return False
        return True

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make sure that a database called `name` is there, and return its address."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        there_already = (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
        with (
            psycopg.connect(self.url, autocommit=True) as connection,
            contextlib.suppress(*there_already),
        ):
            connection.execute(statement)
        return self.url_of(name)

    def _launch(self, programs: Programs) -> None:
        """Start the server on a free port and wait until it answers.

        It takes a few tries: between finding a free port and using it another process may have
        taken it. The last port is tried first, so that addresses stay the same.
        """
        for _ in range(3):
            postgres_cluster.remove_stale_pid_file(self.data)
            wanted = random.sample(PORTS, 100)
            with contextlib.suppress(OSError, ValueError):
                wanted.insert(0, int((self.folder / "port").read_text()))
            with locks.listen(wanted) as free:
                (self.folder / "port").write_text(str(free.getsockname()[1]))
            self._spawn_guard(programs)
            if self._wait_until_ready():
                return
        raise PostgresUnavailable(f"Postgres does not start:\n{self._last_words()}")

    def _spawn_guard(self, programs: Programs) -> None:
        owner, port = self.data.stat(), (self.folder / "port").read_text()
        account = "-" if owner.st_uid == os.geteuid() else f"{owner.st_uid}:{owner.st_gid}"
        command = [sys.executable, "-I", "-S", postgres_guard.__file__, str(self.folder), account]
        command += [str(programs.directory / "postgres"), "-D", str(self.data), "-p", port]
        command += [part for setting in self._settings for part in ("-c", setting)]
        with (self.folder / "postgres.log").open("wb") as log:
            subprocess.run(
                command,
                cwd="/",
                env=plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=False,
            )

    def _wait_until_ready(self) -> bool:
        """Wait until the server answers; False when it has no guard, or the guard has given up."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self._is_guarded():
            if self.answers():
                return True
            if time.monotonic() > until:
                raise PostgresUnavailable(f"Postgres does not answer:\n{self._last_words()}")
            time.sleep(locks.RETRY_SECONDS)
        return False

    def _is_guarded(self) -> bool:
        """Whether a guard keeps this server, so that it runs, is starting, or is stopping."""
        return not locks.is_free(self.folder / "guard.lock", locks.SHARED)

    def _is_shared(self) -> bool:
        """Whether others use the server; a guard that is ending it holds the lock exclusively."""
        users = self.folder / "users.lock"
        return not locks.is_free(users, locks.EXCLUSIVE) and locks.is_free(users, locks.SHARED)

    def _last_words(self) -> str:
        log = (self.folder / "postgres.log").read_text(errors="replace")
        return "\n".join(log.splitlines()[-20:])
