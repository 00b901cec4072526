"""`ffapp up` and its other commands, with a folder that stands for a checkout's var/."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from ffapp.local import running
from ffapp.local.postgres_cluster import find_server
from tests.processes.child import ROOT, Child, free_port
from tests.processes.poll import PATIENCE

FFAPP = (sys.executable, "-m", "ffapp.cli")
READY = "Ctrl-C ends it."


class Place:
    """A folder that stands for a checkout's var/, and apps that keep their things there."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.port = free_port()
        self.running_app: Child | None = None

    @property
    def url(self) -> str:
        return url_of(self.port)

    def start(self, port: int, **environment: str) -> Child:
        """`ffapp up` on that port."""
        return Child(
            f"up-{port}", [*FFAPP, "up"], self._environment(port) | environment, self.var.parent
        )

    def run(
        self, *arguments: str, port: int | str = "", **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """A command in another terminal, to its end."""
        return subprocess.run(
            [*FFAPP, *arguments],
            cwd=ROOT,
            env=self._environment(port) | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def database_of(self, port: int) -> str:
        """The database of the instance on that port."""
        running_app = running.find(str(port), self.var / "running")
        assert running_app is not None
        return running_app["DATABASE_URL"]

    def postgres(self) -> list[psutil.Process]:
        """The guard of the private Postgres, its server, and the server's own."""
        (data,) = (self.var / "postgres").glob("*/data")
        guard = find_server(data).parent()
        return [guard, *guard.children(recursive=True)]

    def _environment(self, port: int | str) -> dict[str, str]:
        home = str(self.var.parent)
        return {"FFAPP_VAR": str(self.var), "PORT": str(port), "HOME": home}


@contextmanager
def ended(child: Child) -> Iterator[Child]:
    """The child, ready; at the end of the block it has ended."""
    try:
        child.wait_for(READY)
        yield child
    finally:
        if child.running:
            child.stop()


def url_of(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def well(port: int) -> bool:
    """Whether the app on that port says that nothing is wrong."""
    answer = httpx.get(f"{url_of(port)}/healthz", timeout=PATIENCE, trust_env=False)
    return answer.status_code == 200 and answer.json() == {"ok": True, "troubles": []}


def command_of(process: psutil.Process) -> str:
    """Its command line; nothing when it has just ended, as a server's own processes do."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def gone(process: psutil.Process) -> bool:
    """Ended, even if nobody reaps it: not every container has an init."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
