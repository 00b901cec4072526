"""A private Postgres for `make run` and for tests: nothing to set up, no system service.

    with PrivatePostgres("var/postgres") as postgres:
        postgres.url  # postgresql://postgres:…@127.0.0.1:25432/postgres

Several processes may use one directory at the same time: the first starts the server, the others
share it, and it stops when the last one has stopped or died, even by `kill -9`. A small guard
process (postgres_guard.py) sees to that, and brings the server back when it is killed itself.

The files, each with one part of this: postgres_programs (which programs), postgres_home (where, and
as whom), postgres_cluster (its files), postgres_server (the server seen from outside),
postgres_guard (the process above it).
"""

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from ffapp.local import file_locks, postgres_cluster, postgres_home, postgres_programs
from ffapp.local.postgres_home import Account, PostgresUnavailable
from ffapp.local.postgres_programs import Binaries
from ffapp.local.postgres_server import PATIENCE, Server

__all__ = ["PostgresUnavailable", "PrivatePostgres"]

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

    Promises: `start()` and `stop()` may be called again and again, and from several processes; no
    process is ever ended that this server's guard did not start; only this machine reaches the
    server, by a password that only we can read. Raises PostgresUnavailable, whose message is for
    people. After `start()`, `notices` holds sentences that whoever started it should be shown, and
    `directory` says where the data really is.

    `fsync=False` is for tests: quicker, and the data may be thrown away after a power failure.
    `candidates` are the folders of programs to try, `fallbacks` the places to use when `directory`
    cannot be used. Options count for the process that starts the server; others get it as it is.
    """

    def __init__(
        self,
        directory: str | Path = "var/postgres",
        *,
        fsync: bool = True,
        max_connections: int = 50,
        candidates: Sequence[Path] | None = None,
        fallbacks: Sequence[Path] = postgres_home.FALLBACKS,
    ) -> None:
        self._wanted = self.directory = Path(directory).resolve()
        self.notices: list[str] = []
        self._settings = [*SETTINGS, f"max_connections={max_connections}"]
        self._fsync = fsync
        self._candidates = candidates
        self._fallbacks = fallbacks
        self._server: Server | None = None
        self._lock: int | None = None

    def start(self) -> Self:
        """Start the server, or share the one that runs on this directory."""
        if self._lock is not None and self._running.answers():
            return self
        self.stop()
        account = postgres_home.server_account()
        self.directory, notice = postgres_home.settle(self._wanted, account, self._fallbacks)
        self.notices = [notice] if notice else []
        turn = self.directory / "start.lock"
        try:
            with file_locks.holding(turn, file_locks.EXCLUSIVE, 2 * PATIENCE):
                self._start(account)
        except TimeoutError as error:
            raise PostgresUnavailable(f"Another start or stop takes too long: {error}.") from error
        return self

    def stop(self) -> None:
        """Stop using the server; if nobody else does, return when it has stopped."""
        if self._lock is None:
            return
        self._let_go()
        until = time.monotonic() + PATIENCE
        while self._running.guarded() and not self._shared() and time.monotonic() < until:
            time.sleep(file_locks.RETRY)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of the database `postgres`, as psycopg and libpq understand it."""
        return self.url_of("postgres")

    @property
    def data(self) -> Path:
        """The data directory of the version that runs."""
        return self._running.data

    @property
    def log(self) -> Path:
        """What the server has written since it was started."""
        return self._running.log

    def url_of(self, database: str) -> str:
        """The address of a database on this server, whether it is there or not."""
        return self._running.url_of(database)

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

    def restart_immediately(self) -> None:
        """Stop the server as a crash would and start it again on the same port, for tests.

        All connections break; the server recovers from its log before it answers again.
        """
        self._running.restart_immediately()

    @property
    def _running(self) -> Server:
        if self._server is None:
            raise PostgresUnavailable("This Postgres has not been started.")
        return self._server

    def _start(self, account: Account | None) -> None:
        binaries = self._choose(account)
        folder = self.directory / str(binaries.major)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755 if account else 0o700)
        self._server = Server(folder)
        self._lock = file_locks.take(folder / "users.lock", file_locks.SHARED, PATIENCE)
        try:
            if not (self._server.guarded() and self._server.ready()):
                if not self._fsync:
                    postgres_cluster.discard_after_power_failure(folder)
                postgres_cluster.make(folder, binaries, account, durable=self._fsync)
                settings = self._settings + ([] if self._fsync else list(THROWAWAY))
                self._server.launch(binaries, settings)
        except BaseException:
            self._let_go()
            raise

    def _choose(self, account: Account | None) -> Binaries:
        candidates = self._candidates
        if candidates is None:
            candidates = postgres_programs.candidates(os.environ)
        existing = postgres_cluster.majors_below(self.directory)
        binaries = postgres_programs.choose(candidates, account, existing, self.directory)
        if existing and binaries.major not in existing:
            self.notices.append(
                f"There is data of Postgres {max(existing)} in {self.directory}, but only Postgres "
                f"{binaries.version} is here, so an empty database was made beside it. To have "
                f"the old data, install Postgres {max(existing)} or name its programs in PG_BIN."
            )
        return binaries

    def _shared(self) -> bool:
        """Whether others use the server; a guard that is ending it holds the lock exclusively."""
        users = self._running.folder / "users.lock"
        exclusive, shared = file_locks.EXCLUSIVE, file_locks.SHARED
        return not file_locks.free_for(users, exclusive) and file_locks.free_for(users, shared)

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
