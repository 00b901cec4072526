"""Tables that people send as files: CSV in any common encoding, or an Excel workbook (.xlsx).

What a file is follows from its content, never from its name. Rows are read one after the other.
"""

import codecs
import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import python_calamine

MOST_ROWS = 100_000
MOST_COLUMNS = 100
MOST_CHARACTERS = 10_000  # in one cell
MOST_UNPACKED_BYTES = 100 * 1024 * 1024  # a small .xlsx may unpack into gigabytes
SAMPLE_BYTES = 64 * 1024
SAMPLE_ROWS = 50

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# What spreadsheets on old machines write; more would only make the guess worse.
LEGACY_ENCODINGS = ["cp1252", "mac_roman"]
ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
}
OTHER_FILES = {
    b"\xd0\xcf\x11\xe0": "This is an old Excel file (.xls), or one with a password. Save it as"
    " .xlsx without a password.",
    b"%PDF": "This is a PDF. Export the table as CSV or Excel (.xlsx).",
}
NOT_A_TABLE = "This is neither a CSV file nor an Excel workbook (.xlsx)."
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class NotATable(ValueError):
    """The file cannot be read as a table; the message says why and what to do."""


@dataclass(frozen=True)
class TableFile:
    """`rows` are (row number as a spreadsheet counts, cells as text); empty rows are left out.

    Reading `rows` may raise NotATable.
    """

    description: str
    rows: Iterator[tuple[int, list[str]]]


def open_table(stream: BinaryIO) -> TableFile:
    """Read a file whose content is a CSV or an Excel workbook; raises NotATable."""
    head = stream.read(4)
    stream.seek(0)
    if not head:
        raise NotATable("This file is empty.")
    for signature, sentence in OTHER_FILES.items():
        if head.startswith(signature):
            raise NotATable(sentence)
    if head.startswith(b"PK"):
        return _open_workbook(stream)
    return _open_csv(stream)


def csv_line(cells: Iterable[object]) -> str:
    """A line of a CSV in which no cell computes when a spreadsheet opens it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow([_without_formula(cell) for cell in cells])
    return text.getvalue()


def _without_formula(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(STARTS_A_FORMULA):
        return f"'{cell}"
    return cell


def _open_workbook(stream: BinaryIO) -> TableFile:
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise NotATable(NOT_A_TABLE) from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise NotATable("This is a zip archive, not a table. Unpack it and upload the file inside.")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise NotATable("This workbook is too big. Save the sheet as CSV and upload that.")
    stream.seek(0)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(stream)
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.height:
                first = (sheet.start or (0, 0))[0] + 1
                rows = ([_as_text(cell) for cell in row] for row in sheet.iter_rows())
                return TableFile(f"Excel workbook, sheet “{name}”", _checked(rows, first))
    except python_calamine.CalamineError as error:
        raise NotATable("This Excel workbook is damaged. Save it anew and upload that.") from error
    raise NotATable("This workbook is empty.")


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a phone number is a number to Excel
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def _open_csv(stream: BinaryIO) -> TableFile:
    encoding = _encoding_of(stream)
    stream.seek(0)
    sample = stream.read(SAMPLE_BYTES)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample)
    text = text.replace("\0", "")
    strange = sum(1 for each in text if ord(each) < 32 and each not in "\t\r\n\f\v")
    if strange > len(text) / 100:
        raise NotATable(NOT_A_TABLE)
    delimiter = _delimiter_of(text)
    stream.seek(0)
    lines = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    name = ENCODING_NAMES.get(encoding, encoding.upper().replace("_", "-"))
    description = f"CSV, {name}, separated by {DELIMITERS[delimiter]}"
    return TableFile(description, _checked(_read_csv(lines, delimiter), 1))


def _read_csv(lines: io.TextIOWrapper, delimiter: str) -> Iterator[list[str]]:
    """The records; a quotation mark that does not close is said with its line."""
    reader = csv.reader(
        (line.replace("\0", "") for line in lines), strict=True, delimiter=delimiter
    )
    line = 1
    try:
        for cells in reader:
            yield cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise NotATable(
            f"Line {line} cannot be read: a quotation mark in it is not closed, or closes too"
            " early. Correct that line and upload the file again."
        ) from error


def _checked(rows: Iterable[list[str]], first: int) -> Iterator[tuple[int, list[str]]]:
    """Numbered, cleaned, without empty rows; raises NotATable where a limit is passed."""
    count = 0
    for number, raw in enumerate(rows, first):
        cells = [_clean(cell, number) for cell in raw]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise NotATable(
                f"This file has {len(cells)} columns; {MOST_COLUMNS} is the most. Remove columns"
                " that are not needed and upload it again."
            )
        count += 1
        if count > MOST_ROWS:
            raise NotATable(f"This file has more than {MOST_ROWS:,} rows. Upload it in parts.")
        yield number, cells
    if not count:
        raise NotATable("This file has no rows.")


def _clean(cell: str, row: int) -> str:
    cell = cell.replace("\0", "").replace("\N{NO-BREAK SPACE}", " ").strip()
    if len(cell) > MOST_CHARACTERS:
        raise NotATable(
            f"A cell in row {row} is longer than {MOST_CHARACTERS:,} characters. Is a quotation"
            " mark not closed there?"
        )
    # Our own files carry an apostrophe before what would compute.
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in "=+-@" else cell


def _encoding_of(stream: BinaryIO) -> str:
    """By its byte order mark, as UTF-8, as UTF-16 without a mark, or else by what reads best."""
    sample = stream.read(SAMPLE_BYTES)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if sample.startswith(mark):
            return name
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    if max(odd, even) > len(sample) / 5:
        return "utf-16-le" if odd > even else "utf-16-be"
    if _is_utf8(sample, stream):
        return "utf-8"
    import charset_normalizer  # takes 1.5 MB in each process, and is seldom needed

    best = charset_normalizer.from_bytes(sample, cp_isolation=LEGACY_ENCODINGS).best()
    if best is None:
        raise NotATable(NOT_A_TABLE)
    return best.encoding


def _is_utf8(sample: bytes, stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while sample:
            decoder.decode(sample)
            sample = stream.read(SAMPLE_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter_of(text: str) -> str:
    """The one by which most rows have the same number of cells; a comma when none divides them."""

    def score(delimiter: str) -> tuple[int, int, int]:
        widths: Counter[int] = Counter()
        inner = 0  # cells that begin with a space: “Rao, Asha” was divided
        try:
            for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
                widths[len(cells)] += len(cells) > 1
                inner += sum(cell.startswith(" ") for cell in cells)
                if widths.total() == SAMPLE_ROWS:
                    break
        except csv.Error:
            pass
        width, rows = max(widths.items(), key=lambda each: each[1], default=(0, 0))
        return rows, -inner, width

    return max(DELIMITERS, key=score)
