"""The one way out: it refuses where somebody waits, holds its deadline, and keeps secrets."""

import socket
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.outcomes import Unavailable, Unclear
from ffapp.providers.kit import deadline, http
from ffapp.providers.kit.deadline import within

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def server():
    """A socket server that treats each connection with a function."""
    servers = []

    def serve(treat):
        listening = socket.create_server(("127.0.0.1", 0))
        servers.append(listening)

        def accept():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    treat(connection)

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    yield serve
    for each in servers:
        each.close()


def call(url, **options):
    with httpx.Client(transport=http.build_transport("Zoom"), timeout=None) as client:
        return client.post(url, **options)


def hang_up(connection):
    connection.recv(4096)


@pytest.fixture
def drip(monkeypatch):
    """Answers a byte at a time: each read is quick, the whole never ends. Once it has begun, an
    hour has passed on the deadline's clock."""
    passed = [0]
    hours = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600 * passed[0])
    monkeypatch.setattr(deadline, "time", hours)

    def treat(connection):
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        passed[0] += 1
        _drip(connection)

    return treat


def _drip(connection):
    for _ in range(1000):
        try:
            connection.sendall(b"x")
        except OSError:
            return
        time.sleep(0.05)


def test_a_refused_connection_means_that_nothing_was_done(settings):
    with pytest.raises(Unavailable, match="could not be reached"):
        call("http://127.0.0.1:1/")


def test_a_broken_connection_is_unclear(settings, server):
    with pytest.raises(Unclear, match="broke off"):
        call(server(hang_up))


def test_the_deadline_is_over_the_whole_call(settings, server, drip):
    with pytest.raises(Unclear, match="in time"), within(600):
        call(server(drip))


def test_a_nested_deadline_cannot_prolong_the_outer_one(settings, server, drip):
    with pytest.raises(Unclear, match="in time"), within(600), within(86400):
        call(server(drip))


def test_no_call_inside_a_web_request(app, settings):
    with app.test_request_context(), pytest.raises(http.CallNotAllowed, match="web request"):
        call("http://127.0.0.1:1/")


def test_no_call_inside_an_open_transaction(context):
    db.session.execute(db.text("SELECT 1"))

    with pytest.raises(http.CallNotAllowed, match="open transaction"):
        call("http://127.0.0.1:1/")

    db.session.rollback()
    with pytest.raises(Unavailable):
        call("http://127.0.0.1:1/")


def test_an_exchange_is_remembered_without_its_secrets(settings, server):
    def answer(connection):
        connection.recv(65536)
        connection.sendall(ANSWER)

    body = {
        "password": "hunter2",
        "h323_password": "914207",
        "secret": 'a "quoted" one',
        "access_token": "abc",
        "start_url": "https://zoom.us/s/1?zak=xyz",
        "text": "call +919876543210, open http://x/links/abc.def or https://z/j/1?pwd=secret",
    }
    with http.recording() as exchanges:
        call(server(answer), json=body, headers={"Authorization": "Bearer key"})

    (exchange,) = exchanges
    assert (exchange["method"], exchange["status"]) == ("POST", 200)
    written = str(exchange)
    for secret in (
        "hunter2",
        "914207",
        "quoted",
        '"abc"',
        "xyz",
        "9876543210",
        "abc.def",
        "pwd=secret",
        "Bearer",
    ):
        assert secret not in written
    assert "+•••10" in written


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"apiKey":"eyJ.a.b"}', '{"apiKey":"•••"}'),
        ('{"api_key": "x"}', '{"api_key": "•••"}'),
        ('{"destination":"+919876543210"}', '{"destination":"+•••10"}'),
        ('{"destination":"919876543210"}', '{"destination":"•••10"}'),
        ('{"phone_number": "919876543210"}', '{"phone_number": "•••10"}'),
        ('{"created_at":1793059200000,"id":"919876543210"}', None),
    ],
)
def test_keys_and_phones_of_aisensy_are_masked(text, masked):
    assert http.mask(text) == (masked or text)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("Wed, 21 Oct 2037 07:28:00 GMT", None), ("2037-05-31T00:00:00Z", None)],
)
def test_retry_after_is_read_in_its_three_forms(value, seconds):
    at = http.retry_at(httpx.Headers({"Retry-After": value}))

    if seconds:
        assert abs(at - clock.wall() - timedelta(seconds=seconds)) < timedelta(seconds=2)
    else:
        assert at.year == 2037
        assert at.tzinfo is not None


@pytest.mark.parametrize("value", ["", "soon", "-5"])
def test_a_retry_after_that_says_nothing_is_none(value):
    assert http.retry_at(httpx.Headers({"Retry-After": value})) is None
