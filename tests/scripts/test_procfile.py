"""The Procfile: each line is run as it is written, as a dyno does, on a database of its own."""

import os
import shutil
import sys
from pathlib import Path

import httpx
import psycopg
import pytest

from ffapp.core.schema import newest_migration
from tests.conftest import ENVIRONMENT
from tests.processes.child import ROOT, Child, free_port
from tests.processes.poll import poll

LINES = [line.partition(": ") for line in (ROOT / "Procfile").read_text().splitlines()]
COMMANDS = {name: command for name, _, command in LINES}
VENV = Path(sys.executable).parent


@pytest.fixture
def empty_database(postgres):
    """The address of a database without tables, in Heroku's form."""
    name = f"procfile_{os.getpid()}"
    yield postgres.create_database(name).replace("postgresql://", "postgres://")
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Dyno:
    """Runs a line of the Procfile with a shell, with nothing but config vars and PORT."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {
            **ENVIRONMENT,
            "PATH": f"{VENV}:{os.environ['PATH']}",
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
        }
        self.children: list[Child] = []

    def start(self, name: str) -> Child:
        command = ["sh", "-c", f"exec {COMMANDS[name]}"]
        child = Child(f"{name}-{len(self.children)}", command, self.environment, self.folder)
        self.children.append(child)
        return child

    def release_twice_at_once(self) -> None:
        both = [self.start("release"), self.start("release")]
        poll(lambda: not any(child.running for child in both), "the releases end")
        assert [child.exit_code for child in both] == [0, 0], self.words()

    def health(self) -> int:
        """The status that the web answers, 0 before it does."""
        assert all(child.running or child.exit_code == 0 for child in self.children), self.words()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False).status_code
        except httpx.TransportError:
            return 0

    def words(self) -> str:
        return "\n".join(f"{child.name}: {child.words()}" for child in self.children)


@pytest.fixture
def dyno(empty_database, tmp_path):
    dyno = Dyno(empty_database, tmp_path)
    yield dyno
    for child in dyno.children:
        child.kill()


def test_it_names_the_three_processes_with_commands_that_exist():
    assert list(COMMANDS) == ["release", "web", "worker"]
    assert all(separator == ": " for _, separator, _ in LINES)
    for command in COMMANDS.values():
        assert shutil.which(command.split()[0], path=str(VENV)), command


def test_each_process_is_described():
    table = (ROOT / "docs" / "running.md").read_text()

    assert [name for name in COMMANDS if f"| `{name}` |" not in table] == []


def test_its_processes_run_as_written(dyno, empty_database):
    dyno.release_twice_at_once()
    with psycopg.connect(empty_database) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert found == [(newest_migration(),)]

    web = dyno.start("web")
    poll(lambda: dyno.health() == 503, "the web misses a worker")
    worker = dyno.start("worker")
    poll(lambda: dyno.health() == 200, "all is well")

    for child in (web, worker):
        child.stop()
        assert child.exit_code == 0, child.words()


@pytest.mark.parametrize("process", ["web", "worker"])
def test_a_setting_that_cannot_be_understood_ends_the_start_with_one_sentence(process, tmp_path):
    dyno = Dyno("postgresql://nobody@127.0.0.1/nothing", tmp_path)
    dyno.environment["SECRET_KEY"] = "short"
    child = dyno.start(process)

    poll(lambda: not child.running, "it ends")

    assert child.exit_code
    last = child.words().rstrip().splitlines()[-1]
    assert last == "SECRET_KEY is too short: give it at least 16 random characters."
