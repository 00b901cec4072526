"""Matching the columns of a file with the fields of an import; a guess can be corrected."""

from collections.abc import Sequence

import flask
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.imports import upload
from ffapp.imports.importer import Importer, importer_of
from ffapp.imports.models import ImportFile, ImportRow
from ffapp.web.kit.page import page

SAMPLES = 3


def columns_page(imported: ImportFile) -> flask.Response | None:
    """The page; None when a choice that will do was sent, and is taken."""
    importer = importer_of(imported)
    first = _first_rows(imported)
    if flask.request.method == "GET":
        return _show(imported, importer, first, imported.mapping)
    form = flask.request.form
    number = _number(form.get("header", ""))
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


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
