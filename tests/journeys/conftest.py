"""An app for all journeys, empty before each: database, web, worker, simulators, and Chromium."""

import io
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from ffapp.local.postgres import PrivatePostgres
from ffapp.local.supervisor import Supervisor
from tests.journeys.running_app import RunningApp
from tests.journeys.seed import Seeder
from tests.journeys.visitor import Visitor

ROOT = Path(__file__).parents[2]
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    browser = playwright.chromium.launch(
        executable_path=found, args=["--no-sandbox", "--disable-gpu", *QUIET]
    )
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def running(postgres: PrivatePostgres) -> Iterator[RunningApp]:
    """The whole programme in processes of its own, as `make run` starts it, with nobody in it."""
    name = f"journey_{os.getpid()}"
    web_port, simulators_port = _free_port(), _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": postgres.create_database(name),
        "SECRET_KEY": "a-secret-key-for-the-journeys",
        "PUBLIC_URL": f"http://127.0.0.1:{web_port}",
        "SIMULATORS_URL": f"http://127.0.0.1:{simulators_port}",
        "SIMULATOR_SPEED": "0.002",  # a recording takes seven to fifteen seconds
        "PRESENT_PERCENT": "0",  # a class takes seconds; who came in was there
    }
    with Seeder(environment) as seeder, Supervisor(io.StringIO(), grace=5) as processes:
        running_app = RunningApp(environment["PUBLIC_URL"], environment, seeder)
        running_app.run("-m", "ffapp.cli", "prepare")
        gunicorn = [sys.executable, "-m", "gunicorn", "--threads", "8"]
        bound = [*gunicorn, "--bind", f"127.0.0.1:{simulators_port}"]
        options = {"env": environment, "cwd": ROOT}
        processes.start("simulators", [*bound, "ffapp.simulators:application()"], **options)
        processes.start("worker", [sys.executable, "-m", "ffapp.worker"], **options)
        web = [*gunicorn, "--bind", f"127.0.0.1:{web_port}", "wsgi:application"]
        processes.start("web", web, **options)
        processes.wait_until_healthy(f"http://127.0.0.1:{simulators_port}/healthz")
        processes.wait_until_healthy(f"http://127.0.0.1:{web_port}/healthz")
        yield running_app
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture
def running_app(running: RunningApp) -> Iterator[RunningApp]:
    """The running programme; everybody and everything is gone from it after the test."""
    yield running
    running.empty()


@pytest.fixture
def visit(running_app: RunningApp, chromium: Browser) -> Iterator[type[Visitor]]:
    """Makes a visitor with a browser of their own: `visit("Asha", width=360)`."""
    visitors: list[Visitor] = []

    def make(name: str, *, width: int = 1280, height: int = 800) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            base_url=running_app.url,
            reduced_motion="reduce",  # so that axe does not see a half-faded toast
        )
        visitors.append(Visitor(name, context))
        return visitors[-1]

    yield make  # type: ignore[misc]
    for visitor in visitors:
        visitor.context.close()


def _free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])
