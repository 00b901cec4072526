"""Find the instance that `make run` runs here, for `ffapp demo`, `admin` and `doctor`.

Each keeps a file of its own, FOLDER/PORT, and holds a lock on it, which the kernel releases when it
ends, however it ends: what a killed one has left behind counts for nothing. The file names one of
its processes, whose environment only our own account can read: no secret is written.
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ffapp.local import locks_and_ports as locks

ROOT = Path(__file__).parents[2]
VAR = Path(os.environ.get("FFAPP_VAR") or ROOT / "var")
PATIENCE_SECONDS = 2


class AlreadyRuns(RuntimeError):
    """Another instance of this folder runs on that port."""


@contextmanager
def announce(port: int, folder: Path = VAR / "running") -> Iterator[Callable[[int], object]]:
    """Reserve the port among our instances while the block runs; raises AlreadyRuns.

    Call what the block gets with the id of a process, and others find that process's environment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / str(port)
    try:
        lock = locks.take(path, locks.EXCLUSIVE, PATIENCE_SECONDS)
    except TimeoutError as error:
        raise AlreadyRuns(str(error)) from error

    try:
        path.write_text("")
        yield lambda process_id: path.write_text(str(process_id))
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)


def find(port: str | None = None, folder: Path = VAR / "running") -> dict[str, str] | None:
    """The environment of the instance on `port`, or without a port of the last one to start."""
    paths = [path for path in folder.glob("*") if port in (None, "", path.name)]
    for path in sorted(paths, key=_changed_at, reverse=True):
        with contextlib.suppress(FileNotFoundError):
            # The text before the lock: the file of an instance that ends meanwhile is gone.
            process_id = path.read_text()
            if process_id and not locks.is_free(path, locks.SHARED):
                return _environment_of(int(process_id))
    return None


def keep_secret(name: str, length: int, folder: Path = VAR) -> str:
    """A random text that is made once and stays in the data directory, for our own account."""
    path = folder / name
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        own = folder / f"{name}.{os.getpid()}"
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(length))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(own)  # the first one counts
        own.unlink()
    return path.read_text().strip()


def libpq_url(environment: dict[str, str]) -> str:
    """DATABASE_URL in the form that libpq understands."""
    scheme, _, rest = environment["DATABASE_URL"].partition("://")
    return f"postgresql://{rest}" if scheme.startswith("postgres") else f"{scheme}://{rest}"


def _environment_of(process_id: int) -> dict[str, str] | None:
    import psutil  # not on a dyno, where no instance is found

    try:
        return psutil.Process(process_id).environ()
    except psutil.Error:
        return None


def _changed_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0
