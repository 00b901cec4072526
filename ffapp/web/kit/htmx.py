"""The only file that reads or writes an HX- header."""

import flask
from htmx_flask import Htmx
from htmx_flask import request as htmx_request

VARY = ("HX-Request", "HX-Target")


def install(app: flask.Flask) -> None:
    Htmx(app)


def wanted_fragment() -> str | None:
    """The id of the element that htmx wants to fill; None when a whole page is wanted."""
    htmx = htmx_request.htmx
    if not htmx or htmx.boosted or htmx.history_restore_request:
        return None
    return htmx.target


def is_htmx() -> bool:
    return bool(htmx_request.htmx)


def go_to(location: str) -> flask.Response:
    """Let htmx load another page instead of swapping this answer in."""
    response = flask.Response(status=204)
    response.headers["HX-Redirect"] = location
    return response
