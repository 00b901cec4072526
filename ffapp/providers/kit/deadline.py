"""A total deadline for an HTTP call.

httpx bounds each read and write by itself; a server that sends a byte a second would hold a worker
for ever. Here every read and write of the socket gets only what is left of the whole.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

_ends: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Calls in the block must be over after `seconds`; a nested block cannot prolong it."""
    ends = time.monotonic() + seconds
    outer = _ends.get()
    reset = _ends.set(min(ends, outer) if outer is not None else ends)
    try:
        yield
    finally:
        _ends.reset(reset)


def _left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    ends = _ends.get()
    if ends is None:
        return timeout
    left = ends - time.monotonic()
    if left <= 0:
        raise error("the total deadline has passed")
    return left if timeout is None else min(left, timeout)


class _Stream:
    """A stream of httpcore whose reads and writes end at the deadline; all else is passed on."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def start_tls(self, timeout: float | None = None, **options: Any) -> "_Stream":
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(timeout=left, **options))


class _Backend(httpcore.SyncBackend):
    def connect_tcp(self, timeout: float | None = None, **options: Any) -> Any:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(timeout=left, **options))


class DeadlineTransport(httpx.HTTPTransport):
    """HTTP/1.1 over fresh connections, bounded by `within()`.

    Connections are not kept alive: one that the server closed meanwhile breaks only after the
    request was written, and then nobody can know whether it was acted upon.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=50,
            max_keepalive_connections=0,
            network_backend=_Backend(),
        )
