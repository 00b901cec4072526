"""`make run` as a whole: the command that it calls, with a folder of its own for what it keeps."""

import json
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from ffapp.core.db import transaction
from ffapp.local import running
from ffapp.local.demo_accounts import sign_ins
from ffapp.people.invite import add_person
from ffapp.people.models import Role
from tests.processes.child import ROOT, Child, free_port
from tests.processes.place import READY, Place, command_of, ended, gone, well
from tests.processes.poll import poll

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """One that the account of a Postgres can reach: pytest's own are for ourselves alone."""
    with tempfile.TemporaryDirectory(prefix="ffapp-up-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def place(open_folder: Path) -> Iterator[Place]:
    place = Place(open_folder)
    yield place
    if place.running_app is not None and place.running_app.running:
        place.running_app.stop()


@pytest.fixture
def running_app(place: Place) -> Child:
    """An app that is ready, on the port of the place; the same one while it lives."""
    if place.running_app is None or not place.running_app.running:
        place.running_app = place.start(place.port)
    place.running_app.wait_for(READY)
    return place.running_app


def test_it_prints_the_address_and_who_can_sign_in(place, running_app):
    said = running_app.words()

    assert f"Future Founders runs at {place.url}\n" in said
    assert len(sign_ins(place.var)) == 4
    for each in sign_ins(place.var):
        assert re.search(rf"{each['role']} +{each['email']} +{each['password']}", said)


def test_the_page_is_there_and_all_is_well(place, running_app):
    assert well(place.port)
    assert "Sign in" in httpx.get(f"{place.url}/sign-in", trust_env=False).text


@pytest.mark.parametrize("number", range(4))
def test_who_is_printed_can_sign_in(place, running_app, number):
    person = sign_ins(place.var)[number]
    with httpx.Client(base_url=place.url, follow_redirects=True, trust_env=False) as browser:
        form = browser.get("/sign-in").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form).group(1)
        values = {"email": person["email"], "password": person["password"], "csrf_token": token}

        page = browser.post("/sign-in", data=values, headers={"Referer": place.url})

    assert page.url.path == ("/admin/today" if person["role"] == "admin" else "/home")


def test_another_terminal_is_told_the_address_that_runs(place, running_app):
    told = place.run("demo", "--json")

    assert json.loads(told.stdout) == {"url": place.url, "sign_ins": sign_ins(place.var)}


def test_the_doctor_finds_the_app_that_runs_and_nothing_wrong(place, running_app):
    told = place.run("doctor", "--json")

    findings = json.loads(told.stdout)["findings"]
    assert [each for each in findings if each["mark"] == "wrong"] == []
    assert told.returncode == 0
    found = {each["what"] for each in findings}
    assert {"database", "worker", "jobs.rescue", "Zoom (simulated)"} <= found


def test_a_second_instance_on_the_same_port_is_refused(place, running_app):
    second = place.run("up", port=place.port)

    assert second.returncode == 1
    assert f"Port {place.port} is taken" in second.stderr
    assert "Choose another: PORT=" in second.stderr
    assert running_app.running
    assert well(place.port)


def test_a_second_instance_on_another_port_shares_the_database(place, running_app):
    with ended(place.start(other := free_port())) as second:
        assert well(other)
        assert place.database_of(other) == place.database_of(place.port)

        second.signal(signal.SIGINT)
        poll(lambda: not second.running, "the second ends")

    assert second.exit_code == 0
    assert well(place.port)
    with psycopg.connect(place.database_of(place.port)) as connection:
        (people,) = connection.execute("SELECT count(*) FROM people").fetchone()
    assert people == 4


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Child]:
    """A process that has nothing to do with us."""
    stranger = Child("stranger", ["sleep", "600"], {}, tmp_path)
    yield stranger
    stranger.kill()


def test_ctrl_c_ends_all_that_it_started_and_nothing_else(place, running_app, postgres, stranger):
    ours = [*psutil.Process(running_app.pid).children(recursive=True), *place.postgres()]
    commands = [command_of(each) for each in ours]
    for part in ("wsgi:application", "ffapp.worker", "ffapp.simulators", "postgres"):
        assert any(part in command for command in commands), f"{part} is not among {commands}"

    running_app.signal(signal.SIGINT)
    poll(lambda: not running_app.running, "it ends")

    assert running_app.exit_code == 0
    poll(lambda: all(map(gone, ours)), "all are gone", seconds=5)
    assert stranger.running
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert running.find(folder=place.var / "running") is None


def test_a_port_that_something_else_has_is_named_and_nothing_is_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = Place(tmp_path).run("up", port=port)

    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr
    assert not (tmp_path / "var").exists()


def test_an_invalid_port_is_refused(tmp_path):
    refused = Place(tmp_path).run("up", port="eighty")

    assert refused.returncode == 2
    assert "'--port': 'eighty' is not a valid integer" in refused.stderr


def test_a_database_that_does_not_answer_is_told(tmp_path):
    nobody = f"postgres://founder:secret@127.0.0.1:{free_port()}/ffapp"

    refused = Place(tmp_path).run("up", port=free_port(), DATABASE_URL=nobody)

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: The database does not answer: ")
    assert "Traceback" not in refused.stderr
    assert "secret" not in refused.stderr


def test_demo_and_admin_say_when_nothing_runs(tmp_path):
    place = Place(tmp_path)

    told = place.run("demo", port=8123).stdout
    assert "does not run; make run starts it at http://127.0.0.1:8123" in told
    refused = place.run("admin", "nila@school.example", "Nila Das")
    assert refused.returncode == 1
    assert "Nothing runs here" in refused.stderr


def test_with_database_url_no_postgres_is_started(context, database_url, tmp_path):
    transaction(add_person, "Nila Das", "nila@school.example", Role.ADMIN, by=None)
    place = Place(tmp_path)
    address = "postgres://" + database_url.partition("://")[2]
    programs = str(tmp_path / "no-postgres-here")  # a search for one to start fails

    with ended(place.start(place.port, DATABASE_URL=address, PG_BIN=programs)) as running_app:
        assert well(place.port)
        told = json.loads(place.run("demo", "--json").stdout)

    assert not (place.var / "postgres").exists()
    assert "Let an admin in" in running_app.words()
    assert "@students.example" not in running_app.words(), (
        "nobody of the demo lives in that database"
    )
    assert told == {"url": place.url, "sign_ins": []}


def test_make_run_calls_this_very_command():
    asked = ["make", "--dry-run", "--no-print-directory", "run"]
    recipe = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)

    assert recipe.stdout.splitlines()[-1] == "exec .venv/bin/ffapp up"
    assert "from ffapp.cli import main" in (ROOT / "scripts" / "environment").read_text()
