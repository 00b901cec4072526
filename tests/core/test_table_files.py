"""What people send as a table is read, or refused in a sentence that says what to do."""

import contextlib
import io
import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffapp.core import table_files
from ffapp.core.table_files import NotATable, csv_line, open_table
from tests.imports.files import xlsx_of, zip_of

PEOPLE = "Name;E-mail\r\nZoë Müller;zoe@x.example\r\nJosé – “Pepe” Ruiz;jose@x.example\r\n"
ROWS = [line.split(";") for line in PEOPLE.splitlines()]


def read(content: bytes) -> list[list[str]]:
    return [cells for _, cells in open_table(io.BytesIO(content)).rows]


def refusal(content: bytes) -> str:
    with pytest.raises(NotATable) as refused:
        read(content)
    return str(refused.value)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("cp1252", "Windows-1252"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(encoding, name, delimiter):
    content = PEOPLE.replace(";", delimiter).encode(encoding)

    assert read(content) == ROWS
    assert name in open_table(io.BytesIO(content)).description


def test_names_with_a_comma_do_not_divide_a_file_with_semicolons():
    assert read(b"Name;E-mail\nRao, Asha;a@x.example\nMenon, Ravi;r@x.example\n")[1] == [
        "Rao, Asha",
        "a@x.example",
    ]


def test_a_row_has_the_number_that_a_spreadsheet_shows():
    rows = list(open_table(io.BytesIO(b'Name,Note\n\nAsha,"two\nlines"\n,,\nRavi,\n')).rows)

    assert [number for number, _ in rows] == [1, 3, 5]
    assert rows[-1] == (5, ["Ravi"])


def test_bytes_that_are_nothing_are_left_out_of_the_cells():
    rows = read(b"Name,E-mail\nAs\0ha,\0a@x.example\n")

    assert rows == [["Name", "E-mail"], ["Asha", "a@x.example"]]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'Name,E-mail\n"Asha,a@x.example\nRavi,r@x.example\n', "Line 2"),
        (b'Name,E-mail\nAsha,a@x.example\n"Ra"vi,r@x.example\n', "Line 3"),
        (b'Name\n"' + b"x" * 300_000, "Line 2"),
    ],
)
def test_a_quotation_mark_that_does_not_close_is_said_with_its_line(content, line):
    assert refusal(content).startswith(f"{line} cannot be read: a quotation mark")


def test_quotation_marks_within_a_cell_are_a_part_of_it():
    assert read(b'Name\nAsha "Ash" Rao\n"Ravi ""R"" Menon"\n')[1:] == [
        ['Asha "Ash" Rao'],
        ['Ravi "R" Menon'],
    ]


def test_an_excel_workbook_is_read_with_its_numbers():
    rows = read(
        xlsx_of(["Name", "Phone", "Part"], ["Asha", 919876543210, 0.5], [], ["Ravi", "", 3])
    )

    assert rows == [["Name", "Phone", "Part"], ["Asha", "919876543210", "0.5"], ["Ravi", "", "3"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\r\n,,\n", "has no rows"),
        (zip_of({"students.csv": "Name"}), "This is a zip archive"),
        (b"PK\x03\x04 and no more", "neither a CSV file nor an Excel workbook"),
        (zip_of({"xl/workbook.xml": "<oops"}), "damaged"),
        (xlsx_of(), "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Save it as .xlsx"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(5000), "neither a CSV"),
        ((",".join(f"c{n}" for n in range(300)) + "\n").encode(), "300 columns; 100 is the most"),
        (b"Name\n" + b"x\n" * 100_001, "more than 100,000 rows"),
        (b"Name\n" + b"x" * 20_000 + b"\n", "row 2 is longer than 10,000 characters"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content, said):
    assert said in refusal(content)


def test_a_workbook_that_unpacks_into_too_much_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(table_files, "MOST_UNPACKED_BYTES", 1000)

    assert "too big" in refusal(xlsx_of(*[["Asha", n] for n in range(50)]))


def test_a_long_file_is_read_without_holding_it():
    content = b"Name,E-mail\n" + b"Asha Rao,asha@students.example\n" * 90_000
    stream = io.BytesIO(content)
    tracemalloc.start()
    try:
        assert sum(1 for _ in open_table(stream).rows) == 90_001
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 1_500_000, "of a file of 2.8 MB"


@given(st.binary(max_size=400))
def test_whatever_bytes_come_they_are_a_table_or_refused(content):
    rows = []
    with contextlib.suppress(NotATable):
        rows = read(content)

    assert all("\0" not in cell for cells in rows for cell in cells)


@pytest.mark.parametrize("cell", ["=1+1", "+91 98765 43210", "-1", "@x", "\t=1"])
def test_nothing_that_we_write_computes_and_what_we_wrote_reads_back(cell):
    line = csv_line([cell, "Asha"])

    assert line.lstrip('"').startswith("'")
    if not cell.startswith("\t"):
        assert read(line.encode()) == [[cell, "Asha"]]
