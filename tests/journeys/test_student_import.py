"""Students come into a cohort from a file: matched, corrected, imported, invited; and undone."""

import re

from playwright.sync_api import expect

from tests.imports.files import csv_of
from tests.processes.poll import poll

PASSWORD = "a sentence of my own"
HEAD = ("Student's full name", "Mail", "Mobile", "Guardian", "Consent")
GOOD = [(f"Pupil {n}", f"pupil{n}@students.example", "", f"Parent {n}", "yes") for n in range(12)]
TWICE = ("Pupil Zero", "PUPIL0@students.example", "", "Parent 0", "yes")
WRONG = ("Zoë Müller", "zoe@", "98765 43210", "Uma Müller", "yes")


def test_a_class_list_is_imported_corrected_and_invited(running_app, visit, tmp_path):
    admin = visit("Vikram")
    sign_in(running_app, admin)
    running_app.seeder.a_class(days=2)
    running_app.change_rows("UPDATE cohorts SET seats = 100")
    admin.go("/admin/cohorts")
    admin.page.locator("main table a.row-link").first.click()
    cohort = admin.page.url

    # The file is chosen; what is no table is refused in a sentence, and so is one of 50 MB.
    admin.press("Import students")
    admin.look_at_it_everywhere()
    files = Files(admin, tmp_path)
    files.upload("students.zip.csv", b"PK\x03\x04 and nothing else")
    admin.sees("This is neither a CSV file nor an Excel workbook")
    files.upload("film.csv", b"x" * 51 * 1024 * 1024)
    admin.sees("This file is bigger than 20 MB.")
    files.upload("students.csv", as_excel_writes(*GOOD[:3], TWICE, WRONG, *GOOD[3:]))

    # One heading is not known: the column is chosen.
    admin.sees("CSV, Windows-1252, separated by semicolons")
    admin.look_at_it_everywhere()
    admin.press("Check the rows")
    admin.sees("Choose the column for “Name”.")
    admin.page.get_by_label("Import “Student's full name” as").select_option("Name")
    admin.press("Check the rows")

    # The wrong cell is typed over where it stands.
    admin.sees("1 row has something to correct")
    admin.sees("The same e-mail is in row 2.")
    admin.look_at_it_everywhere()
    wrong = admin.page.get_by_label("E-mail, row 6")
    expect(wrong).to_have_value("zoe@")
    wrong.fill("zoe@students.example")
    wrong.press("Enter")
    admin.sees("Nothing to correct")
    admin.press("Import 13 students")

    # It runs, and can be undone; nobody was told.
    admin.sees("It imported 13 of 13 rows.")
    admin.look_at_it_everywhere()
    with admin.page.expect_download() as download:
        admin.find("Download the 1 row that was not imported").click()
    with open(download.value.path(), encoding="utf-8-sig") as file:
        assert (
            "Pupil Zero,PUPIL0@students.example,,Parent 0,yes,5,The same e-mail is in row 2."
            in file.read()
        )
    seats(admin, cohort, "Zoë Müller", there=True)
    admin.page.go_back()
    admin.press("Undo until")
    admin.sees("Undone: 13 rows are taken back. Nobody was told.")
    seats(admin, cohort, "Zoë Müller", there=False)

    # The same file again, this time to stay: the invitations go out after a minute.
    admin.press("Import students")
    files.upload("again.csv", csv_of(*GOOD, head=("Name", *HEAD[1:])).encode())
    admin.press("Check the rows")
    admin.press("Import 12 students")
    admin.sees("It imported 12 of 12 rows.")
    poll(lambda: running_app.has_invited(admin), "the invitations go out", every=1)


def sign_in(running_app, admin):
    admin.go(running_app.admin_link())
    admin.fill(password=PASSWORD)
    admin.press("Set password and sign in")
    admin.sees("Classes")


def as_excel_writes(*rows):
    """As Excel saves a CSV on a machine that is set to German."""
    return csv_of(*rows, head=HEAD, delimiter=";").encode("cp1252")


class Files:
    """Files on the disk of somebody who uploads them."""

    def __init__(self, admin, folder):
        self.admin, self.folder = admin, folder

    def upload(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        self.admin.page.locator("main input[type=file]").set_input_files(path)
        self.admin.press("Upload")


def seats(admin, cohort, name, *, there):
    admin.go(cohort)
    expect(admin.page.locator("main")).to_contain_text(re.compile(r"\d+ of \d+ seats taken"))
    link = admin.page.locator("main").get_by_role("link", name=name, exact=True)
    expect(link).to_have_count(1 if there else 0)
