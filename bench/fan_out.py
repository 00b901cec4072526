"""Fan-out of one notice to 10,000 students, against one raw INSERT … SELECT of the same rows.

`python -m bench.fan_out`
"""

import logging
import time

import httpx
import structlog
from sqlalchemy import text

from bench.instance import Processor, instance, median_seconds
from ffapp import simulators
from ffapp.core import config
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


class Answering(httpx.BaseTransport):
    """SendGrid in process: the simulator, or a bare 202 that keeps nothing."""

    def __init__(self) -> None:
        self.simulator: httpx.BaseTransport | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.simulator is not None:
            return self.simulator.handle_request(request)
        return httpx.Response(202, headers={"X-Message-Id": "bare"})


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sendgrid = Answering()
    with instance(sendgrid=sendgrid):
        cast = make_cast()
        session = cast.schedule(hours=5)
        _fill(cast.cohort.id)
        people = list(
            db.session.scalars(text("SELECT person_id FROM enrolments WHERE withdrawn_at IS NULL"))
        )
        numbers = iter(range(1000))
        raw = median_seconds(lambda: _raw(next(numbers)))
        planned = median_seconds(lambda: _plan(session.id, people, next(numbers)))
        print(f"fan-out to {len(people):,} students")
        print(f"  one raw INSERT … SELECT of the same rows   {raw * 1000:6.0f} ms   1.0")
        ratio = planned / raw
        print(
            f"  plan(): keys, revival, dispatch            {planned * 1000:6.0f} ms   {ratio:.1f}"
        )
        for name, simulator in (
            ("a bare 202", None),
            ("the simulator", httpx.WSGITransport(simulators.create_api(config.current()))),
        ):
            sendgrid.simulator = simulator
            _plan(session.id, people, next(numbers))
            _analyze()
            _print(name, len(people), *_perform())


def _print(name: str, count: int, seconds: float, here: float, there: float) -> None:
    print(f"  hand over to {name:24} {seconds:6.1f} s    {count / seconds:,.0f} a second", end="")
    print(f"; processor {here:.1f} s here and {there:.1f} s in Postgres", end="")
    print(f", {count / (here + there):,.0f} a second")


def _fill(cohort_id: int) -> None:
    """People who are enrolled and whose guardians agree, written by SQL alone."""
    statements = (
        "UPDATE cohorts SET seats = 20000",
        f"INSERT INTO people (name, email, created_at) SELECT 'Student ' || n, 's' || n ||"
        f" '@students.example', now() FROM generate_series(1, {STUDENTS}) n",
        "INSERT INTO users (person_id, role, sign_in_name) SELECT id, 'student', email FROM people"
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


def _plan(class_id: int, people: list[int], number: int) -> None:
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
        payload={"class_id": class_id},
    )


def _clear() -> None:
    db.session.execute(text("DELETE FROM effects"))
    db.session.commit()


def _analyze() -> None:
    """What the worker does after so many were planned."""
    db.session.execute(text("ANALYZE effects"))
    db.session.commit()


def _perform() -> tuple[float, float, float]:
    """Hand over all that is due: seconds, and processor seconds here and in Postgres."""
    processor, started = Processor(), time.perf_counter()
    while perform.perform_next(Lane.MESSAGES) is not None:
        pass
    return time.perf_counter() - started, *processor.seconds()


if __name__ == "__main__":
    main()
