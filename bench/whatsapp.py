"""10,000 WhatsApp messages from effect to outcome, against the same raw HTTP calls.

`python -m bench.whatsapp`, or `… 1000` for so many. AiSensy answers in process and at once, so that
the rates are those of our own work: one slot of a worker, two commits (fsync on) for each message.
"""

import logging
import sys
import time
from collections.abc import Callable
from uuid import uuid4

import httpx
import structlog
from sqlalchemy import text

from bench.instance import Processor, instance
from ffapp.core.db import db, transaction
from ffapp.ledger import perform
from ffapp.ledger.models import Effect, Lane, State
from ffapp.ledger.plan import plan
from ffapp.providers.aisensy.client import AiSensyClient, TemplateMessage
from tests.cast import make_cast

MESSAGES = int(sys.argv[1]) if sys.argv[1:] else 10_000
PARAMETERS = ["Student 1", "Pricing", "Cohort 7", "Sat 5 Dec, 10:00 am IST", "http://localhost/"]


class Answering(httpx.BaseTransport):
    """AiSensy in process: it takes each message, and keeps nothing."""

    calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.calls += 1
        return httpx.Response(200, json={"success": "true", "submitted_message_id": str(uuid4())})


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    aisensy = Answering()
    with instance(aisensy=aisensy):
        cast = make_cast()
        session = cast.schedule(hours=5)
        people = _fill(cast.cohort.id)
        raw = _measure(_raw)
        aisensy.calls = 0
        _plan(session.id, people)
        done = _measure(_perform)
        assert aisensy.calls == MESSAGES, aisensy.calls
        sent = db.session.query(Effect).filter_by(kind="whatsapp", state=State.SENT).count()
        assert sent == MESSAGES, sent
        print(f"{MESSAGES:,} WhatsApp messages, AiSensy answering at once")
        _print("the raw calls of the client", *raw)
        _print("from effect to outcome", *done)
        print(f"  ratio to the raw rate  {raw[0] / done[0]:.2f} by the clock,", end=" ")
        print(f"{sum(raw[1:]) / sum(done[1:]):.2f} by the processor (goal 0.5)")


def _measure(work: Callable[[], None]) -> tuple[float, float, float]:
    """Seconds by the clock, and of the processor here and in Postgres."""
    processor, started = Processor(), time.perf_counter()
    db.session.rollback()  # no call of a provider goes within a transaction
    work()
    return time.perf_counter() - started, *processor.seconds()


def _print(what: str, seconds: float, here: float, there: float) -> None:
    rate = MESSAGES / seconds
    print(f"  {what:28} {seconds:6.1f} s  {rate:6,.0f} a second;", end=" ")
    print(f"processor {here:.1f} s here, {there:.1f} s in Postgres")


def _fill(cohort_id: int) -> list[int]:
    """Enrolled students with phones, whose guardians agree to both; written by SQL alone."""
    statements = (
        "UPDATE cohorts SET seats = 20000",
        "INSERT INTO people (name, email, phone, created_at) SELECT 'Student ' || n, 's' || n ||"
        " '@students.example', '+9198' || (10000000 + n), now()"
        f" FROM generate_series(1, {MESSAGES}) n",
        "INSERT INTO users (person_id, role, sign_in_name) SELECT id, 'student', email FROM people"
        " WHERE email LIKE 's%@students.example' AND id NOT IN (SELECT person_id FROM users)",
        "INSERT INTO guardians (student_id, name) SELECT id, 'Guardian' FROM people"
        " WHERE id NOT IN (SELECT student_id FROM guardians)",
        "INSERT INTO consents (student_id, guardian_id, purpose, granted, recorded_at)"
        " SELECT student_id, id, purpose, true, now() FROM guardians g,"
        " unnest(ARRAY['account', 'whatsapp']) purpose"
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
    theirs = text("SELECT id FROM people WHERE email ~ '^s[0-9]+@students' ORDER BY id")
    return list(db.session.scalars(theirs))


def _plan(class_id: int, people: list[int]) -> None:
    transaction(
        plan,
        "class_scheduled:event=1:whatsapp",
        kind="whatsapp",
        purpose="classes",
        subject=f"class={class_id}",
        rule="class_scheduled",
        cause=None,
        people=people,
        payload={"class_id": class_id},
    )
    db.session.execute(text("ANALYZE effects"))  # as the worker does after so many were planned
    db.session.commit()


def _raw() -> None:
    client = AiSensyClient.current()
    for number in range(MESSAGES):
        phone = f"+9198{10_000_000 + number}"
        message = TemplateMessage("class_scheduled", phone, "Student", PARAMETERS, str(number))
        client.send(message)


def _perform() -> None:
    while perform.perform_next(Lane.CHATS) is not None:
        pass


if __name__ == "__main__":
    main()
