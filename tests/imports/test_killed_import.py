"""A worker that is killed while it imports loses nobody and doubles nobody."""

import io

from sqlalchemy import text

from ffapp.core import runs
from ffapp.core.db import db, transaction
from ffapp.core.runs import Run
from ffapp.imports import applying, checking, upload
from ffapp.programme.student_import import STUDENTS
from tests.imports.files import csv_of
from tests.processes.poll import poll

ROWS = 400


def count(table_and_where):
    return db.session.scalar(text(f"SELECT count(*) FROM {table_and_where}"))


def stored(cast):
    """A file of many students, checked."""
    rows = [(f"Student {n}", f"s{n}@students.example", "", "G") for n in range(ROWS)]
    file = io.BytesIO(csv_of(*rows).encode())
    return transaction(
        upload.store_file, STUDENTS, file, "s.csv", target_id=cast.cohort.id, by=cast.admin
    )


def test_a_worker_killed_while_it_imports_leaves_nobody_lost_and_nobody_twice(
    cast, worker, running_app
):
    cast.cohort.seats = ROWS + 20
    imported = stored(cast)
    worker.drain()
    check = transaction(checking.start_check, imported, cast.admin)
    runs.perform(check.id)
    victim = running_app.worker()

    run = transaction(applying.start_apply, imported, cast.admin)
    run_id = run.id

    def is_in_the_middle():
        done = db.session.scalar(db.select(Run.done).where(Run.id == run_id))
        return 2 * applying.CHUNK <= done < ROWS - applying.CHUNK

    poll(is_in_the_middle, "some are imported", every=0.01)
    victim.kill()
    db.session.rollback()
    done = db.session.get_one(Run, run_id).done
    assert done < ROWS
    assert count("people WHERE email LIKE 's%@students.example'") == done
    running_app.worker()

    poll(lambda: db.session.get_one(Run, run_id).state == "done", "the run goes on", seconds=120)
    assert db.session.get_one(Run, run_id).done == ROWS
    assert count("people WHERE name LIKE 'Student %'") == ROWS
    assert count("enrolments WHERE withdrawn_at IS NULL") == ROWS + 3
    assert count("guardians WHERE name = 'G'") == ROWS
    # A guardian is asked first; nobody has agreed yet.
    assert count("events WHERE name = 'person_invited'") == 0
    assert count("events WHERE name = 'students_imported'") == 1
    assert count("import_rows WHERE state = 'applied'") == ROWS
