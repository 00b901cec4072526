"""Answering with a page, or with the one block of it that htmx asks for.

The only file that reads or writes an HX- header.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import flask
from htmx_flask import request as htmx_request
from jinja2_fragments.flask import render_block

from ffapp.core import config

VARY = ("HX-Request", "HX-Target")


def page(
    template: str, *, fragments: Sequence[str] = (), status: int = 200, **context: Any
) -> flask.Response:
    """The whole page, or one of its `fragments`.

    A fragment is a block that is named after the element it fills (`lead_rows` fills
    `id="lead-rows"`). Only those listed can be asked for; anything else gets the whole page.
    """
    target = wanted_fragment()
    block = target.replace("-", "_") if target else None
    if block in fragments:
        body = render_block(template, block, **context)
    else:
        body = flask.render_template(template, **context)
    response = flask.make_response(body, status)
    response.vary.update(VARY)
    return response


def see(location: str) -> flask.Response:
    """After a POST: go and see (303); htmx is sent there as well."""
    if is_htmx():
        return go_to(location)
    return flask.redirect(location, 303)  # type: ignore[return-value]


def remember(response: flask.Response, name: str, value: str) -> None:
    """Keep a choice in this browser for a year, also for who signs out; '' forgets it."""
    set_cookie(response, name, value, timedelta(days=365) if value else timedelta(0))


def set_cookie(response: flask.Response, name: str, value: str, lasts: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lasts,
        samesite="Lax",
        httponly=True,
        secure=config.current().secure,
    )


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
    return flask.Response(status=204, headers={"HX-Redirect": location})
