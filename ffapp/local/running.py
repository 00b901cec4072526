"""Which houses run here: so that `ffapp demo`, `admin` and `doctor` in another terminal find one.

Each keeps a file of its own, FOLDER/PORT.json, and holds a lock on it, which the kernel takes away
when it ends, however it ends: what a killed one has left behind counts for nothing.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ffapp.local import file_locks

PATIENCE = 2


class AlreadyRuns(RuntimeError):
    """Another house of this folder runs on that port."""


@contextmanager
def announce(folder: Path, port: int, environment: Mapping[str, str]) -> Iterator[None]:
    """Let others find `environment` while the block runs; raises AlreadyRuns.

    It holds the key that signs sessions, and those of real providers, so nobody but us may read it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{port}.json"
    try:
        lock = file_locks.take(path, file_locks.EXCLUSIVE, PATIENCE)
    except TimeoutError as error:
        raise AlreadyRuns(str(error)) from error
    try:
        os.ftruncate(lock, 0)
        os.write(lock, json.dumps(dict(environment)).encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)


def find(folder: Path, port: str | None = None) -> dict[str, str] | None:
    """What the house on `port` has announced, or without a port the last one to start."""
    files = [path for path in folder.glob("*.json") if port in (None, path.stem)]
    for path in sorted(files, key=_changed, reverse=True):
        with contextlib.suppress(OSError, ValueError):
            # The words before the lock: the file of a house that ends meanwhile is gone.
            environment = json.loads(path.read_text())
            if not file_locks.free_for(path, file_locks.SHARED):
                return dict(environment)
    return None


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0
