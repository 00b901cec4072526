"""Gunicorn's threads, which begin only when a request is in: nobody occupies one by sending slowly.

A connection waits beside the threads until its header and its body have come, the body in a file
once it is big. One that takes too long is closed, so that half-sent requests cost nothing but a
socket for a while. Gunicorn itself reads header and body within the thread, for ever if need be.
"""

import contextlib
import re
import selectors
import socket
import struct
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

HEADER_SECONDS = 10
BODY_SECONDS = 20
SLOWEST = 64 * 1024  # bytes a second of a body that may take longer than that
ANSWER_SECONDS = 20  # so long an answer may wait for who reads it
MOST_HEADER = 64 * 1024
MOST_BODY = 64 * 1024 * 1024  # what is bigger is refused unread
IN_MEMORY = 128 * 1024
CHUNK = 64 * 1024
REFUSAL = b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)


class TooBig(Exception):
    """Nothing that large is read."""


@dataclass
class Incoming:
    """A request of which not all has come. `left` counts the bytes that are missing of a body."""

    conn: TConn
    until: float
    header: bytes = b""
    body: IO[bytes] | None = None
    left: int | None = None
    came: int = 0

    def feed(self, data: bytes) -> bool:
        """Take what has come; whether the request is whole. Raises TooBig."""
        if self.body is None:
            return self._feed_header(data)
        self.body.write(data)
        self.came += len(data)
        if self.left is None:  # in chunks: the last one is empty
            return data.endswith(b"0\r\n\r\n") or self.came > MOST_BODY
        self.left -= len(data)
        return self.left <= 0

    def _feed_header(self, data: bytes) -> bool:
        self.header += data
        head, end, rest = self.header.partition(b"\r\n\r\n")
        if not end:
            if len(self.header) > MOST_HEADER:
                raise TooBig
            return False
        self.header = head + end
        length = LENGTH.search(b"\r\n" + self.header)
        self.left = None if CHUNKED.search(head) else int(length[1]) if length else 0
        if (self.left or 0) > MOST_BODY:
            raise TooBig
        self.body = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the unreader closes it)
        self.until = time.monotonic() + max(BODY_SECONDS, (self.left or 0) / SLOWEST)
        if EXPECTS.search(head) and not rest:
            self.conn.sock.send(CONTINUE)
        return self.left == 0 if not rest else self.feed(rest)


class GatheredUnreader(SocketUnreader):
    """Gives the parser what was gathered, and then what comes from the socket."""

    def __init__(self, sock: socket.socket, incoming: Incoming) -> None:
        super().__init__(sock)
        assert incoming.body is not None
        incoming.body.seek(0)
        self._header, self._body = incoming.header, incoming.body

    def keep_rest(self) -> None:
        """What came behind the request belongs to the next one: let gunicorn see it."""
        rest = b"" if self._body.closed else self._body.read()
        if rest:
            self.unread(self.take_buffered() + rest)

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self._header:
            data, self._header = self._header, b""
            return data
        if not self._body.closed:
            if data := self._body.read(CHUNK):
                return data
            self._body.close()
        return bytes(super().chunk(size_hint))


class BufferingWorker(ThreadWorker):  # type: ignore[misc]
    """`worker_class` in gunicorn.conf.py."""

    def init_process(self) -> None:
        self.incoming: dict[int, Incoming] = {}
        super().init_process()  # does not come back before the end

    def enqueue_req(self, conn: TConn) -> None:
        """Called when a connection begins a request: gather it first."""
        conn.sock.setblocking(False)
        seconds = struct.pack("ll", ANSWER_SECONDS, 0)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)
        incoming = Incoming(conn, time.monotonic() + HEADER_SECONDS)
        begun = conn.parser.unreader.take_buffered() if conn.parser else b""
        self.incoming[conn.sock.fileno()] = incoming
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, incoming))
        self._read(incoming, None, begun)

    def _read(self, incoming: Incoming, _socket: Any, data: bytes = b"") -> None:
        try:
            if not data:
                data = incoming.conn.sock.recv(CHUNK)
                if not data:
                    self._leave(incoming)
                    return
            if incoming.feed(data):
                self._submit(incoming)
        except BlockingIOError:
            return
        except TooBig:
            self._leave(incoming, b"413 Content Too Large")
        except OSError:
            self._leave(incoming)

    def _submit(self, incoming: Incoming) -> None:
        """All is there: a thread may have it."""
        self._forget(incoming)
        conn = incoming.conn
        conn.data_ready = True
        conn.init()
        conn.parser.unreader = GatheredUnreader(conn.sock, incoming)
        super().enqueue_req(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        if req is not None:
            req.uri = "(not logged)"  # a path may carry a link that signs somebody in
        super().handle_error(req, client, addr, exc)

    def finish_request(self, conn: TConn, done: Any) -> None:
        if conn.parser is not None:
            conn.parser.unreader.keep_rest()
        super().finish_request(conn, done)

    def murder_pending(self) -> None:
        """Called every second, and more often while there is something to do."""
        super().murder_pending()
        now = time.monotonic()
        for each in [each for each in self.incoming.values() if each.until < now]:
            self._leave(each, b"408 Request Timeout" if each.header else None)

    def _leave(self, incoming: Incoming, status: bytes | None = None) -> None:
        self._forget(incoming)
        if incoming.body is not None:
            incoming.body.close()
        if status:
            with contextlib.suppress(OSError):
                incoming.conn.sock.send(REFUSAL % status)
        self.nr_conns -= 1
        incoming.conn.close()

    def _forget(self, incoming: Incoming) -> None:
        self.incoming.pop(incoming.conn.sock.fileno(), None)
        self.poller.unregister(incoming.conn.sock)
