"""The private Postgres, and every way in which such a thing has been seen to go wrong."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ffapp import postgres_binaries, postgres_cluster, postgres_home
from ffapp.embedded_postgres import PostgresUnavailable, PrivatePostgres

ROOT = os.geteuid() == 0
CHECKOUT = Path(__file__).resolve().parent.parent
WHEEL = postgres_binaries.candidates({"PATH": ""}, roots=())
# Another process that uses the server until its standard input is closed.
USER = """
import sys
from ffapp.embedded_postgres import PrivatePostgres
with PrivatePostgres(sys.argv[1], fsync=False, fallbacks=()) as postgres:
    print(postgres.url, flush=True)
    sys.stdin.read()
"""

only_root = pytest.mark.skipif(not ROOT, reason="only root can run in somebody else's name")


def reachable_folder() -> Path:
    """A temporary folder that the server's account can reach: pytest's own are for root alone."""
    folder = Path(tempfile.mkdtemp(prefix="ffapp-test-"))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def empty() -> Iterator[Path]:
    """Nothing is here yet."""
    folder = reachable_folder()
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """A cluster has been made here; no server runs between the tests."""
    folder = reachable_folder()
    with private(folder / "postgres"):
        pass
    yield folder / "postgres"
    shutil.rmtree(folder)


def private(directory: Path, **options: object) -> PrivatePostgres:
    return PrivatePostgres(directory, **{"fsync": False, "fallbacks": (), **options})


def ask(url: str, question: str = "SELECT 1") -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def server_of(postgres: PrivatePostgres) -> psutil.Process:
    return psutil.Process(postgres_cluster.server_id(postgres.data.parent))


def guard_of(postgres: PrivatePostgres) -> psutil.Process:
    return server_of(postgres).parent()


def wait_until(happens: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not happens() and time.monotonic() < until:
        time.sleep(0.02)
    return happens()


def gone(process: psutil.Process) -> bool:
    """Also when nobody reaps it: not every container has an init."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def user_of(directory: Path, *prefix: str, python: str = sys.executable) -> subprocess.Popen[str]:
    search = [str(CHECKOUT), *(path for path in sys.path if path.endswith("site-packages"))]
    return subprocess.Popen(
        [*prefix, python, "-c", USER, str(directory)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(search), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


class TestStartingAndStopping:
    def test_it_answers_only_with_its_password_and_leaves_nothing_running(self, prepared):
        with private(prepared) as postgres:
            server = server_of(postgres)
            assert ask(postgres.url) == 1
            assert ask(postgres.url, "SHOW fsync") == "off"
            with pytest.raises(psycopg.OperationalError, match="password"):
                ask(postgres.url.replace(":", ":x", 2).replace("x//", "//"))

        assert gone(server)
        assert postgres.notices == []

    def test_starting_and_stopping_twice_is_harmless(self, prepared):
        postgres = private(prepared)
        postgres.stop()
        first = server_of(postgres.start())
        assert server_of(postgres.start()) == first

        postgres.stop()
        postgres.stop()

        assert gone(first)

    def test_a_database_is_made_once_and_knows_unicode(self, prepared):
        with private(prepared) as postgres:
            url = postgres.create_database("with a space")
            ask(url, "CREATE TABLE IF NOT EXISTS kept (); SELECT 1")

            assert postgres.create_database("with a space") == url
            assert ask(url, "SELECT count(*) FROM kept") == 0
            assert ask(url, "SELECT lower('ÉÜ') || current_setting('server_encoding')") == "éüUTF8"

    def test_max_connections_is_what_was_asked_for(self, prepared):
        with private(prepared, max_connections=17) as postgres:
            assert ask(postgres.url, "SHOW max_connections") == "17"

    def test_a_strange_locale_and_libpq_variables_do_not_matter(self, empty, monkeypatch):
        for name, value in {"LC_ALL": "xx_YY", "PGPORT": "1", "PGDATA": "/", "PGUSER": "x"}.items():
            monkeypatch.setenv(name, value)

        with private(empty) as postgres:
            assert ask(postgres.url) == 1

    def test_a_path_too_long_for_a_socket(self, empty):
        with private(empty / ("deep" * 20) / ("deeper" * 20)) as postgres:
            assert len(str(postgres.data)) > 200
            assert ask(postgres.url) == 1

    def test_it_says_why_there_is_no_place(self, empty):
        empty.write_text("a file in the way")

        with pytest.raises(PostgresUnavailable, match="There is no place for the database"):
            private(empty).start()


class TestSharing:
    def test_two_at_once_share_one_server_until_the_last_has_stopped(self, empty):
        one, other = user_of(empty), user_of(empty)
        with one, other:
            url = one.stdout.readline().strip()
            assert other.stdout.readline().strip() == url
            server = psutil.Process(ask(url, "SELECT pg_backend_pid()")).parent() if False else None
            pid = int((next(empty.glob("*/data/postmaster.pid"))).read_text().split()[0])
            server = psutil.Process(pid)

            one.communicate()
            assert ask(url) == 1

            other.communicate()
            assert gone(server)

    def test_a_launcher_killed_with_9_leaves_no_server(self, prepared):
        with user_of(prepared) as launcher:
            url = launcher.stdout.readline().strip()
            assert ask(url) == 1
            server = psutil.Process(
                postgres_cluster.server_id(next(prepared.glob("*/data")).parent)
            )

            launcher.kill()
            launcher.wait()

        assert wait_until(lambda: gone(server))
        with private(prepared) as postgres:
            assert ask(postgres.url) == 1
