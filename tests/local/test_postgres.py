"""The private Postgres, and every way in which such a thing has been seen to go wrong."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ffapp.local import postgres_cluster, postgres_programs
from ffapp.local.postgres import PrivatePostgres
from tests.processes.place import gone

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
NOBODY = 65534
# A process that uses the server until its standard input is closed.
USER = """
import sys
from ffapp.local.postgres import PrivatePostgres
with PrivatePostgres(sys.argv[1], fsync=False, fallbacks=()) as postgres:
    print(postgres.url, flush=True)
    sys.stdin.read()
"""

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run in another's name")


@pytest.fixture
def empty(open_folder: Path) -> Path:
    """A directory for a cluster that has not been made."""
    return open_folder / "postgres"


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """A directory whose cluster has been made; no server runs there between the tests."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        with private(Path(name) / "postgres"):
            pass
        yield Path(name) / "postgres"


def private(directory: Path, **options: object) -> PrivatePostgres:
    return PrivatePostgres(directory, **{"fsync": False, "fallbacks": (), **options})


def ask(url: str, question: str = "SELECT 1") -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(question)
        return cursor.fetchone()[0] if cursor.description else None


def server_in(directory: Path) -> psutil.Process:
    return postgres_cluster.find_server(next(directory.glob("*/data")))


def wait_until(happens: Callable[[], object]) -> bool:
    until = time.monotonic() + 120
    while not (happened := happens()) and time.monotonic() < until:
        time.sleep(0.02)
    return bool(happened)


def user_of(directory: Path, python: str = sys.executable, **identity: int) -> subprocess.Popen:
    packages = [path for path in sys.path if path.endswith("site-packages")]
    return subprocess.Popen(
        [python, "-c", USER, str(directory)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(CHECKOUT), *packages])},
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **identity,
    )


def nobody_can_run(python: str) -> bool:
    """Whether this Python is of our version, and one that an ordinary user may run."""
    same_version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    try:
        return subprocess.call([python, "-c", same_version], user=NOBODY, group=NOBODY) == 0
    except OSError:
        return False


class TestStartingAndStopping:
    def test_it_answers_to_its_password_alone_and_leaves_nothing_running(self, prepared):
        with private(prepared) as postgres:
            server = server_in(prepared)
            assert ask(postgres.url) == 1
            assert server.uids().real != 0
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                ask(postgres.url.replace("@", "x@"))

        assert gone(server)
        assert postgres.notice == ""

    def test_a_database_is_made_once_and_knows_unicode(self, prepared):
        with private(prepared) as postgres:
            url = postgres.create_database("with a space")

            assert postgres.create_database("with a space") == url
            assert ask(url, "SELECT current_database()") == "with a space"
            assert ask(url, "SELECT lower('ÉÜ')") == "éü"

    def test_the_options_reach_the_server(self, prepared):
        with private(prepared, max_connections=17) as postgres:
            assert ask(postgres.url, "SHOW max_connections") == "17"
            assert ask(postgres.url, "SHOW fsync") == "off"

    def test_a_strange_locale_libpq_variables_and_a_deep_path(self, empty, monkeypatch):
        monkeypatch.setenv("LC_ALL", "xx_YY")
        monkeypatch.setenv("PGPORT", "1")
        monkeypatch.setenv("PGDATA", "/")

        with private(empty / ("deep" * 20) / ("deeper" * 20)) as postgres:
            assert len(str(postgres.data)) > 107
            assert ask(postgres.url) == 1

    def test_a_port_that_was_taken_meanwhile(self, prepared):
        with private(prepared) as postgres:
            before = postgres.url
        port = int(before.rpartition(":")[2].partition("/")[0])
        with subprocess.Popen(
            [sys.executable, "-m", "http.server", "-b", "127.0.0.1", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as stranger:
            assert wait_until(lambda: psutil.Process(stranger.pid).net_connections())

            with private(prepared) as postgres:
                assert postgres.url != before
                assert ask(postgres.url) == 1

            assert stranger.poll() is None
            stranger.terminate()


class TestSharing:
    def test_two_that_start_at_once_share_it_until_the_last_has_stopped(self, empty):
        with user_of(empty) as one, user_of(empty) as other:
            url = one.stdout.readline().strip()
            assert other.stdout.readline().strip() == url
            server = server_in(empty)

            one.communicate()
            assert ask(url) == 1

            other.communicate()
            assert gone(server)

    def test_a_launcher_killed_with_9_leaves_no_server_behind(self, prepared):
        with user_of(prepared) as launcher:
            assert launcher.stdout.readline()
            server = server_in(prepared)

            launcher.kill()

            assert wait_until(lambda: gone(server))
        with private(prepared) as postgres:
            assert ask(postgres.url) == 1


class TestAccidents:
    def test_a_server_killed_with_9_comes_back_at_the_same_address(self, prepared):
        with private(prepared) as postgres:
            killed = server_in(prepared)

            ask(url := postgres.url, "CREATE TABLE IF NOT EXISTS kept ()")

            killed.kill()

            assert wait_until(lambda: gone(killed) and postgres.answers())
            assert postgres.url == url
            assert ask(url, "SELECT count(*) FROM kept") == 0

    def test_guard_and_server_killed_with_9(self, prepared):
        postgres = private(prepared).start()
        server = server_in(prepared)

        server.parent().kill()
        server.kill()

        with private(prepared) as next_one:
            assert ask(next_one.url) == 1
        postgres.stop()

    @pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a child that its parent died")
    def test_a_guard_killed_with_9_takes_its_server_along(self, prepared):
        postgres = private(prepared).start()
        server = server_in(prepared)

        server.parent().kill()

        assert wait_until(lambda: gone(server))
        postgres.stop()

    @pytest.mark.parametrize(
        "owner", ["ourselves", pytest.param("the server's account", marks=only_root), "a zombie"]
    )
    def test_a_stale_pid_file_whose_number_was_given_away(self, prepared, owner):
        account = postgres_programs.server_account() if owner != "ourselves" else None
        command = ["true"] if owner == "a zombie" else ["sleep", "60"]
        with subprocess.Popen(command, user=account.uid if account else None) as innocent:
            if owner == "a zombie":
                assert wait_until(lambda: gone(psutil.Process(innocent.pid)))
            data = next(prepared.glob("*/data"))
            (data / "postmaster.pid").write_text(f"{innocent.pid}\n{data}\n0\n20000\n\n\n0 0\n")

            with private(prepared) as postgres:
                assert ask(postgres.url) == 1

            if owner != "a zombie":
                assert innocent.poll() is None
            innocent.kill()

    def test_making_the_cluster_is_interrupted_half_way(self, empty):
        with user_of(empty) as launcher:
            assert wait_until(lambda: [*empty.glob("*/half-made-*/data/global")])
            launcher.kill()

        def starts_and_has_tidied_up() -> bool:
            with private(empty) as postgres:
                assert ask(postgres.url) == 1
            return not [*empty.glob("*/half-made-*")]

        assert wait_until(starts_and_has_tidied_up)  # the orphaned initdb may write for a moment


class TestAsWhom:
    @only_root
    def test_an_ordinary_user_starts_it_under_their_own_account(self, empty):
        python = next(filter(nobody_can_run, (sys.executable, "/usr/bin/python3")), None)
        if python is None:
            pytest.skip("no Python here that an ordinary user may run")
        empty.mkdir()
        os.chown(empty, NOBODY, NOBODY)

        with user_of(empty, python, user=NOBODY, group=NOBODY, extra_groups=[]) as theirs:
            assert ask(theirs.stdout.readline().strip()) == 1
            server = server_in(empty)
            assert server.uids().real == NOBODY
            theirs.communicate()

        assert gone(server)
