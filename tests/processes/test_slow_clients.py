"""Clients that send slowly stop nobody: the gunicorn of the web, with a program that echoes."""

import contextlib
import socket
import sys
import time

import httpx
import pytest

from tests.processes.child import Child, free_port
from tests.processes.poll import poll

pytestmark = pytest.mark.slow

THREADS = 2
HALF_A_HEADER = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_A_BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nonly this"
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "tests.processes.echo:application"]
    command += ["--threads", str(THREADS), "--bind", f"127.0.0.1:{port}"]
    server = Child("echo", command, {}, tmp_path_factory.mktemp("echo"))
    poll(lambda: answer(port) == "http / 0\n", "it answers")
    yield server, port
    server.kill()


@pytest.fixture
def port(server):
    return server[1]


def answer(port, timeout=60, **options):
    try:
        with httpx.Client(timeout=timeout, trust_env=False) as client:
            return client.post(f"http://127.0.0.1:{port}/", **options).text
    except httpx.TransportError as error:
        return repr(error)


@pytest.fixture
def send(port):
    """Open a connection and send; all are closed at the end."""
    opened = []

    def send(data):
        opened.append(socket.create_connection(("127.0.0.1", port), timeout=60))
        opened[-1].sendall(data)
        return opened[-1]

    yield send
    for each in opened:
        each.close()


def test_an_error_is_logged_without_the_path_which_may_sign_somebody_in(server, send):
    child, _ = server

    read_all(send(b"GET /break/links/secret-token HTTP/1.1\r\nHost: localhost\r\n\r\n"))

    poll(lambda: child.says("broken on purpose"), "it is logged")
    assert child.says("(not logged)")
    assert not child.says("secret-token")


def read_all(connection):
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def test_twenty_half_sent_requests_of_each_kind_stop_nobody_and_are_closed(port, send):
    began = time.monotonic()
    headers = [send(HALF_A_HEADER) for _ in range(20)]
    bodies = [send(HALF_A_BODY) for _ in range(20)]

    for _ in range(20):
        assert answer(port, timeout=8) == "http / 0\n"
    took = time.monotonic() - began
    assert took < 9, "it was answered while they were open"

    for each in headers:
        assert read_all(each).startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began >= 9
    for each in bodies:
        assert read_all(each).startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - began >= 19


def test_one_that_sends_a_byte_now_and_then_is_closed_too(send):
    trickle = send(HALF_A_HEADER)
    began = time.monotonic()

    with contextlib.suppress(OSError):
        while time.monotonic() - began < 60:
            trickle.sendall(b"x")
            time.sleep(0.3)

    assert time.monotonic() - began < 30


@pytest.mark.parametrize("size", [0, 10, 200_000, 3 * MEGABYTE])
def test_a_body_comes_whole(port, size):
    assert answer(port, content=b"x" * size) == f"http / {size}\n"


def test_a_body_in_chunks_comes_whole(port):
    assert (
        answer(port, content=iter([b"a" * 10, b"b" * 100_000, b"0\r\n\r\n"])) == "http / 100015\n"
    )


def test_a_body_of_which_parts_come_late_is_read(send):
    head, body = HALF_A_BODY[:-9], b"y" * 1000
    connection = send(head)
    for start in range(0, 1000, 250):
        time.sleep(0.2)
        connection.sendall(body[start : start + 250])

    assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_requests_on_one_connection_are_answered_in_turn_also_when_sent_at_once(send):
    first = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n" + b"z" * 70_000
    second = b"GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    found = read_all(send(first + second))

    assert b"http /a 70000" in found
    assert b"http /b 0" in found


def test_who_asks_whether_to_go_on_is_told_so(send):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"
    connection = send(head + b"Connection: close\r\n\r\n")

    assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
    connection.sendall(b"abc")
    assert b"http / 3" in read_all(connection)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    ],
)
def test_what_is_too_big_is_refused_unread(send, sent):
    assert read_all(send(sent)).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "header", ["SCRIPT_NAME: /evil", "Script-Name: /evil", "X-Forwarded-Proto: https"]
)
def test_no_header_says_where_we_are(send, header):
    asked = f"GET /x HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n\r\n".encode()

    found = read_all(send(asked))

    assert b"http /x 0" in found or found.startswith(b"HTTP/1.1 400 ")
    assert b"evil" not in found
