"""Answering with a page, or with the one block of it that htmx asks for."""

from collections.abc import Sequence
from typing import Any

import flask
from jinja2_fragments.flask import render_block

from ffapp.web.kit import htmx


def page(
    template: str, *, fragments: Sequence[str] = (), status: int = 200, **context: Any
) -> flask.Response:
    """The whole page, or one of its `fragments`.

    A fragment is a block that is named after the element it fills (`lead_rows` fills
    `id="lead-rows"`). Only those listed can be asked for; anything else gets the whole page.
    """
    target = htmx.wanted_fragment()
    block = target.replace("-", "_") if target else None
    if block in fragments:
        body = render_block(template, block, **context)
    else:
        body = flask.render_template(template, **context)
    response = flask.make_response(body, status)
    response.vary.update(htmx.VARY)
    return response


def see(location: str) -> flask.Response:
    """After a POST: go and see (303); htmx is sent there as well."""
    if htmx.is_htmx():
        return htmx.go_to(location)
    return flask.redirect(location, 303)  # type: ignore[return-value]
