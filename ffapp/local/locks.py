"""Locks on files that the kernel releases when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXCLUSIVE, SHARED = fcntl.LOCK_EX, fcntl.LOCK_SH
RETRY_SECONDS = 0.02


def take(path: Path, kind: int, patience: float) -> int:
    """Lock `path` and return the descriptor that holds the lock until it is closed.

    Raises TimeoutError when others still hold it after `patience` seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(descriptor)
                raise TimeoutError(f"another process holds {path} for {patience:g} s") from None
        time.sleep(RETRY_SECONDS)


@contextmanager
def holding(path: Path, kind: int, patience: float) -> Iterator[int]:
    """Hold the lock while the block runs; raises TimeoutError like `take`."""
    descriptor = take(path, kind, patience)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_free(path: Path, kind: int) -> bool:
    """Whether the lock could be had at this moment."""
    try:
        os.close(take(path, kind, patience=0))
    except TimeoutError:
        return False
    return True
