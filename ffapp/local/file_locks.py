"""Locks on files that the kernel takes away when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXCLUSIVE, SHARED = fcntl.LOCK_EX, fcntl.LOCK_SH
RETRY = 0.02


def take(path: Path, kind: int, patience: float) -> int:
    """Lock `path` and return the descriptor that holds the lock until it is closed.

    Raises TimeoutError when others still hold it after `patience` seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + patience
    while not _try(descriptor, kind):
        if time.monotonic() >= until:
            os.close(descriptor)
            raise TimeoutError(f"{path} has been locked by another process for {patience:g} s")
        time.sleep(RETRY)
    return descriptor


@contextmanager
def holding(path: Path, kind: int, patience: float) -> Iterator[None]:
    """Hold the lock while the block runs; raises TimeoutError like `take`."""
    descriptor = take(path, kind, patience)
    try:
        yield
    finally:
        os.close(descriptor)


def free_for(path: Path, kind: int) -> bool:
    """Whether the lock could be had at this moment."""
    try:
        descriptor = take(path, kind, patience=0)
    except TimeoutError:
        return False
    os.close(descriptor)
    return True


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
