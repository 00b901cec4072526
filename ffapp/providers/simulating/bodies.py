"""Bodies of requests and answers, as the simulated providers read and write JSON."""

import json
import re
from typing import Any

import flask

NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def json_object() -> dict[str, Any] | None:
    """The request's JSON object; None when it is something else.

    Half letters and NUL count as something else: our own store could not keep them either.
    """
    raw = flask.request.get_data()
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and not NUL.search(raw.decode()) else None


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
