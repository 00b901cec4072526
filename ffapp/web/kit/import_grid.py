"""The grid of an import: a page of its rows, what is wrong in each, and what is typed over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import select

from ffapp.core.db import db
from ffapp.imports import checking
from ffapp.imports.importer import Column, Importer, importer_of
from ffapp.imports.models import ImportFile, ImportRow, RowState
from ffapp.web.kit.listing import Page, chips, current_url, page_of, page_url, query_int, query_str

LABELS = {
    RowState.NEW: ("Not checked", "idle"),
    RowState.BAD: ("To correct", "bad"),
    RowState.READY: ("Ready", "good"),
    RowState.DUPLICATE: ("Twice", "warn"),
    RowState.SKIPPED: ("Left out", "idle"),
    RowState.APPLIED: ("Imported", "good"),
    RowState.REJECTED: ("Rejected", "bad"),
    RowState.UNDONE: ("Undone", "idle"),
}
EDITABLE = (RowState.BAD, RowState.READY, RowState.DUPLICATE)
LONGEST_CELL = 2000


@dataclass(frozen=True)
class Cell:
    """`is_open`: it is drawn as a field to type into."""

    field: str
    label: str
    text: str
    error: str | None
    is_open: bool


@dataclass(frozen=True)
class Line:
    row: ImportRow
    cells: Sequence[Cell]
    label: str
    tone: str
    notes: Sequence[str]

    @property
    def can_be_edited(self) -> bool:
        return self.row.state in EDITABLE


@dataclass(frozen=True)
class Grid:
    """One page of the rows, and how many there are in each state."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    counts: Mapping[str, int]
    shown: Page
    chips: Sequence[dict[str, Any]]
    page_url: Any
    back: str  # this page again, with no row open
    edit_url: Any

    @property
    def has_fields(self) -> bool:
        return any(cell.is_open for line in self.lines for cell in line.cells)


def grid_of(imported: ImportFile) -> Grid:
    """The rows that the address asks for (`state`, `page`), one of them open (`edit`)."""
    importer, counts = importer_of(imported), checking.count_states(imported)
    state = query_str("state") if query_str("state") in counts else ""
    shown = page_of(counts[state] if state else sum(counts.values()))
    rows = db.session.scalars(
        select(ImportRow)
        .where(
            ImportRow.import_id == imported.id,
            ImportRow.number > imported.header_row,
            *([ImportRow.state == state] if state else []),
        )
        .order_by(ImportRow.number)
        .limit(shown.per_page)
        .offset(shown.offset)
    ).all()
    edit = query_int("edit") if imported.run_id is None else None
    options = [(each, LABELS[each][0]) for each in LABELS if each in counts]
    wrong = {field for row in rows for field in row.errors}
    columns = [
        each
        for each in importer.columns
        if each.name in imported.mapping or each.name in wrong or edit is not None
    ]
    return Grid(
        columns=columns,
        lines=[_line(columns, imported, row, row.number == edit) for row in rows],
        counts=counts,
        shown=shown,
        chips=chips("state", options, counts),
        page_url=page_url,
        back=current_url(page=query_str("page"), edit=None),
        edit_url=lambda number: f"{current_url(page=query_str('page'), edit=number)}#row-{number}",
    )


def take_edits(imported: ImportFile) -> None:
    """What a form sent: `cell-<row>-<field>`; `skip` and `take` name a row."""
    form, fields = flask.request.form, [each.name for each in importer_of(imported).columns]
    edits: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        kind, _, rest = name.partition("-")
        row, _, field = rest.partition("-")
        if kind == "cell" and field in fields and _is_number(row):
            edits.setdefault(int(row), {})[field] = text.replace("\0", "")[:LONGEST_CELL].strip()
    if edits:
        checking.edit_rows(imported, edits)
    for name, is_skipped in (("skip", True), ("take", False)):
        if _is_number(form.get(name, "")):
            checking.skip_row(imported, int(form[name]), is_skipped)


def reason_of(importer: Importer, row: ImportRow) -> str:
    """Why a row was not imported."""
    errors = [f"{importer.column(name).label}: {said}" for name, said in row.errors.items()]
    return row.reason or " ".join(errors)


def _line(columns: Sequence[Column], imported: ImportFile, row: ImportRow, is_open: bool) -> Line:
    label, tone = LABELS[RowState(row.state)]
    can_type = row.state in EDITABLE and imported.run_id is None
    cells = [
        Cell(
            column.name,
            column.label,
            row.raw(column.name, imported.mapping),
            row.errors.get(column.name),
            can_type and (is_open or column.name in row.errors),
        )
        for column in columns
    ]
    return Line(row, cells, label, tone, list(row.notes.values()))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
