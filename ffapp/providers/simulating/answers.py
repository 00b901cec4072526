"""Answers of the simulated providers: JSON, and pages that people open in a browser."""

import gzip
import json
import zlib
from typing import Any

import flask

from ffapp.providers.simulating.store import json_text

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def json_object() -> dict[str, Any] | None:
    """The request's JSON object, gzipped or not; None when it is something else."""
    raw = flask.request.get_data()
    try:
        if flask.request.headers.get("Content-Encoding", "").lower() == "gzip":
            raw = gzip.decompress(raw)
        body = json.loads(raw)
        if b"\\u" in raw:
            body = json.loads(json_text(body))
    except (ValueError, OSError, EOFError, zlib.error, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def json_answer(
    value: Any, status: int = 200, content_type: str = "application/json"
) -> flask.Response:
    """Compact JSON, with keys in the given order and letters as they are."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return flask.Response(text, status, content_type=content_type)


def empty_answer(status: int, headers: dict[str, str] | None = None) -> flask.Response:
    """No body and no Content-Type."""
    response = flask.Response(status=status, headers=headers)
    del response.headers["Content-Type"]
    return response


def page(template: str, status: int = 200, **values: object) -> flask.Response:
    """The template's page; scripts and styles come only from the simulator's own files."""
    response = flask.Response(flask.render_template(template, **values), status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def message(title: str, text: str, status: int, state_word: str) -> flask.Response:
    """A page that only says something."""
    return page("message.html", status, title=title, text=text, state=state_word)
