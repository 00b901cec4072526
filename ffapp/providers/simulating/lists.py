"""Lists of the control pages: filters, search, pages, and people to choose from."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import Connection, Select, func, or_, select

from ffapp.providers.simulating.store import journal

SIZE = 25
PEOPLE = 200
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


def filter_by(query: Select[Any], **columns: Any) -> Select[Any]:
    """The query for rows whose columns are what the filters of these names ask for."""
    asked = filters()
    return query.where(*(columns[name] == asked[name] for name in columns if name in asked))


def search(query: Select[Any], columns: Iterable[Any]) -> Select[Any]:
    """The query for the words of `?q=` anywhere in one of the columns."""
    words = filters().get("q")
    if not words:
        return query
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return query.where(or_(*(column.ilike(f"%{escaped}%") for column in columns)))


def people(connection: Connection, *acts: str) -> Sequence[Any]:
    """To whom such acts went: recipient, name and how many, the one written to last first."""
    query = (
        select(
            journal.c.recipient,
            func.max(journal.c.facts["name"].astext).label("name"),
            func.count().label("count"),
        )
        .where(journal.c.act.in_(acts))
        .group_by(journal.c.recipient)
        .order_by(func.max(journal.c.id).desc())
        .limit(PEOPLE)
    )
    return connection.execute(query).all()
