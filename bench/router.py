"""What stands before the web of an application: connections that are kept open."""

import asyncio
import contextlib
import re

CONNECTIONS = 64
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One of those that a router keeps open to the web; a question at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.received = transport, b""
        self.answer: asyncio.Future[bytes] | None = None

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        """Its answer, as it comes over the wire; raises ConnectionError when it is cut off."""
        self.answer, self.received = asyncio.get_running_loop().create_future(), b""
        self.transport.write(request)  # type: ignore[attr-defined]
        return self.answer

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, ended, body = self.received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if ended and len(body) >= (int(length[1]) if length else 0) and self._is_awaited():
            self.answer.set_result(self.received)  # type: ignore[union-attr]

    def connection_lost(self, error: Exception | None) -> None:
        if self._is_awaited():
            self.answer.set_exception(error or ConnectionResetError())  # type: ignore[union-attr]

    def _is_awaited(self) -> bool:
        return self.answer is not None and not self.answer.done()


class Router:
    """What stands before the web: connections that are kept open, for the next request."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.free: asyncio.LifoQueue[Connection | None] = asyncio.LifoQueue()
        for _ in range(CONNECTIONS):
            self.free.put_nowait(None)

    async def get(self, request: bytes) -> bytes:
        """The answer as it comes; asked once more where an idle connection was just closed."""
        connection = await self.free.get()
        try:
            if connection is not None and not connection.transport.is_closing():
                with contextlib.suppress(ConnectionError):
                    return await connection.ask(request)
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(Connection, "127.0.0.1", self.port)
            return await connection.ask(request)
        finally:
            self.free.put_nowait(connection)
