"""The steps of an import: its columns are matched with its fields, its rows checked in a grid."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flask
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.imports import checking, upload
from ffapp.imports.importer import Column, Importer, importer_of
from ffapp.imports.models import ImportFile, ImportRow, RowState
from ffapp.web.kit.filters import parse_number
from ffapp.web.kit.list_rows import QueryRows
from ffapp.web.kit.list_view import Option
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import query_int, query_str

SAMPLES = 3
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
PER_PAGE = 50


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
    pages: Pagination
    chips: Sequence[Option]
    url: Callable[..., str]  # of this page, with `state`, `page`, or a row to `edit` changed

    @property
    def has_fields(self) -> bool:
        return any(cell.is_open for line in self.lines for cell in line.cells)


def grid_of(imported: ImportFile) -> Grid:
    """The rows that the address asks for (`state`, `page`), one of them open (`edit`)."""
    importer, counts = importer_of(imported), checking.count_states(imported)
    state = query_str("state") if query_str("state") in counts else ""
    query = select(ImportRow).where(
        ImportRow.import_id == imported.id, ImportRow.number > imported.header_row
    )
    if state:
        query = query.where(ImportRow.state == state)
    total = counts[state] if state else sum(counts.values())
    rows = QueryRows(query.order_by(ImportRow.number), ImportRow.number)
    pages = rows.paginate(query_int("page") or 1, PER_PAGE, total)
    edit = query_int("edit") if imported.run_id is None else None
    wrong = {field for row in pages.items for field in row.errors}

    def url(**changes: Any) -> str:
        asked = {"state": state or None, "page": pages.page, **changes}
        return flask.url_for(".import_show", import_id=imported.id, **asked)

    columns = [
        each
        for each in importer.columns
        if each.name in imported.mapping or each.name in wrong or edit is not None
    ]
    return Grid(
        columns=columns,
        lines=[_line(columns, imported, row, row.number == edit) for row in pages.items],
        counts=counts,
        pages=pages,
        chips=_chips(counts, state, url),
        url=url,
    )


def _chips(counts: Mapping[str, int], state: str, url: Callable[..., str]) -> list[Option]:
    shown = {"": ("All", sum(counts.values()))}
    shown |= {each: (LABELS[each][0], counts[each]) for each in LABELS if each in counts}
    return [
        Option(value, label, url(state=value or None, page=None), str(count), value == state)
        for value, (label, count) in shown.items()
    ]


def take_edits(imported: ImportFile) -> None:
    """What a form sent: `cell-<row>-<field>`; `skip` and `take` name a row."""
    form, fields = flask.request.form, [each.name for each in importer_of(imported).columns]
    edits: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        kind, _, rest = name.partition("-")
        row, _, field = rest.partition("-")
        number = parse_number(row)
        if kind == "cell" and field in fields and number is not None:
            edits.setdefault(number, {})[field] = text.replace("\0", "")[:LONGEST_CELL].strip()
    if edits:
        checking.edit_rows(imported, edits)
    for name, is_skipped in (("skip", True), ("take", False)):
        if (number := parse_number(form.get(name, ""))) is not None:
            checking.skip_row(imported, number, is_skipped)


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


def columns_page(imported: ImportFile) -> flask.Response | None:
    """The page; None when a choice that will do was sent, and is taken."""
    importer = importer_of(imported)
    first = _first_rows(imported)
    if flask.request.method == "GET":
        return _show(imported, importer, first, imported.mapping)
    form = flask.request.form
    number = parse_number(form.get("header", "")) or 0
    if number != imported.header_row:
        cells = {row.number: row.cells for row in first}
        transaction(_set_header, imported, number if number in cells else 0, cells.get(number, []))
        return _show(imported, importer, first, imported.mapping)
    chosen = [(form.get(f"column-{index}", ""), index) for index in range(imported.width)]
    fields = [each.name for each in importer.columns]
    mapping = {field: index for field, index in chosen if field in fields}
    problems = _problems(importer, [field for field, _ in chosen], mapping)
    if problems:
        return _show(imported, importer, first, mapping, problems)
    transaction(upload.remap, imported, mapping)
    return None


def _problems(importer: Importer, chosen: Sequence[str], mapping: dict[str, int]) -> list[str]:
    twice = [each for each in importer.columns if chosen.count(each.name) > 1]
    missing = [each for each in importer.columns if each.required and each.name not in mapping]
    return [
        *(f"Two columns are chosen for “{each.label}”; choose one." for each in twice),
        *(f"Choose the column for “{each.label}”." for each in missing),
    ]


def _set_header(imported: ImportFile, number: int, cells: Sequence[str]) -> None:
    upload.set_header(imported, number, cells)
    imported.mapping = upload.guess_mapping(importer_of(imported), imported.header)


def _show(
    imported: ImportFile,
    importer: Importer,
    first: Sequence[ImportRow],
    mapping: dict[str, int],
    problems: Sequence[str] = (),
) -> flask.Response:
    data = [row for row in first if row.number > imported.header_row]
    fields = {column: field for field, column in mapping.items()}
    return page(
        "kit/imports/columns.html",
        imported=imported,
        importer=importer,
        problems=problems,
        options=[("", "Leave out"), *((each.name, each.label) for each in importer.columns)],
        columns=[
            (index, name, _samples(data, index), fields.get(index, ""))
            for index, name in enumerate(imported.header)
        ],
        headers=[
            (0, "The file has no headings"),
            *((row.number, f"Row {row.number}: {_shorten(row.cells)}") for row in first),
        ],
        status=422 if problems else 200,
    )


def _samples(rows: Sequence[ImportRow], index: int) -> list[str]:
    cells = [str(row.cells[index]) for row in rows if index < len(row.cells)]
    return [each[:60] for each in cells if each][:SAMPLES]


def _shorten(cells: Sequence[str]) -> str:
    text = ", ".join(each for each in cells if each)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _first_rows(imported: ImportFile) -> Sequence[ImportRow]:
    return db.session.scalars(
        select(ImportRow)
        .where(ImportRow.import_id == imported.id)
        .order_by(ImportRow.number)
        .limit(upload.HEADER_WITHIN)
    ).all()
