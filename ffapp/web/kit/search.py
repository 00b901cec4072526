"""Searching all domains at once: each kind of row says what it finds, in one statement."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import ColumnElement, Text, cast, func, literal, or_, select, union_all

from ffapp.core.db import db
from ffapp.core.matching import fold, folded, mentions
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import query_str
from ffapp.web.kit.subjects import SUBJECTS, Subject

AT_MOST = 6  # of one kind
SORTED = 300  # so many of one kind are put into order
FEWEST_DIGITS = 4  # of a phone number that is searched for


@dataclass(frozen=True)
class Hit:
    title: str
    detail: str
    url: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind: its heading, and the first rows."""

    noun: str
    hits: Sequence[Hit]


def search_show() -> flask.typing.ResponseReturnValue:
    """The page, and what drops down under the field in the header."""
    words = query_str("q")
    return page(
        "admin/search.html", fragments=("search_results",), words=words, groups=search(words)
    )


def add_routes(blueprint: flask.Blueprint) -> None:
    blueprint.add_url_rule("/search", view_func=search_show)


def search(words: str) -> list[Group]:
    """What the subjects find, in the order in which the domains are registered; one query."""
    searched = [each for each in SUBJECTS.values() if each.search]
    hits: dict[int, list[Hit]] = defaultdict(list)
    if words:
        for index, row_id, title, detail in db.session.execute(_union(searched, words)):
            subject = searched[index]
            hits[index].append(Hit(subject.title(title), detail or "", subject.url(row_id)))
    return [Group(each.noun, hits[index]) for index, each in enumerate(searched) if hits[index]]


def _union(searched: Sequence[Subject], words: str) -> Any:
    parts = []
    for index, each in enumerate(searched):
        assert each.search is not None
        found = each.search(words).limit(AT_MOST).subquery(f"found_{index}")
        title, detail = (cast(found.c[name], Text) for name in ("title", "detail"))
        parts.append(select(literal(index), found.c.id, title, detail))
    return union_all(*parts)


def contains(words: str, *columns: Any) -> ColumnElement[bool]:
    """Whether one of the columns contains the words, whatever they are, accents aside."""
    return or_(*(mentions(each, words) for each in columns))


def some_of(model: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition, for at most so many rows as are worth sorting: words that fit thousands of
    rows say little, and Postgres stops at the first few hundred."""
    return model.id.in_(select(model.id).where(condition).limit(SORTED))


def begins_first(words: str, column: Any) -> ColumnElement[bool]:
    """To order by: what begins with the words comes first."""
    return folded(column).startswith(fold(words), autoescape=True).desc()


def has_phone(words: str, column: Any) -> ColumnElement[bool]:
    """Whether the column (E.164) contains the digits, however they were typed."""
    digits = "".join(each for each in words if each.isascii() and each.isdigit())
    is_number = len(digits) >= FEWEST_DIGITS and not any(each.isalpha() for each in words)
    return column.contains(digits, autoescape=True) if is_number else literal(False)


def spell_instant(instant: Any, zone: Any) -> ColumnElement[str]:
    """`5 Dec 2026, 17:00`, in SQL."""
    return func.to_char(func.timezone(zone, instant), "FMDD Mon YYYY, HH24:MI")
