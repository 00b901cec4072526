"""Pages of a long list, chosen by `?page=` in the address."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import Connection, Select, func

SIZE = 25
FILTERS = ("provider", "act", "effect", "state", "to", "q", "page")


@dataclass(frozen=True)
class Page:
    """One page of rows; numbers count from 1."""

    rows: Sequence[Any]
    number: int
    pages: int
    total: int


def fetch(connection: Connection, query: Select[Any]) -> Page:
    """The page of `query` that the request asks for, in two statements."""
    counted = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    total = connection.scalar(counted) or 0
    pages = max(1, math.ceil(total / SIZE))
    number = min(max(1, flask.request.args.get("page", 1, type=int)), pages)
    rows = connection.execute(query.limit(SIZE).offset((number - 1) * SIZE)).all()
    return Page(rows, number, pages, total)


def filters() -> dict[str, str]:
    """What of the address chooses rows; nothing else of it may get into our links."""
    # Postgres stores no NUL and so cannot look for one.
    texts = ((name, flask.request.args.get(name, "").replace("\0", "")) for name in FILTERS)
    return {name: text.strip() for name, text in texts if text.strip()}


def like(text: str) -> str:
    """A pattern for ILIKE that finds `text` itself anywhere."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
