"""What a domain declares to import its rows: columns, a check, what to do with a row, its undo."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ffapp.core.db import db
from ffapp.imports.models import ImportFile, ImportRow
from ffapp.ledger.batches import Batch


def parse_text(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Column:
    """One field of a row. `names` are headings by which it is found in a file, in any spelling.

    `parse` makes its value out of a text that is not empty (JSON), and raises ValueError with a
    sentence. `required` is the sentence that is said when it is empty.
    """

    name: str
    label: str
    names: Sequence[str] = ()
    required: str | None = None
    parse: Callable[[str], Any] = parse_text
    hint: str = ""
    example: str = ""


class Rejected(Exception):
    """A row cannot be applied; the message says why."""


def _no_check(into: Any, rows: Sequence[ImportRow]) -> None:
    return


def _no_forecast(into: Any, ready: int) -> str | None:
    return None


@dataclass(frozen=True)
class Importer:
    """One kind of import, into one row (`into`, its model) that is given to each function.

    `key` is the field that says whom a row is about: the same one twice in a file is imported once.
    `shared` are fields that several rows may share, with the sentence that says so. `event` is
    recorded on what is imported into, once, when the run ends.

    `check` looks at some rows with a constant number of queries, and calls `row.refuse` and
    `row.note`. `forecast` may say something about so many rows that are ready.
    `apply(into, values, batch, by)` does one row in a savepoint: it answers JSON that `undo` needs,
    or raises Rejected. `undo(into, rows, told, by)` undoes rows, but for people who were
    `told` (ids), and calls `row.mark_undone`. Both hold the row that is imported into.
    """

    kind: str
    event: str
    into: type[Any]
    columns: Sequence[Column]
    key: Sequence[str]  # the columns that tell rows apart: the first that is filled in
    apply: Callable[[Any, Mapping[str, Any], Batch, Any], dict[str, Any]]
    undo: Callable[[Any, Iterator[ImportRow], set[int], Any], None]
    check: Callable[[Any, Sequence[ImportRow]], None] = _no_check
    forecast: Callable[[Any, int], str | None] = _no_forecast
    shared: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        return next(each for each in self.columns if each.name == name)

    def target_of(self, imported: ImportFile, *, lock: bool = False) -> Any:
        """The row that a file is imported into."""
        return db.session.get_one(
            self.into, imported.target_id, with_for_update=lock or None, populate_existing=lock
        )


_importers: dict[str, Importer] = {}


def register(*importers: Importer) -> None:
    """Say which kinds of import there are; doing it twice changes nothing."""
    _importers.update({each.kind: each for each in importers})


def importer_of(imported: ImportFile) -> Importer:
    return _importers[imported.kind]


def check_cells(importer: Importer, row: ImportRow, mapping: Mapping[str, int]) -> None:
    """Read the cells of one row into values and errors."""
    values: dict[str, Any] = {}
    row.errors, row.notes = {}, {}
    for column in importer.columns:
        text = row.raw(column.name, mapping).strip()
        if not text:
            if column.required:
                row.refuse(column.name, column.required)
            continue
        try:
            values[column.name] = column.parse(text)
        except ValueError as problem:
            row.refuse(column.name, str(problem))
    row.values = values
    keys = [values[each] for each in importer.key if each in values]
    row.key = str(keys[0]).casefold() if keys else None
