"""Importing students from a file: nobody twice, nobody lost, and each problem in plain words."""

import csv
import io
from datetime import date

import pytest

from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.imports.models import ImportFile, ImportRow
from ffapp.ledger.batches import Batch
from ffapp.ledger.models import Effect
from ffapp.people.address import find_by_email
from ffapp.people.consent import consent_of
from ffapp.people.invite import add_person
from ffapp.people.models import Person, Role
from ffapp.programme.enrol import enrolled_people
from tests.browse import flashed
from tests.imports.files import HEAD, csv_of, zip_of

NINA = ("Nina Das", "nina@students.example", "98765 43210", "Rita Das")
CONSENT_HEAD = (*HEAD, "Guardian agreed", "Guardian's e-mail", "Date of birth")
OM = ("Om Kale", "om@students.example", "", "Lata Kale")


class Importing:
    """An admin who imports into the cohort."""

    def __init__(self, client, cast, worker):
        self.client, self.cast, self.worker = client, cast, worker
        self.new = f"/admin/cohorts/{cast.cohort.id}/imports/new"
        client.sign_in(cast.admin)

    def upload(self, content, name="students.csv"):
        content = content.encode() if isinstance(content, str) else content
        return self.client.post(self.new, data={"file": (io.BytesIO(content), name)})

    def refusal(self, content):
        answer = self.upload(content)
        assert answer.status_code == 422
        return answer.text

    def check(self, content, **choices):
        """Upload, accept the columns that were guessed, look at the rows."""
        columns = self.upload(content).location
        imported = self.imported
        mapping = {f"column-{index}": field for field, index in imported.mapping.items()}
        answer = self.client.post(
            columns, data={"header": str(imported.header_row), **mapping, **choices}
        )
        assert answer.status_code == 303, answer.text
        self.page = answer.location
        return self.client.get(self.page).text

    def apply(self):
        self.client.post(f"{self.page}/runs")
        self.worker.drain()
        return self.client.get(self.page).text

    def undo(self):
        batch = db.session.scalar(db.select(Batch.id).order_by(Batch.id.desc()))
        answer = self.client.post(f"/admin/batches/{batch}/reversals")
        self.worker.drain()
        return flashed(self.client.get(answer.location))

    def not_imported(self):
        text = self.client.get(f"{self.page}/not-imported.csv").data.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    @property
    def imported(self):
        db.session.rollback()
        return db.session.scalars(db.select(ImportFile).order_by(ImportFile.id.desc())).first()

    def states(self):
        db.session.rollback()
        rows = db.session.scalars(db.select(ImportRow).order_by(ImportRow.number))
        return {row.number: row.state for row in rows if row.number > self.imported.header_row}

    def roster(self):
        db.session.rollback()
        ids = enrolled_people(self.cast.cohort.id)
        return {db.session.get_one(Person, each).name for each in ids}


@pytest.fixture
def importing(client, cast, worker):
    worker.drain()
    return Importing(client, cast, worker)


def test_students_are_admitted_and_they_or_their_guardians_written_to_after_a_minute(
    importing, mailbox, travel, cast
):
    rows = (*NINA, "yes", "", "14/05/2012"), (*OM, "", "lata@home.example", "")
    text = importing.check(csv_of(*rows, head=CONSENT_HEAD))
    assert "Nothing to correct" in text
    assert "Import 2 students" in text

    assert "It imported 2 of 2 rows." in importing.apply()

    assert {"Nina Das", "Om Kale"} <= importing.roster()
    nina = find_by_email("nina@students.example")
    assert (nina.phone, nina.guardians[0].name) == ("+919876543210", "Rita Das")
    assert mailbox() == [], "for a minute it can be undone"
    travel.forward(seconds=61)
    importing.worker.drain()
    assert {mail["to"] for mail in mailbox()} == {"nina@students.example", "lata@home.example"}
    assert nina.born_on == date(2012, 5, 14)
    event = db.session.scalars(db.select(Event).filter_by(name="students_imported")).one()
    assert (event.facts["applied"], event.subject_id) == (2, cast.cohort.id)
    page = importing.client.get(f"/admin/cohorts/{cast.cohort.id}").text
    assert "imported 2 rows of students.csv" in page
    assert "students.csv" in importing.client.get(importing.new).text


def test_siblings_with_one_address_are_told_apart_by_a_user_name(importing):
    head = ("Name", "E-mail", "User name", "Guardian")
    both = ("Nina Das", "n@s.example", "", "Rita"), ("Om Das", "n@s.example", "om.das", "Rita")
    text = importing.check(csv_of(*both, ("Pia Das", "n@s.example", "", "Rita"), head=head))
    assert "The same e-mail is in row" in text

    importing.apply()

    assert {"Nina Das", "Om Das"} <= importing.roster()
    assert "Pia Das" not in importing.roster()


def test_what_a_guardian_said_is_taken_over(importing):
    head = ("Name", "E-mail", "Guardian", "Consent")
    rows = [("Nina", "n@s.example", "Rita", "Yes"), ("Om", "o@s.example", "Lata", "no")]
    importing.check(csv_of(*rows, ("Pia", "p@s.example", "Uma", ""), head=head))
    importing.apply()

    said = [consent_of(find_by_email(f"{each}@s.example"), "account") for each in "nop"]
    assert said == [True, False, None]


def test_a_wrong_cell_is_typed_over_in_the_grid(importing):
    text = importing.check(csv_of(("Nina Das", "nina@", "123", ""), OM))
    assert "1 row has something to correct" in text
    for error in ("after the @-sign", "No phone has this number", "Give a guardian"):
        assert error in text
    fields = {"cell-2-email": NINA[1], "cell-2-phone": "", "cell-2-guardian_name": "Rita"}

    importing.client.post(f"{importing.page}/rows", data=fields)

    assert "Import 2 students" in importing.client.get(importing.page).text
    importing.apply()
    assert {"Nina Das", "Om Kale"} <= importing.roster()


def test_every_cell_can_be_opened_and_a_row_left_out_and_taken_in_again(importing):
    importing.check(csv_of(NINA, OM))

    opened = importing.client.get(f"{importing.page}?edit=3").text
    assert 'name="cell-3-name" value="Om Kale"' in opened
    importing.client.post(f"{importing.page}/rows", data={"cell-3-name": "Om K", "skip": "3"})
    assert importing.states() == {2: "ready", 3: "skipped"}
    importing.client.post(f"{importing.page}/rows", data={"take": "3"})

    assert importing.states() == {2: "ready", 3: "ready"}
    importing.apply()
    assert "Om K" in importing.roster()


def test_the_rows_that_were_not_imported_are_a_file_with_reasons_that_can_be_sent_again(importing):
    importing.check(csv_of(NINA, ("Om Kale", "om@", "+91 98", "=1+1"), NINA))
    importing.apply()

    bad, twice = importing.not_imported()

    assert twice["Reason"] == "The same e-mail is in row 2."
    assert bad["Row"] == "3"
    assert "Guardian's name: This is a formula, not a name." in bad["Reason"]
    assert (bad["Phone"], bad["Guardian's name"]) == ("'+91 98", "'=1+1"), "nothing computes"
    again = importing.client.get(f"{importing.page}/not-imported.csv").data
    importing.check(again)
    values = db.session.get_one(ImportRow, (importing.imported.id, 2))
    assert values.cells[:4] == ["Om Kale", "om@", "+91 98", "=1+1"]


def test_the_same_person_twice_in_a_file_is_imported_once(importing):
    again = ("Nina D.", "NINA@students.example", "", "Rita")
    text = importing.check(csv_of(NINA, OM, again))
    assert importing.states() == {2: "ready", 3: "ready", 4: "duplicate"}
    assert "The same e-mail is in row 2." in text

    importing.client.post(f"{importing.page}/rows", data={"skip": "2"})

    assert importing.states()[4] == "ready", "now it is the first"


def test_two_people_with_one_phone_are_both_imported_and_it_is_said(importing):
    sister = ("Tia Das", "tia@students.example", "+91 98765 43210", "Rita Das")
    text = importing.check(csv_of(NINA, sister, OM))
    assert text.count("Another row has this phone number too.") == 2

    importing.apply()

    assert {"Nina Das", "Tia Das", "Om Kale"} <= importing.roster()


def test_who_is_known_is_enrolled_and_not_added_again(importing, cast):
    people = db.session.scalar(db.select(db.func.count(Person.id)))
    rows = [("Tara", cast.tara.email, "", ""), ("Asha", cast.asha.email, "", "")]
    text = importing.check(csv_of(*rows))
    assert "Tara Bose is known, and is enrolled without an invitation." in text
    assert "Asha Rao is enrolled already; nothing changes." in text

    importing.apply()

    assert "Tara Bose" in importing.roster()
    assert db.session.scalar(db.select(db.func.count(Person.id))) == people
    assert not db.session.scalars(db.select(Effect).filter_by(rule="invitation")).all()


def test_an_admin_is_no_student(importing, cast):
    text = importing.check(csv_of(("Vikram", cast.admin.email, "", "X")))

    assert "This address belongs to Vikram Rao, an admin." in text
    assert "No row is ready" in text


def test_when_the_seats_are_taken_the_others_are_rejected_with_a_reason(importing, cast):
    cast.cohort.seats = 4
    db.session.commit()
    text = importing.check(csv_of(NINA, OM))
    assert "Winter 2026 has 1 free seats; rows beyond are rejected." in text

    assert "1 failed" not in importing.apply()

    assert "Nina Das" in importing.roster()
    (rejected,) = importing.not_imported()
    assert rejected["Reason"] == "No place was left: Winter 2026 has 4."
    assert find_by_email(OM[1]) is None, "nobody is half admitted"


def test_within_a_minute_all_of_it_is_undone_and_it_can_be_imported_again(
    importing, cast, mailbox, travel
):
    before = importing.roster()
    importing.check(csv_of(NINA, OM, ("Tara", cast.tara.email, "", "")))
    importing.apply()

    assert "Undone: 3 rows are taken back. Nobody was told." in importing.undo()

    assert importing.roster() == before
    assert find_by_email(NINA[1]) is None
    assert find_by_email(cast.tara.email), "who was there before stays"
    for effect in db.session.scalars(db.select(Effect).filter_by(rule="invitation")):
        assert effect.state == "cancelled"
        assert importing.client.get(f"/admin/messages/{effect.id}").status_code == 200
    travel.forward(minutes=5)
    importing.worker.drain()
    assert mailbox() == []
    importing.check(csv_of(NINA))
    importing.apply()
    assert "Nina Das" in importing.roster()


def test_who_was_told_already_stays_when_the_rest_is_undone(importing, travel):
    rows = ((*each, "yes", "", "") for each in (NINA, OM))
    importing.check(csv_of(*rows, head=CONSENT_HEAD))
    importing.apply()
    nina = find_by_email(NINA[1])
    mail = db.select(Effect).filter_by(person_id=nina.id, kind="email")
    db.session.scalars(mail).one().state = "sent"
    db.session.commit()

    assert "1 row is taken back. 1 message had gone already." in importing.undo()

    assert "Nina Das" in importing.roster()
    assert find_by_email(OM[1]) is None
    assert importing.states() == {2: "applied", 3: "undone"}


def test_a_file_is_applied_once_however_often_it_is_pressed(importing):
    importing.check(csv_of(NINA))
    importing.client.post(f"{importing.page}/runs")
    answer = importing.client.post(f"{importing.page}/runs")
    importing.worker.drain()

    assert "imported already" in flashed(importing.client.get(answer.location))
    assert db.session.query(Batch).count() == 1
    importing.client.post(f"{importing.page}/rows", data={"skip": "2"})
    assert importing.states() == {2: "applied"}


def test_somebody_who_was_added_meanwhile_is_enrolled_and_not_added_twice(importing, cast):
    importing.check(csv_of(NINA))
    transaction(add_person, "Nina Other", NINA[1], Role.STUDENT, by=cast.admin)

    importing.apply()

    assert "Nina Other" in importing.roster()


# ── files as they come ──


def test_without_a_header_the_columns_are_chosen_by_what_is_in_them(importing):
    columns = importing.upload(csv_of(NINA, OM, head=None)).location
    page = importing.client.get(columns).text
    assert "The file has no headings" in page
    assert "Column A" in page
    fields = {"header": "0", "column-0": "name", "column-1": "email", "column-3": "guardian_name"}

    answer = importing.client.post(columns, data=fields)

    assert "Import 2 students" in importing.client.get(answer.location).text


def test_a_header_below_a_title_is_found_and_another_row_can_be_chosen(importing):
    title = "Students of the winter\r\n\r\n"
    columns = importing.upload(title + csv_of(NINA)).location
    assert importing.imported.header_row == 3

    page = importing.client.post(columns, data={"header": "1"}).text

    assert importing.imported.header_row == 1
    assert "Students of the winter" in page


def test_headings_that_stand_twice_are_told_apart_by_their_letters(importing):
    head = ("Name", "E-mail", "E-mail", "Guardian's name")
    columns = importing.upload(csv_of(("Nina", "", NINA[1], "Rita"), head=head)).location
    page = importing.client.get(columns).text
    assert "E-mail (column B)" in page
    assert "E-mail (column C)" in page
    both = {"header": "1", "column-0": "name", "column-1": "email", "column-2": "email"}

    answer = importing.client.post(columns, data=both)

    assert answer.status_code == 422
    assert "Two columns are chosen for “E-mail”; choose one." in answer.text
    right = {"header": "1", "column-0": "name", "column-2": "email", "column-3": "guardian_name"}
    assert importing.client.post(columns, data=right).status_code == 303
    assert importing.states() == {2: "ready"}


def test_a_column_that_is_needed_must_be_chosen(importing):
    columns = importing.upload(csv_of(NINA)).location

    answer = importing.client.post(columns, data={"header": "1", "column-0": "name"})

    assert answer.status_code == 422
    assert "Choose the column for “E-mail”." in answer.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (",".join(f"c{n}" for n in range(300)), "300 columns; 100 is the most"),
        ('Name,E-mail\n"Nina,n@s.example\n', "Line 2 cannot be read: a quotation mark"),
        (zip_of({"students.csv": "Name"}), "This is a zip archive"),
        (b"\x89PNG\r\n\x1a\n\x00\x01\x02\x03\xff\xfe\xfd", "neither a CSV file nor an Excel"),
        ("", "This file is empty."),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence_and_leaves_nothing(importing, content, said):
    assert said in importing.refusal(content)
    assert importing.imported is None


def test_without_a_file_it_asks_for_one(importing):
    assert "Choose a file first." in importing.client.post(importing.new, data={}).text


def test_nuls_and_formulas_harm_nobody(importing):
    rows = [("Ni\0na", "n@s.example", "", "Rita"), ('=HYPERLINK("x")', "o@s.example", "", "Om")]
    text = importing.check(csv_of(*rows).replace('"', ""))

    assert "This is a formula, not a name." in text
    assert importing.states() == {2: "ready", 3: "bad"}
    importing.apply()
    assert "Nina" in importing.roster()


def test_a_file_of_50_megabytes_is_refused_before_it_is_read(importing, monkeypatch):
    parsed = []
    monkeypatch.setattr("werkzeug.formparser.FormDataParser.parse", lambda *a: parsed.append(a))
    form = {"content_type": "multipart/form-data; boundary=x"}
    answer = importing.client.post(importing.new, data=b"x" * 50 * 1024 * 1024, **form)

    assert answer.status_code == 303
    assert parsed == []
    monkeypatch.undo()
    assert "bigger than 20 MB" in importing.client.get(answer.location).text


def test_other_pages_still_take_two_megabytes_and_no_more(client, cast):
    client.sign_in(cast.admin)
    big = {"name": "x" * 3 * 1024 * 1024}

    assert client.post("/admin/cohorts/new", data=big).status_code == 413


def test_an_example_shows_the_columns(importing):
    text = importing.client.get(f"{importing.new}?example=1").data.decode("utf-8-sig")
    importing.check(text)

    assert importing.states() == {2: "ready"}


def test_a_file_of_many_rows_is_checked_by_the_worker_and_asks_no_more_often(
    importing, queries, monkeypatch
):
    monkeypatch.setattr("ffapp.web.kit.imports.AT_ONCE_SECONDS", 0.0)
    rows = [(f"Student {n}", f"s{n}@students.example", "", "G") for n in range(1200)]
    importing.check(csv_of(*rows[:60]))
    with queries() as few:
        importing.client.get(importing.page)

    text = importing.check(csv_of(*rows))
    assert "So far it checked 500 of 1,200 rows." in text
    importing.worker.drain()
    with queries() as many:
        text = importing.client.get(importing.page).text

    assert "Import 1,200 students" in text
    assert len(many) <= len(few) + 1
