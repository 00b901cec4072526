"""A list page: declared once (query, columns, filters, search, sorts, actions), used everywhere.

See `ListPage`. The page works without JavaScript; htmx fetches the rows alone while one types, and
static/js/list.js adds keys. What is asked stands in the address, so Back, bookmarks and saved views
work.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flask
from sqlalchemy import Select

from ffapp.web.kit.bulk_actions import BulkAction
from ffapp.web.kit.filters import Asked, Filters
from ffapp.web.kit.list_rows import MemoryRows, QueryRows, Rows
from ffapp.web.kit.list_view import ListView

PER_PAGE = 50


@dataclass(frozen=True)
class Column:
    """One column: `value` is what a row shows there (see `kit.cells`) and what the file says.

    `sort` is what the column sorts by: an SQL expression, or a function of the row for a list in
    memory. The `lead` column names the row; `on_phone` marks what else a phone shows without a tap
    (a state, a figure). `in_file` and `on_page` leave it out of the one or the other.
    """

    label: str
    value: Callable[[Any], Any]
    sort: Any = None
    name: str = ""  # in the address; made of the label unless given
    lead: bool = False
    on_phone: bool = False
    end: bool = False  # figures
    fit: bool = False
    on_page: bool = True
    in_file: bool = True
    unit: Callable[..., str] | None = None  # for the head of the file, of what the list is about
    is_hidden_label: bool = False

    @property
    def key(self) -> str:
        return self.name or re.sub(r"\W+", "-", self.label.lower()).strip("-")


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """The declaration of a list.

    `rows` answers a SELECT of one entity (or Bundle), or a sequence; it and `load` get what the
    list is about (`of`), if anything. `load` turns the rows of one page into what the columns read,
    so that all of them are looked up in a constant number of queries. `key` names a row: a column,
    or a function of the row for a list in memory; `row_id` reads it from a loaded row. `empty` says
    what will appear here (title, text).
    """

    name: str  # in saved views, files, and as the id of the element with the rows
    heading: str  # of the page, or else of the table for those who only hear it
    noun: tuple[str, str]  # one row, several rows
    rows: Callable[..., Select[Any] | Sequence[Any]]
    columns: Sequence[Column]
    key: Any
    empty: tuple[str, str] | Callable[[Asked], tuple[str, str]]
    no_match: str = ""
    order: str | Callable[[Asked], str] = ""
    filters: Filters = field(default_factory=Filters)
    ties: Sequence[Any] = ()  # by what rows are sorted that are equal otherwise
    load: Callable[..., Sequence[Any]] = lambda rows, *of: rows
    lead: str = ""
    per_page: int = PER_PAGE
    actions: Sequence[BulkAction] = ()
    row_id: Callable[[Any], Any] = lambda row: row.id
    can_choose: Callable[[Any], bool] = lambda row: True
    action_fields: Callable[..., dict[str, Any]] = lambda *of: {}  # what the actions get besides
    template: str = "kit/list.html"
    item_template: str = ""  # draws a row where the list is no table
    has_row_buttons: bool = False  # a column has `kit.cells.Press`
    has_file: bool = True
    file_name: Callable[..., str] | None = None
    has_views: bool = True

    def __post_init__(self) -> None:
        LISTS[self.name] = self

    @property
    def sorts(self) -> dict[str, Any]:
        return {each.key: each.sort for each in self.columns if each.sort is not None}

    def read(self, address: Mapping[str, str], *of: Any) -> Asked:
        """What an address asks of this list."""
        asked = self.filters.read(address, list(self.sorts), *of)
        if not asked.sort:
            asked.sort = self.usual_order(asked)
        return asked

    def usual_order(self, asked: Asked) -> str:
        return self.order(asked) if callable(self.order) else self.order

    def found(self, asked: Asked, but: str = "") -> Rows:
        """The rows that are asked for, of all pages; `but` leaves one filter aside."""
        source = self._source(asked)
        conditions = []
        for each in self.filters:
            value = asked[each.name]
            if value is None or each.name == but:
                continue
            narrow = each.condition
            conditions.append(narrow(value) if narrow else source.equals(each.column, value))
        if asked.search and self.filters.search:
            search = self.filters.search
            narrow = search.condition
            words = asked.search
            conditions.append(narrow(words) if narrow else source.contains(search.columns, words))
        return source.where(conditions)

    def _source(self, asked: Asked) -> Rows:
        rows = self.rows(*asked.of)
        if isinstance(rows, Select):
            return QueryRows(rows, self.key, self.ties)
        return MemoryRows(rows, self.key)

    def ordered(self, asked: Asked) -> Rows:
        """The same in the order that is asked for."""
        found = self.found(asked)
        if not asked.sort:
            return found
        name = asked.sort.removeprefix("-")
        return found.ordered(self.sorts[name], descending=asked.sort.startswith("-"))

    def matching_ids(self, *of: Any) -> Sequence[int]:
        """The ids of all rows that fit the filters in the address, on whatever page they are."""
        return self.found(self.read(flask.request.values, *of)).keys()

    def view(self, *of: Any, path: str | None = None) -> ListView:
        """The list as the address of this request asks for it. A page that is drawn in answer to a
        post says with `path` where the list is."""
        return ListView(self, self.read(flask.request.args, *of), path or flask.request.path)

    def respond(self, *of: Any, **context: Any) -> flask.Response:
        """The page, its rows alone for htmx, or the file. A value of `context` that is a function
        is called when the whole page is drawn."""
        return self.view(*of).respond(self.template, **context)


LISTS: dict[str, ListPage] = {}
