"""One running Postgres as seen from outside: start its guard, ask it, have it restarted."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from ffapp.local import file_locks, postgres_cluster, postgres_guard
from ffapp.local.postgres_home import PostgresUnavailable, owner_of, plain_environment
from ffapp.local.postgres_programs import Binaries

PATIENCE = 60
PORTS = range(20000, 32000)  # below those that the system gives to outgoing connections


class Server:
    """The server on the cluster in `folder`, which may or may not run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "postgres.log"

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    def guarded(self) -> bool:
        """Whether a guard keeps this server, so that it runs, is starting, or is stopping."""
        return not file_locks.free_for(self.folder / "guard.lock", file_locks.SHARED)

    def url_of(self, database: str) -> str:
        password = postgres_cluster.password_of(self.folder)
        return f"postgresql://postgres:{password}@127.0.0.1:{self.port}/{quote(database)}"

    def launch(self, binaries: Binaries, settings: Sequence[str]) -> None:
        """Start the server on a free port and wait until it answers; raises PostgresUnavailable.

        It takes a few tries: the children of a killed server keep its memory until they notice,
        and between finding a free port and using it another process may have taken it.
        """
        for pause in (0, 0.1, 0.3, 0.6, 1, 2, 3):
            time.sleep(pause)
            postgres_cluster.forget_dead_server(self.folder)
            (self.folder / "port").write_text(str(self._free_port()))
            self._spawn_guard(binaries, settings)
            if self.ready():
                return
        raise PostgresUnavailable(f"Postgres does not start:\n{self.last_words()}")

    def ready(self) -> bool:
        """Wait until the server answers; False when its guard has given up."""
        until = time.monotonic() + PATIENCE
        while self.guarded():
            if self.answers():
                return True
            if time.monotonic() > until:
                raise PostgresUnavailable(f"Postgres does not answer:\n{self.last_words()}")
            time.sleep(0.02)
        return False

    def answers(self) -> bool:
        """Whether this very server answers, and not another that has taken its port."""
        try:
            with psycopg.connect(self.url_of("postgres"), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
            return row is not None and os.path.samefile(row[0], self.data)
        except (psycopg.OperationalError, OSError):
            return False

    def restart_immediately(self) -> None:
        """Have the guard stop the server as a crash would and start it again."""
        before = postgres_cluster.server_id(self.folder)
        if not self.guarded():
            raise PostgresUnavailable(f"No Postgres runs on {self.data}.")
        os.kill(int((self.folder / "guard.lock").read_text()), signal.SIGUSR1)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.guarded():
            if postgres_cluster.server_id(self.folder) not in {before, None} and self.answers():
                return
            time.sleep(0.02)
        raise PostgresUnavailable(f"Postgres did not come back:\n{self.last_words()}")

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
        return "(it has written no log)"

    def _spawn_guard(self, binaries: Binaries, settings: Sequence[str]) -> None:
        owner = owner_of(self.data)
        command = [sys.executable, "-I", "-S", postgres_guard.__file__, str(self.folder)]
        command += [f"{owner.uid}:{owner.gid}" if owner else "-"]
        command += [binaries.program("postgres"), "-D", str(self.data), "-p", str(self.port)]
        command += [part for setting in settings for part in ("-c", setting)]
        with self.log.open("wb") as log:
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

    def _free_port(self) -> int:
        """The last one if it is free, so that addresses stay the same, or any other."""
        remembered = []
        with contextlib.suppress(OSError, ValueError):
            remembered = [self.port]
        for port in (*remembered, *random.sample(PORTS, 100)):
            with contextlib.suppress(OSError), socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                return port
        raise PostgresUnavailable("No port is free on 127.0.0.1.")
