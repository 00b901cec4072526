"""Kinds of rows that have a name and a page: links in timelines, messages, alerts and search."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import Select, Text, cast, literal, select, union_all

from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.web.kit.filters import parse_number


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One kind of row.

    table   as its events name it
    page    the endpoint of its page, and what the page calls the id: `("admin.x_show", "x_id")`
    kind    as the ledger names it (`class=12`); empty where no effect is about such a row
    label   the column with the name of a row, for those that have a `kind` or are searched
    quoted  whether the name stands in quotation marks
    noun    the heading over its rows among what a search finds
    search  what a search finds: a SELECT of `id`, `title` and `detail`, the best first
    title   how a title that a search found is shown
    page_id  reads the id of the page from an event where it is not the id of the row
    """

    table: str
    page: tuple[str, str]
    kind: str = ""
    label: Any = None
    quoted: bool = False
    noun: str = ""
    search: Callable[[str], Select[Any]] | None = None
    title: Callable[[str], str] = str
    page_id: Callable[[Event], int | None] = lambda event: event.subject_id

    def url(self, row_id: int) -> str:
        endpoint, parameter = self.page
        return flask.url_for(endpoint, **{parameter: row_id})


@dataclass(frozen=True)
class Named:
    """What an effect is about: the ledger's word before the `=`, its name, and its page."""

    kind: str
    name: str
    url: str | None


SUBJECTS: dict[str, Subject] = {}  # by table; what the domains declare, see `web.kit.domains`


def url_of_event(event: Event) -> str | None:
    """The page of what the event happened to, unless it is the one that is being shown."""
    subject = SUBJECTS.get(event.subject_type)
    row_id = subject.page_id(event) if subject else None
    if subject is None or row_id is None:
        return None
    endpoint, parameter = subject.page
    here = flask.request.endpoint == endpoint and flask.request.view_args == {parameter: row_id}
    return None if here else subject.url(row_id)


def subjects(names: Iterable[str]) -> dict[str, Named]:
    """The ledger's subjects (`class=12`, `person=7`) as people call them, in one query."""
    known = {name: _parts(name) for name in set(names)}
    of_kind = {each.kind: each for each in SUBJECTS.values() if each.kind}
    labels = _labels(
        (subject, [row_id for kind, row_id in known.values() if kind == subject.kind and row_id])
        for subject in of_kind.values()
    )
    found = {}
    for name, (kind, row_id) in known.items():
        label = labels.get((kind, row_id))
        if label is None:
            found[name] = Named(kind, name, None)
        else:
            subject = of_kind[kind]
            shown = f"“{label}”" if subject.quoted else label
            found[name] = Named(kind, shown, subject.url(row_id or 0))
    return found


def _parts(name: str) -> tuple[str, int | None]:
    kind, _, text = name.partition("=")
    return kind, parse_number(text)


def _labels(wanted: Iterable[tuple[Subject, Sequence[int]]]) -> dict[tuple[str, int | None], str]:
    """(kind, id) → the name of the row."""
    queries = [
        select(literal(subject.kind), subject.label.class_.id, cast(subject.label, Text)).where(
            subject.label.class_.id.in_(ids)
        )
        for subject, ids in wanted
        if ids
    ]
    if not queries:
        return {}
    return {(kind, row_id): name for kind, row_id, name in db.session.execute(union_all(*queries))}
