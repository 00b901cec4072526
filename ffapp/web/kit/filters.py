"""Filters of a list: declared once, read from the address, offered as chips, tabs or selects."""

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ffapp.core.i18n import gettext

OWN = ("page", "sort", "format")  # what else a list reads from its address
ALL = "all"  # in the address of a list that is narrowed unless one says so
MOST_DIGITS = 18  # every number of so many digits fits a bigint
MOST_CHARACTERS = 200
NO_CHARACTER = {"Cc", "Cn", "Cs"}  # controls, unassigned, surrogates

Options = Sequence[tuple[Any, str]]


class NotOffered(Exception):
    """The address asks for something that the filter does not offer (any more)."""


@dataclass
class Asked:
    """What an address asks of a list, as far as the list knows it.

    `of` is what the list is about (a cohort, a class), `values` has the filters that narrow it,
    `left_out` says in words what the list does not know.
    """

    of: tuple[Any, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    search: str = ""
    sort: str = ""
    page: int = 1
    left_out: list[str] = field(default_factory=list)
    options: dict[str, Options] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """The value of a filter, None when it narrows nothing."""
        return self.values.get(name)


@dataclass(frozen=True)
class Choice:
    """One of several options.

    `column` is compared with the option: an SQL expression, a function that gives one (when it
    depends on the time), or, for a list in memory, a function of the row. With `condition`, that
    function of the chosen option narrows instead. Chips and tabs have counts where there is a
    `column`. `default` is chosen when the address says nothing; "all" in the address takes it away.
    Options in `rare` are offered when something is in them. In a large table (`is_large`) they are
    counted up to a bound only and shown as “10,000+” beyond it. Where the options depend on another
    filter, what is not offered (any more) is dropped without a word.
    """

    name: str
    label: str
    options: Options | Callable[[Asked], Options]
    column: Any = None
    condition: Callable[[Any], Any] | None = None
    style: str = "select"  # or "chips", "tabs"
    every: str = "All"
    default: str = ""
    rare: Collection[Any] = ()
    is_large: bool = False
    is_dependent: bool = False
    links: Callable[[Asked], Options] = lambda asked: ()  # (address, label) beside the tabs

    @property
    def is_counted(self) -> bool:
        return self.column is not None and self.style != "select"

    def offered(self, asked: Asked) -> Options:
        if self.name not in asked.options:
            found = self.options(asked) if callable(self.options) else self.options
            asked.options[self.name] = found
        return asked.options[self.name]

    def read(self, text: str, asked: Asked) -> Any:
        """The option that the text names, None for all; raises NotOffered."""
        text = text or self.default
        if not text or (self.default and text == ALL):
            return None
        for value, _ in self.offered(asked):
            if str(value).casefold() == text.casefold():
                return value
        raise NotOffered

    def written(self, value: Any) -> str | None:
        """How the address says it; None when it need not."""
        if value is None:
            return ALL if self.default else None
        return None if str(value) == self.default else str(value)


@dataclass(frozen=True)
class Only:
    """A filter that other pages lead to, shown as a tag that can be taken away.

    `read_as` turns the text of the address into the value (ValueError: not offered); `title` says
    what is left, as in “To Asha Rao”.
    """

    name: str
    label: str
    column: Any
    title: Callable[[Any], str]
    read_as: Callable[[str], Any] = str
    condition: Callable[[Any], Any] | None = None

    def read(self, text: str, asked: Asked) -> Any:
        if not text:
            return None
        try:
            return self.read_as(text)
        except ValueError as error:
            raise NotOffered from error

    def written(self, value: Any) -> str | None:
        return None if value is None else str(value)


@dataclass(frozen=True)
class Search:
    """The search field: in which columns, or which condition a text makes."""

    placeholder: str
    columns: Sequence[Any] = ()
    condition: Callable[[str], Any] | None = None


@dataclass(frozen=True)
class Filters:
    """The filters of a list, in the order in which they stand on it."""

    each: Sequence[Choice | Only] = ()
    search: Search | None = None

    def __iter__(self) -> Iterator[Choice | Only]:
        return iter(self.each)

    def choices(self, *styles: str) -> list[Choice]:
        return [each for each in self.each if isinstance(each, Choice) and each.style in styles]

    def read(self, address: Mapping[str, str], sorts: Sequence[str], *of: Any) -> Asked:
        """What the parameters of an address ask; what the list does not know is left out."""
        said = {name: clean(text) for name, text in address.items()}
        asked = Asked(of, sort=said.get("sort", ""), page=parse_number(said.get("page", "")) or 1)
        known = {each.name: each for each in self.each}
        for name, text in said.items():
            if text and name not in known and name not in OWN and not (name == "q" and self.search):
                asked.left_out.append(f"“{name}”")
        for name, each in known.items():
            try:
                value = each.read(said.get(name, ""), asked)
            except NotOffered:
                if not getattr(each, "is_dependent", False):
                    asked.left_out.append(f"{each.label} “{said[name]}”")
                value = each.read("", asked)
            if value is not None:
                asked.values[name] = value
        if self.search:
            asked.search = said.get("q", "")
        if asked.sort and asked.sort.removeprefix("-") not in sorts:
            asked.left_out.append(gettext("the order “%(order)s”", order=asked.sort))
            asked.sort = ""
        return asked

    def written(self, asked: Asked) -> dict[str, str]:
        """The parameters that ask this again, without the page."""
        found = {each.name: each.written(asked[each.name]) for each in self.each}
        found |= {"q": asked.search, "sort": asked.sort}
        return {name: text for name, text in found.items() if text}


def clean(text: str) -> str:
    """A parameter without what no page and no table can hold, and not too long."""
    kept = "".join(each for each in text if unicodedata.category(each) not in NO_CHARACTER)
    return kept.strip()[:MOST_CHARACTERS]


def parse_number(text: str) -> int | None:
    """The whole number that the text is; None when it is none, or no id could be so large."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None


def row_id(text: str) -> int:
    """For `Only.read_as`: an id; raises ValueError."""
    found = parse_number(text)
    if found is None:
        raise ValueError(f"“{text}” is not the number of a row")
    return found
