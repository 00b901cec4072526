"""A list as one request asks for it: what its templates read.

`list_page` stands above this module; what it declares (`page`, `column`) is read as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import flask
from flask_sqlalchemy.pagination import Pagination
from markupsafe import Markup, escape

from ffapp.core.i18n import gettext
from ffapp.web import auth
from ffapp.web.kit import saved_views
from ffapp.web.kit.cells import as_html
from ffapp.web.kit.csv_file import list_file
from ffapp.web.kit.filters import Asked, Choice, Only
from ffapp.web.kit.page import page, wanted_fragment

COUNTED_UP_TO = 10_000  # of a large table


@dataclass(frozen=True)
class Option:
    """One option of a filter as it is offered."""

    value: str
    label: str
    url: str
    count: str | None
    current: bool


@dataclass(frozen=True)
class Row:
    key: Any
    title: str
    item: Any
    cells: Sequence[tuple[Markup, Markup]]  # what stands in the <td …>, and in it
    can_be_chosen: bool


class ListView:
    """A list, narrowed, sorted and on the page that was asked for. Each part is looked up once."""

    def __init__(self, page: Any, asked: Asked, path: str) -> None:
        self.page, self.asked, self.path = page, asked, path
        self.id = page.name
        self.columns = [each for each in page.columns if each.on_page]
        self._counts: dict[str, dict[Any, int]] = {}

    # ── what is asked ──

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The address without its page, as saved views keep it."""
        found = self.page.filters.written(self.asked)
        if self.asked.sort == self.page.usual_order(self.asked):
            found.pop("sort", None)
        return found

    @property
    def query(self) -> str:
        return urlencode(self.parameters)

    def url(self, **changes: Any) -> str:
        """This list with some parameters changed or (None) left out."""
        asked = {**self.parameters, **changes}
        kept = urlencode({name: value for name, value in asked.items() if value not in (None, "")})
        return f"{self.path}?{kept}" if kept else self.path

    @property
    def here(self) -> str:
        """This page of it, to come back to."""
        return self.url(page=self.pager.page if self.pager.page > 1 else None)

    @property
    def is_narrowed(self) -> bool:
        """Whether somebody has narrowed it; a filter with a default does so by itself."""
        usual = {each.name for each in self.page.filters.choices("tabs")}
        return bool(set(self.parameters) - {"sort"} - usual)

    @property
    def search(self) -> Any:
        return self.page.filters.search

    @property
    def kept(self) -> dict[str, str]:
        """What the search form carries along: all but what it asks itself."""
        own = {"q", *(each.name for each in self.page.filters.choices("select"))}
        return {name: text for name, text in self.parameters.items() if name not in own}

    @property
    def tags(self) -> list[tuple[str, str]]:
        """(title, address without it) of each filter that another page has led to."""
        return [
            (each.title(self.asked[each.name]), self.url(**{each.name: None}))
            for each in self.page.filters
            if isinstance(each, Only) and self.asked[each.name] is not None
        ]

    # ── what is offered ──

    def choices(self, style: str) -> list[tuple[Choice, list[Option]]]:
        """The filters of that style that offer anything, with their options."""
        found = [(each, self.offered(each)) for each in self.page.filters.choices(style)]
        return [(each, options) for each, options in found if len(options) > 1]

    def offered(self, choice: Choice) -> list[Option]:
        """The options of a filter; where it is counted, with how many rows each would show."""
        counts = self.counts(choice) if choice.is_counted else None
        current = self.asked[choice.name]
        options = [
            self._option(choice, value, label, counts and counts.get(value, 0))
            for value, label in choice.offered(self.asked)
            if counts is None or value not in choice.rare or value in counts or value == current
        ]
        every = sum(counts.values()) if counts is not None else None
        everything = self._option(choice, None, choice.every, every)
        links = [Option("", label, url, None, False) for url, label in choice.links(self.asked)]
        # What is chosen by default stands first, and the wider choice behind it.
        if choice.default:
            return [*options, everything, *links]
        return [everything, *options, *links]

    def _option(self, choice: Choice, value: Any, label: str, count: int | None) -> Option:
        text = choice.written(value)
        url = self.url(
            **{choice.name: text, "sort": None if choice.default else self.parameters.get("sort")}
        )
        shown = _spell(count or 0, choice.is_large) if choice.is_counted else None
        return Option(text or "", label, url, shown, self.asked[choice.name] == value)

    def counts(self, choice: Choice) -> dict[Any, int]:
        """Value → how many rows there are with all other filters as they are."""
        if choice.name not in self._counts:
            rows = self.page.found(self.asked, but=choice.name)
            if choice.is_large:
                values = [value for value, _ in choice.offered(self.asked)]
                found = rows.counts_up_to(choice.column, values, COUNTED_UP_TO)
            else:
                found = rows.counts(choice.column)
            self._counts[choice.name] = found
        return self._counts[choice.name]

    @property
    def heads(self) -> list[dict[str, Any]]:
        return [self._head(each) for each in self.columns]

    def _head(self, column: Any) -> dict[str, Any]:
        up, down = column.key, f"-{column.key}"
        return {
            "label": column.label,
            "hidden": column.is_hidden_label,
            "end": column.end,
            "url": self.url(sort=down if self.asked.sort == up else up)
            if column.sort is not None
            else None,
            "sorted": {up: "ascending", down: "descending"}.get(self.asked.sort),
        }

    @cached_property
    def views(self) -> Sequence[saved_views.SavedView]:
        return saved_views.views_of(auth.me(), self.page.name) if self.page.has_views else ()

    # ── what is found ──

    @cached_property
    def pager(self) -> Pagination:
        counted = [each for each in self.page.filters.choices("chips", "tabs") if each.is_counted]
        total = None
        if counted:
            counts, chosen = self.counts(counted[0]), self.asked[counted[0].name]
            total = sum(counts.values()) if chosen is None else counts.get(chosen, 0)
        return self.page.ordered(self.asked).paginate(self.asked.page, self.page.per_page, total)

    @property
    def total(self) -> int:
        return self.pager.total or 0

    @property
    def total_words(self) -> str:
        """How many there are; of a large table, that there are more than are counted."""
        is_large = any(each.is_large for each in self.page.filters.choices("chips", "tabs"))
        return _spell(self.total, is_large)

    @property
    def noun(self) -> str:
        return self.page.noun[self.total != 1]

    @cached_property
    def rows(self) -> list[Row]:
        items = self.page.load(self.pager.items, *self.asked.of)
        lead = next((each for each in self.columns if each.lead), None) or (
            self.columns[0] if self.columns else None
        )
        starts = [(each, _start(each, each is lead)) for each in self.columns]
        return [self._row(item, lead, starts) for item in items]

    def _row(self, item: Any, lead: Any, starts: Sequence[tuple[Any, Markup]]) -> Row:
        values = [(start, column, column.value(item)) for column, start in starts]
        title = next((str(value) for _, column, value in values if column is lead), "")
        cells = [(start, as_html(value)) for start, _, value in values]
        can = bool(self.page.actions) and self.page.can_choose(item)
        return Row(self.page.row_id(item) if can else None, title, item, cells, can)

    @property
    def can_choose(self) -> bool:
        """Whether any row of this page can be chosen."""
        return any(row.can_be_chosen for row in self.rows)

    @property
    def chosen_fields(self) -> dict[str, Any]:
        """What the form of the chosen rows carries: the filters, for all that match, and the way
        back."""
        return {**self.parameters, **self.page.action_fields(*self.asked.of), "next": self.here}

    @property
    def folds(self) -> bool:
        """Whether a phone leaves something behind a tap."""
        return any(not (each.on_phone or each.lead) for each in self.columns[1:])

    @property
    def empty(self) -> tuple[str, str]:
        page = self.page
        if self.is_narrowed:
            title = page.no_match or f"No {page.noun[0]} fits these filters"
            return title, gettext("Remove a filter, or search for a part of the name.")
        return page.empty(self.asked) if callable(page.empty) else page.empty

    # ── the answer ──

    def respond(self, template: str, **context: Any) -> flask.Response:
        """See `ListPage.respond`."""
        if flask.request.args.get("format") == "csv" and self.page.has_file:
            return list_file(self)
        if wanted_fragment() == self.id:
            return page("kit/_rows.html", list=self)
        found = {name: each() if callable(each) else each for name, each in context.items()}
        return page(template, list=self, **found)


def _start(column: Any, is_lead: bool) -> Markup:
    """The attributes of a cell's <td>."""
    classes = {
        "lead-cell": is_lead, "on-phone": column.on_phone, "end": column.end, "fit": column.fit,
    }  # fmt: skip
    chosen = " ".join(name for name, is_set in classes.items() if is_set)
    label = "" if is_lead or column.is_hidden_label else f' data-label="{escape(column.label)}"'
    return Markup(f'{label} class="{chosen}"' if chosen else label)


def _spell(count: int, is_large: bool) -> str:
    return f"{COUNTED_UP_TO:,}+" if is_large and count > COUNTED_UP_TO else f"{count:,}"
