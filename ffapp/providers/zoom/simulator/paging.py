"""Pages of a list, with tokens that die after fifteen minutes."""

import json
from typing import Any

import flask

from ffapp.core import signing
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator.answers import ZoomError, invalid
from ffapp.providers.zoom.simulator.state import Data

TOKEN_SECONDS = 15 * 60
DEFAULT_SIZE = 30


def query() -> dict[str, str]:
    """The query of the list; of a following page, the one that the first page was asked with.

    Libraries send only `next_page_token` for following pages, so the token remembers the rest.
    """
    given = dict(flask.request.args)
    token = given.get("next_page_token")
    return {**_read(token)["query"], "next_page_token": token} if token else given


def page_of(name: str, items: list[Any], asked: dict[str, str]) -> Data:
    """The answer's part about pages, and under `name` the items of this page."""
    size = _size(asked)
    token = asked.get("next_page_token")
    offset = _read(token)["offset"] if token else 0
    rest = {key: value for key, value in asked.items() if key != "next_page_token"}
    after = offset + size
    following = signing.sign("zoom page", json.dumps({"offset": after, "query": rest}))
    return {
        "page_count": max(1, -(-len(items) // size)),
        "page_size": size,
        "total_records": len(items),
        "next_page_token": following if after < len(items) else "",
        name: items[offset:after],
    }


def _size(asked: dict[str, str]) -> int:
    text = asked.get("page_size") or str(DEFAULT_SIZE)
    if not text.isdigit() or int(text) < 1:
        raise invalid(page_size="Invalid parameter: page_size.")
    return min(int(text), wire.PAGE_SIZE)  # unconfirmed: that more is cut and not refused


def _read(token: str) -> Data:
    try:
        return dict(json.loads(signing.unsign("zoom page", token, TOKEN_SECONDS)))
    except signing.BadLink as error:
        message = "The next page token is either invalid or has expired."
        raise ZoomError(400, 300, message) from error
