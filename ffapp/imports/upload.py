"""Taking a file in: its rows are stored as they are, its header and its columns are guessed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import BinaryIO

from sqlalchemy import delete, insert, update

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.table_files import open_table
from ffapp.imports.importer import Importer
from ffapp.imports.models import ImportFile, ImportRow, RowState
from ffapp.people.models import Person

HEADER_WITHIN = 10  # titles and remarks may stand above the header
CHUNK = 1000


def store_file(
    importer: Importer,
    stream: BinaryIO,
    file_name: str,
    *,
    target_id: int,
    by: Person,
) -> ImportFile:
    """Store the rows of a file, a thousand at a time; raises NotATable and stores nothing."""
    table = open_table(stream)
    first = list(islice(table.rows, HEADER_WITHIN))
    imported = ImportFile(
        kind=importer.kind,
        target_id=target_id,
        file_name=file_name[-200:],
        description=table.description,
        made_by_id=by.id,
        made_at=clock.now(),
    )
    db.session.add(imported)
    db.session.flush()
    for rows in _chunks(chain(first, table.rows)):
        imported.width = max(imported.width, *(len(cells) for _, cells in rows))
        db.session.execute(
            insert(ImportRow),
            [{"import_id": imported.id, "number": n, "cells": cells} for n, cells in rows],
        )
    header = find_header(importer, first)
    set_header(imported, header, dict(first).get(header, []))
    imported.mapping = guess_mapping(importer, imported.header)
    return imported


def find_header(importer: Importer, rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    """The number of the row that names the columns; 0 when there seems to be none."""
    known = _known_names(importer)
    matches = {number: sum(_plain(c) in known for c in cells) for number, cells in rows}
    best = max(matches, key=lambda number: matches[number])
    if matches[best]:
        return best
    # In another language, perhaps: words only, of which none comes again.
    number, cells = rows[0]
    words = [cell for cell in cells if cell]
    is_header = len(rows) > 1 and len(set(words)) == len(words) > 1
    return number if is_header and not any(re.search(r"[@\d]", cell) for cell in words) else 0


def set_header(imported: ImportFile, number: int, cells: Sequence[str]) -> None:
    """Take that row (0: none) for the header; columns without a name get their letter."""
    names = [*cells, *[""] * (imported.width - len(cells))]
    imported.header_row = number
    imported.header = [
        f"{name} (column {letter_of(index)})"
        if name and names.count(name) > 1
        else name or f"Column {letter_of(index)}"
        for index, name in enumerate(names)
    ]


def guess_mapping(importer: Importer, header: Sequence[str]) -> dict[str, int]:
    """Field → column, by the headings; of two that are alike the first is taken."""
    known = _known_names(importer)
    mapping: dict[str, int] = {}
    for index, name in enumerate(header):
        field = known.get(_plain(re.sub(r" \(column [A-Z]+\)$", "", name)))
        if field is not None:
            mapping.setdefault(field, index)
    return mapping


def remap(imported: ImportFile, mapping: Mapping[str, int]) -> None:
    """Use these columns; every row is looked at anew."""
    imported.mapping = dict(mapping)
    data = (ImportRow.import_id == imported.id, ImportRow.number > imported.header_row)
    db.session.execute(
        update(ImportRow)
        .where(*data, ImportRow.state != RowState.SKIPPED)
        .values(state=RowState.NEW, reason=None)
        .execution_options(synchronize_session=False)
    )


def remove(imported: ImportFile) -> None:
    """Forget a file that is not imported, with its rows."""
    db.session.execute(delete(ImportRow).where(ImportRow.import_id == imported.id))
    db.session.delete(imported)


def letter_of(index: int) -> str:
    """`A` … `Z`, `AA` …, as spreadsheets name columns."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _known_names(importer: Importer) -> dict[str, str]:
    return {
        _plain(name): column.name
        for column in importer.columns
        for name in (column.label, column.name, *column.names)
    }


def _plain(text: str) -> str:
    """A heading without case, spaces and signs: `E-mail address*` is `emailaddress`."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _chunks(
    rows: Iterator[tuple[int, list[str]]],
) -> Iterator[list[tuple[int, list[str]]]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
