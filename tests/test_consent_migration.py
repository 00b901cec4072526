"""Consents of before: `classes` is divided into the account's mail and the name at Zoom."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from sqlalchemy import text

from ffapp.core.db import db

PATH = Path(__file__).parents[1] / "migrations" / "versions" / "0031_guardians_first.py"


def test_each_old_answer_becomes_two_and_the_newest_still_counts(cast):
    spec = spec_from_file_location("guardians_first", PATH)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    db.session.execute(text("DELETE FROM consents"))
    for granted in (True, False):
        db.session.execute(
            text(
                "INSERT INTO consents (student_id, guardian_id, purpose, granted, recorded_at)"
                " VALUES (:student, :guardian, 'classes', :granted, now())"
            ),
            {
                "student": cast.asha.id,
                "guardian": cast.asha.guardians[0].id,
                "granted": granted,
            },
        )

    for statement in module.DIVIDE:
        db.session.execute(text(statement))

    rows = db.session.execute(text("SELECT purpose, granted, method FROM consents ORDER BY id"))
    found = [tuple(row) for row in rows]
    for purpose in ("account", "zoom"):
        mine = [row for row in found if row[0] == purpose]
        assert mine == [(purpose, True, "admin"), (purpose, False, "admin")]
    assert len(found) == 4
