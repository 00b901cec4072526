"""From a fresh clone to a working page, and again; and the memory that it takes then.

    python -m bench.start                   # everything; --method uv, pip or second for a part
    python -m bench.start --warm            # with the packages that uv and pip have kept
    python -m bench.start --working-tree    # what lies here, not what is committed

Each clone is a new one in a temporary folder, with none of our own settings in its environment.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from ffapp.providers import registry

CHECKOUT = Path(__file__).resolve().parent.parent
PATIENCE = 600
OURS = ("PYTHON", "PYTEST", "FLASK", "VIRTUAL_ENV", "MAKE", "MFLAGS", "UV", "PIP_CACHE", "XDG_")
MB = 1024 * 1024


@dataclass(frozen=True)
class Memory:
    """What some processes take: shared pages in proportion (PSS), and counted in each (RSS)."""

    count: int
    pss: int
    rss: int

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(self.count + other.count, self.pss + other.pss, self.rss + other.rss)


class Clone:
    """A fresh copy of the project in `folder`, with its own environment variables."""

    def __init__(self, folder: Path, method: str, working_tree: bool, warm: bool) -> None:
        self.path = folder / "clone"
        self.port = _free_port()
        self.env = _clean_environment() | {"PORT": str(self.port)}
        self.env["UV"] = "no" if method == "pip" else "uv"
        if not warm:
            self.env |= {"UV_CACHE_DIR": str(folder / "uv"), "PIP_CACHE_DIR": str(folder / "pip")}
        if working_tree:
            _copy_working_tree(self.path)
        else:
            subprocess.run(["git", "clone", "-q", str(CHECKOUT), str(self.path)], check=True)

    def install(self) -> float:
        """Make the environment; the seconds it took."""
        began = time.perf_counter()
        subprocess.run(["scripts/environment", "run"], cwd=self.path, env=self.env, check=True)
        return time.perf_counter() - began

    @contextmanager
    def running(self) -> Iterator[tuple[psutil.Process, float]]:
        """`make run`, once its page works: the process, and the seconds it took."""
        log = self.path.parent / "run.log"
        began = time.perf_counter()
        with log.open("w") as output:
            make = subprocess.Popen(
                ["make", "run"],
                cwd=self.path,
                env=self.env,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            self._wait_for_page(make, log)
            yield psutil.Process(make.pid), time.perf_counter() - began
        finally:
            if make.poll() is None:
                os.killpg(make.pid, signal.SIGINT)  # what Ctrl-C does
            make.wait(timeout=60)

    def _wait_for_page(self, make: "subprocess.Popen[bytes]", log: Path) -> None:
        until = time.monotonic() + PATIENCE
        while not all(_works(f"http://127.0.0.1:{self.port}{page}") for page in ("/healthz", "/")):
            if make.poll() is not None or time.monotonic() > until:
                sys.exit(f"make run has not come to a working page:\n{log.read_text()[-3000:]}")
            time.sleep(0.02)


def measure_fresh(method: str, working_tree: bool, warm: bool) -> tuple[float, float]:
    """Seconds for the environment, and from there to the first page."""
    with _temporary_folder() as folder:
        clone = Clone(folder, method, working_tree, warm)
        environment = clone.install()
        with clone.running() as (_, page):
            return environment, page


def measure_second(working_tree: bool, warm: bool) -> tuple[float, dict[str, Memory]]:
    """Seconds of the second `make run` in one clone, and the memory it takes then."""
    with _temporary_folder() as folder:
        clone = Clone(folder, "uv" if shutil.which("uv") else "pip", working_tree, warm)
        clone.install()
        with clone.running():
            pass
        with clone.running() as (make, seconds):
            time.sleep(3)  # let the worker and the sweeps do their first rounds
            return seconds, _memory(make, clone.path)


def _memory(make: psutil.Process, clone: Path) -> dict[str, Memory]:
    processes = [make, *make.children(recursive=True)]
    for other in psutil.process_iter(["cmdline"]):  # the database does not descend from `make`
        command = " ".join(other.info["cmdline"] or ())
        if "postgres_guard" in command and str(clone) in command:
            processes += [other, *other.children(recursive=True)]
    found: dict[str, Memory] = {}
    for process in processes:
        part, taken = _part(" ".join(process.cmdline())), process.memory_full_info()
        one = Memory(1, getattr(taken, "pss", taken.uss), taken.rss)
        found[part] = found.get(part, Memory(0, 0, 0)) + one
    return found


def _part(command: str) -> str:
    parts = {"postgres": "Postgres", "ffapp.worker": "worker", "ffapp.simulators": "simulators"}
    parts |= {"wsgi": "web"}
    return next((part for word, part in parts.items() if word in command), "launcher")


def _works(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def _clean_environment() -> dict[str, str]:
    settings = {*registry.variables(), "PORT", "WEB_CONCURRENCY", "PG_BIN", "FFAPP_VAR"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in settings and not name.startswith(OURS)
    }


def _copy_working_tree(target: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (CHECKOUT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, target / name)


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """As open as a person's folder for projects would be, so that Postgres can live in it."""
    with tempfile.TemporaryDirectory(prefix="ffapp-bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--method", choices=["uv", "pip", "second"], help="only this part")
    parser.add_argument("--warm", action="store_true", help="use the package caches of this user")
    parser.add_argument("--working-tree", action="store_true", help="not what is committed")
    asked = parser.parse_args()
    how = {"working_tree": asked.working_tree, "warm": asked.warm}
    for method in ("uv", "pip"):
        if asked.method in (None, method) and (method == "pip" or shutil.which("uv")):
            environment, page = measure_fresh(method, **how)
            print(f"fresh clone, {method:3}  {environment + page:6.1f} s to a working page", end="")
            print(f"   ({environment:.1f} s environment, {page:.1f} s start)", flush=True)
    if asked.method in (None, "second"):
        seconds, memory = measure_second(**how)
        print(f"second start      {seconds:6.1f} s to a working page\n")
        print("memory            PSS MB   RSS MB   processes")
        total = sum(memory.values(), Memory(0, 0, 0))
        for part, taken in [*sorted(memory.items()), ("together", total)]:
            print(f"{part:16}{taken.pss / MB:8.0f} {taken.rss / MB:8.0f} {taken.count:8}")


if __name__ == "__main__":
    main()
