"""Fan-out of one notice to 10,000 students, against one raw INSERT … SELECT of the same rows.

`python -m bench.fan_out`
"""

import logging
import time

import structlog
from sqlalchemy import text

from bench.house import house, median_seconds
from ffapp.core.db import db, transaction
from ffapp.ledger import perform
from ffapp.ledger.models import Lane
from ffapp.ledger.plan import plan
from tests.cast import make_cast

STUDENTS = 10_000
RAW = r"""
INSERT INTO effects (key, kind, purpose, lane, subject, person_id, payload, rule, due_at, state,
                     attempts, planned_at)
SELECT :key || '\:person=' || person_id, 'email', 'classes', 'messages', 'class=1', person_id,
       '{"class_id": 1}', 'class_scheduled', now(), 'planned', 0, now()
  FROM enrolments WHERE withdrawn_at IS NULL
"""


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with house():
        cast = make_cast()
        session = cast.schedule(hours=5)
        _fill(cast.cohort.id)
        people = list(
            db.session.scalars(text("SELECT person_id FROM enrolments WHERE withdrawn_at IS NULL"))
        )
        numbers = iter(range(1000))
        raw = median_seconds(lambda: _raw(next(numbers)))
        planned = median_seconds(lambda: _plan(session, people, next(numbers)))
        seconds = _perform()
    rate = len(people) / seconds
    print(f"fan-out to {len(people):,} students")
    print(f"  one raw INSERT … SELECT of the same rows   {raw * 1000:6.0f} ms   1.0")
    ratio = planned / raw
    print(f"  plan(): keys, revival, doorbell            {planned * 1000:6.0f} ms   {ratio:.1f}")
    print(f"  claim, gate, render, hand over, settle     {seconds:6.1f} s    {rate:,.0f} a second")


def _fill(cohort_id: int) -> None:
    """People who are enrolled and whose guardians agree, written by SQL alone."""
    statements = (
        "UPDATE cohorts SET seats = 20000",
        f"INSERT INTO people (name, email, created_at) SELECT 'Student ' || n, 's' || n ||"
        f" '@students.example', now() FROM generate_series(1, {STUDENTS}) n",
        "INSERT INTO users (person_id, role, session_epoch) SELECT id, 'student', 0 FROM people"
        " WHERE email LIKE 's%@students.example' AND id NOT IN (SELECT person_id FROM users)",
        "INSERT INTO guardians (student_id, name) SELECT id, 'Guardian' FROM people"
        " WHERE id NOT IN (SELECT student_id FROM guardians)",
        "INSERT INTO consents (student_id, guardian_id, purpose, granted, recorded_at)"
        " SELECT student_id, id, 'classes', true, now() FROM guardians g"
        " WHERE student_id NOT IN (SELECT student_id FROM consents)",
        f"INSERT INTO enrolments (cohort_id, person_id, enrolled_at) SELECT {cohort_id}, person_id,"
        " now() FROM users WHERE role = 'student' AND person_id NOT IN"
        " (SELECT person_id FROM enrolments)",
        "DELETE FROM effects",
        "ANALYZE",
    )
    for statement in statements:
        db.session.execute(text(statement))
    db.session.commit()


def _raw(number: int) -> None:
    _clear()
    db.session.execute(text(RAW), {"key": f"raw:{number}"})
    db.session.commit()


def _plan(session: object, people: list[int], number: int) -> None:
    _clear()
    transaction(
        plan,
        f"class_scheduled:event={number}:email",
        kind="email",
        purpose="classes",
        subject="class=1",
        rule="class_scheduled",
        cause=None,
        people=people,
        payload={"class_id": session.id},  # type: ignore[attr-defined]
    )


def _clear() -> None:
    db.session.execute(text("DELETE FROM effects"))
    db.session.commit()


def _perform() -> float:
    started = time.perf_counter()
    while perform.perform_next(Lane.MESSAGES) is not None:
        pass
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
