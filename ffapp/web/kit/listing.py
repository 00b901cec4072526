"""Lists whose filters, order and page live in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import flask

PER_PAGE = 50
LARGEST = 2**62  # beyond this no id of ours lies, and Postgres would refuse the question


@dataclass(frozen=True)
class Page:
    """One page of a list, as `ui.pager` reads it."""

    number: int
    pages: int
    total: int
    per_page: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.per_page


def page_of(total: int, per_page: int = PER_PAGE) -> Page:
    """The page that the address asks for; one that does not exist becomes the nearest."""
    pages = max(1, -(-total // per_page))
    return Page(min(max(query_int("page") or 1, 1), pages), pages, total, per_page)


def page_url(page_number: int) -> str:
    return current_url(page=page_number)


def current_url(endpoint: str | None = None, /, **changes: Any) -> str:
    """This address with some parameters changed or (None) left out; the list begins anew.

    A page that is also drawn in answer to a post names its `endpoint`, for where it was posted to
    nothing can be fetched.
    """
    request = flask.request
    asked = {name: value for name, value in request.args.to_dict().items() if _is_ours(name)}
    parameters = {**asked, "page": None, **changes, **(request.view_args or {})}
    kept = {name: value for name, value in parameters.items() if value not in (None, "")}
    return flask.url_for(endpoint or request.endpoint or "", **kept)


def _is_ours(name: str) -> bool:
    """Flask's `url_for` keeps some names for itself; no parameter of ours is called so."""
    return name != "endpoint" and not name.startswith("_")


def query_str(name: str) -> str:
    """A parameter of the address without spaces at its ends; empty when it is not there."""
    return flask.request.args.get(name, "").replace("\0", "").strip()[:200]


def query_int(name: str) -> int | None:
    """A parameter that ought to be a whole number; None when it is not."""
    text = query_str(name)
    if not (text.isascii() and text.isdecimal()) or int(text) > LARGEST:
        return None
    return int(text)


def chips(
    name: str,
    options: Iterable[tuple[str, str]],
    counts: Mapping[str, int],
    endpoint: str | None = None,
) -> list[dict[str, Any]]:
    """Filter chips for one parameter: all, then each (value, label) with how many there are.

    `endpoint` as in `here`.
    """
    current = query_str(name)
    every = {"label": "All", "value": "", "count": sum(counts.values())}
    each = [
        {"label": label, "value": value, "count": counts.get(value, 0)} for value, label in options
    ]
    return [
        {
            **chip,
            "url": current_url(endpoint, **{name: chip["value"]}),
            "current": chip["value"] == current,
        }
        for chip in (every, *each)
    ]
