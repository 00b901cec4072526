"""The programme as real processes on one database: simulators, web, workers."""

import sys
from pathlib import Path
from typing import Self

import httpx

from tests.conftest import ENVIRONMENT
from tests.processes.child import Child, free_port
from tests.processes.poll import poll

DEADLINE_SECONDS = 5  # of one call to a provider; 5 s later its worker is taken for dead


class RunningApp:
    """Starts processes on `database_url`; leaving the `with` block ends them all."""

    def __init__(self, database_url: str, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.servers: list[Child] = []
        self.children: list[Child] = []  # the workers, in the order of their start
        self._started = 0
        self._ports = {"web": free_port(), "simulators": free_port()}
        self.environment = {
            **ENVIRONMENT,
            "DATABASE_URL": database_url,
            "PUBLIC_URL": self.url_of("web"),
            "SIMULATORS_URL": self.url_of("simulators"),
            "PROVIDER_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
            **environment,
        }

    def url_of(self, what: str) -> str:
        return f"http://127.0.0.1:{self._ports[what]}"

    def open(self, web_processes: int = 1) -> Self:
        """Start the simulators and the web, and wait until they answer."""
        self._serve("simulators", "ffapp.simulators:application()", processes=1, threads=16)
        self._serve("web", "wsgi:application", processes=web_processes, threads=4)
        for server in self.servers:
            self._wait_for_answer(server)
        return self

    def restart(self, what: str) -> None:
        """End one of the servers with all it was doing, and wait until a new one answers."""
        (server,) = (each for each in self.servers if each.name == what)
        server.kill()
        server.start()
        self._wait_for_answer(server)

    def migrate(self) -> Self:
        """Make the tables, as a release does."""
        self._run("migrate", "-m", "flask", "--app", "wsgi:migrations", "db", "upgrade")
        return self

    def busy_day(self, classes: int, students: int = 0) -> None:
        """Schedule so many classes; in a new database, make the cast and students before."""
        self._run("busy-day", "-m", "tests.processes.busy_day", str(classes), str(students))

    def worker(self, *, wait: bool = True, **environment: str) -> Child:
        """A worker as the Procfile starts it; with `wait`, it has begun to work."""
        child = self._start("worker", [sys.executable, "-m", "ffapp.worker"], environment)
        if wait:
            child.wait_for("worker.started")
        return child

    def stalling_worker(self, step: str, *constants: str, **environment: str) -> Child:
        """A worker that is ready to begin, waits for `go()`, and then stalls at this step.

        `constants` are like `ffapp.worker.GRACE_SECONDS=4`.
        """
        command = [sys.executable, "-m", "tests.processes.stalling_worker", step]
        command += [str(self.folder / f"{step}.go"), *constants]
        return self._start(f"stalling-{step}", command, environment)

    def go(self, step: str) -> None:
        """Let the stalling worker of this step begin."""
        (self.folder / f"{step}.go").touch()

    def go_on(self, step: str) -> None:
        """Let it go on where it stalled."""
        (self.folder / f"{step}.go").unlink()

    def health(self) -> tuple[int, list[str]]:
        """What /healthz answers: status and troubles; status 0 when nobody answers."""
        try:
            answer = httpx.get(self.url_of("web") + "/healthz", timeout=60, trust_env=False)
        except httpx.TransportError as error:
            return 0, [repr(error)]
        return answer.status_code, answer.json().get("troubles", [])

    def logs(self, lines: int = 150) -> str:
        """The last words of every process."""
        parts = []
        for child in [*self.servers, *self.children]:
            tail = "\n".join(child.words().splitlines()[-lines:])
            parts.append(f"--- {child.name} (pid {child.pid}, ended: {child.exit_code})\n{tail}")
        return "\n".join(parts)

    def end_workers(self) -> None:
        """Kill what is left of the workers; the servers go on."""
        for child in reversed(self.children):
            child.kill()
        self.children.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.end_workers()
        for child in reversed(self.servers):
            child.kill()

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        self._started += 1
        child = Child(
            f"{name}-{self._started}", command, {**self.environment, **environment}, self.folder
        )
        self.children.append(child)
        return child

    def command(self, *command: str) -> str:
        """What Python prints for `command` in a process of this app."""
        return self._run("command", *command)

    def _run(self, name: str, *command: str) -> str:
        child = self._start(name, [sys.executable, *command], {})
        poll(lambda: not child.running, f"{name} ends", seconds=120)
        assert child.exit_code == 0, child.words()
        self.children.remove(child)
        return child.words()

    def _serve(self, what: str, application: str, *, processes: int, threads: int) -> None:
        command = [sys.executable, "-m", "gunicorn", application, "--no-control-socket"]
        command += ["--workers", str(processes)]
        command += ["--threads", str(threads), "--graceful-timeout", "2"]
        command += ["--bind", f"127.0.0.1:{self._ports[what]}"]
        self.servers.append(Child(what, command, self.environment, self.folder))

    def _wait_for_answer(self, server: Child) -> None:

        def answers() -> bool:
            assert server.running, f"{server.name} has ended:\n{server.words()}"
            try:
                httpx.get(self.url_of(server.name) + "/healthz", timeout=60, trust_env=False)
            except httpx.TransportError:
                return False
            return True

        poll(answers, f"{server.name} answers")
