"""What the web writes about a request: JSON, with its id, and without what signs somebody in."""

import logging
import os
import pty
import subprocess
import sys

import pytest
import structlog

from tests.log_lines import logged

SECRET = "/links/a-link-that-signs-somebody-in"
ASK = """
import logging, structlog
from ffapp.core import logs
logs.configure("info")
structlog.get_logger().info("hello", number=1)
logging.getLogger("a.library").warning("the words of %s", "a library")
"""


@pytest.fixture
def broken(app, monkeypatch):
    """Lets a view break as it would for people, and say some words as it does."""

    def break_view(endpoint, words):
        def view(**values):
            structlog.get_logger().info("on.the.way")
            logging.getLogger("a.library").warning("something is odd")
            raise KeyError(words)

        monkeypatch.setitem(app.view_functions, endpoint, view)
        monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    return break_view


def test_every_line_of_a_request_carries_its_id(client, broken):
    broken("public.front", "nothing")

    with logged() as lines:
        answer = client.get("/")

    said = {line["event"] for line in lines.all()}
    assert said == {"on.the.way", "something is odd", "request.failed", "request"}
    ids = {line["request_id"] for line in lines.all()}
    assert ids == {answer.headers["X-Request-ID"]}


def test_the_page_names_the_id_under_which_the_log_has_it(client, broken):
    broken("public.front", "nothing")

    with logged() as lines:
        answer = client.get("/")

    (line,) = lines.of("request.failed")
    assert line["request_id"] in answer.get_data(as_text=True)
    assert "KeyError" in line["exception"]


def test_a_request_that_breaks_leaves_its_path_out_of_the_log(client, broken):
    broken("public.access_link", "nothing")

    with logged() as lines:
        assert client.get(SECRET).status_code == 500

    assert lines.of("request.failed")
    assert SECRET not in lines.stream.getvalue()


def test_what_reads_the_log_gets_json_one_object_a_line():
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)

    with logged() as lines:
        lines.stream.write(done.stderr)
    own, library = lines.all()
    assert (own["event"], own["number"], own["level"]) == ("hello", 1, "info")
    assert (library["event"], library["level"]) == ("the words of a library", "warning")
    assert own["timestamp"].endswith("Z")


def test_who_sits_at_a_terminal_reads_words():
    reader, terminal = pty.openpty()
    try:
        subprocess.run([sys.executable, "-c", ASK], stderr=terminal, check=True)
        said = os.read(reader, 10_000).decode()
    finally:
        os.close(reader)
        os.close(terminal)

    assert "hello" in said
    assert "the words of a library" in said
    assert "{" not in said
