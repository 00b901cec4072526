"""Locks on files, which the kernel releases when their holder dies, however; and free ports."""

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterable, Iterator
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
def holding(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock alone while the block runs; raises TimeoutError like `take`."""
    descriptor = take(path, EXCLUSIVE, patience)
    try:
        yield
    finally:
        os.close(descriptor)


def is_free(path: Path, kind: int) -> bool:
    """Whether the lock could be had at this moment."""
    try:
        os.close(take(path, kind, patience=0))
    except TimeoutError:
        return False
    return True


def is_port_free(port: int) -> bool:
    """Whether we could listen on that port of the loopback."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def listen(wanted: Iterable[int]) -> socket.socket:
    """A socket that listens on the first of `wanted` that is free, else on any port that is."""
    for port in wanted:
        if port < 65536:
            with contextlib.suppress(OSError):
                return socket.create_server(("127.0.0.1", port))
    return socket.create_server(("127.0.0.1", 0))
