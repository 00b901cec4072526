"""What pages cost with 200, 2,000 and 20,000 students: queries and processor time.

`python -m bench.growth`. Cohorts of 200 students with 40 classes each, half of them over, with
messages, presses of Join, attendance and recordings. The cost of a page is the processor time that
it takes here and in Postgres: other work on the machine disturbs that less than the clock. Ends
with 1 when a page asks more queries as data grow, or costs more than three times as much.
"""

import argparse
import logging
import sys
from dataclasses import dataclass

import structlog
from sqlalchemy import event, text

from bench.instance import Processor, instance
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.people.models import Person
from tests.browse import Browser
from tests.cast import make_cast

SIZES = (200, 2_000, 20_000)
A_COHORT, CLASSES = 200, 40
PAGES = 15
AT_MOST = 3.0
TODAY_QUERIES, TODAY_MS = 12, 150

# first and last are the numbers of the cohorts to add; student 3 of cohort 7 is `s7-3@…`.
FILL = f"""
INSERT INTO cohorts (name, starts_on, ends_on, seats, time_zone, revision, created_at)
SELECT 'Cohort ' || c, current_date - 60, current_date + 60, {A_COHORT}, 'Asia/Kolkata', 1, now()
  FROM generate_series(first, last) c;
INSERT INTO people (name, email, created_at)
SELECT 'Student ' || c || ' ' || n, 's' || c || '-' || n || '@students.example', now()
  FROM generate_series(first, last) c, generate_series(1, {A_COHORT}) n;
CREATE TEMP TABLE added AS
SELECT p.id AS person_id, k.id AS cohort_id
  FROM generate_series(first, last) c
  JOIN cohorts k ON k.name = 'Cohort ' || c CROSS JOIN generate_series(1, {A_COHORT}) n
  JOIN people p ON p.email = 's' || c || '-' || n || '@students.example';
INSERT INTO users (person_id, role, sign_in_name)
SELECT person_id, 'student', email FROM added JOIN people ON people.id = person_id;
INSERT INTO guardians (student_id, name) SELECT person_id, 'Guardian' FROM added;
INSERT INTO consents (student_id, guardian_id, purpose, granted, recorded_at)
SELECT student_id, g.id, 'classes', true, now() FROM guardians g
  JOIN added ON person_id = student_id;
INSERT INTO enrolments (cohort_id, person_id, enrolled_at)
SELECT cohort_id, person_id, now() - interval '60 days' FROM added;
CREATE TEMP TABLE held AS
SELECT k.id AS cohort_id, n,
       date_trunc('hour', now()) + make_interval(days => 2 * (n - {CLASSES // 2}), mins => 10 * c)
         AS starts_at
  FROM generate_series(first, last) c JOIN cohorts k ON k.name = 'Cohort ' || c,
       generate_series(1, {CLASSES}) n;
INSERT INTO sessions (cohort_id, title, description, starts_at, duration_minutes, time_zone,
                      revision, created_at, zoom_host_email, zoom_join_url, zoom_meeting_id,
                      zoom_revision, meeting_state, recording_state, started_at, ended_at)
SELECT cohort_id, 'Class ' || n, '', starts_at, 60, 'Asia/Kolkata', 1, now(),
       'host' || cohort_id || '@futurefounders.example', 'https://zoom.test/j/1',
       80000000000 + cohort_id * 1000 + n, 1, 'ready',
       CASE WHEN is_over THEN 'available' END, CASE WHEN is_over THEN starts_at END,
       CASE WHEN is_over THEN starts_at + interval '1 hour' END
  FROM held CROSS JOIN LATERAL (SELECT starts_at < now() - interval '2 hours' AS is_over) AS past;
CREATE TEMP TABLE taught AS
SELECT s.id, s.cohort_id, s.starts_at, s.starts_at < now() - interval '2 hours' AS is_over
  FROM sessions s JOIN (SELECT DISTINCT cohort_id FROM held) h USING (cohort_id);
INSERT INTO meeting_instances (session_id, zoom_uuid, started_at, ended_at)
SELECT id, 'uuid-' || id, starts_at, starts_at + interval '1 hour' FROM taught WHERE is_over;
INSERT INTO recordings (session_id, meeting_uuid, file_id, file_type, recording_type, size_bytes,
                        starts_at, ends_at, play_url, visible, first_seen_at)
SELECT id, 'uuid-' || id, 'file-' || id, 'MP4', 'shared_screen_with_speaker_view', 1000000,
       starts_at, starts_at + interval '1 hour', 'https://zoom.test/rec/1', true, now()
  FROM taught WHERE is_over;
INSERT INTO joins (session_id, person_id, at)
SELECT id, person_id, starts_at FROM taught JOIN added USING (cohort_id) WHERE is_over;
INSERT INTO participant_sessions (session_id, meeting_uuid, user_id, name, email, zoom_id,
                   registrant_id,
                   joined_at, left_at, person_id, matched_by)
SELECT id, 'uuid-' || id, person_id, '', '', '', '', starts_at, starts_at + interval '50 minutes',
       person_id, 'email'
  FROM taught JOIN added USING (cohort_id) WHERE is_over;
INSERT INTO effects (key, kind, purpose, lane, subject, person_id, payload, rule, due_at, state,
                     attempts, planned_at, settled_at, provider)
SELECT 'growth:' || id || ':person=' || person_id, 'email', 'classes', 'messages', 'class=' || id,
       person_id, jsonb_build_object('class_id', id), 'class_scheduled',
       starts_at - interval '60 days', 'sent', 1, starts_at - interval '60 days',
       starts_at - interval '60 days', 'SendGrid'
  FROM taught JOIN added USING (cohort_id);
INSERT INTO mail_sheets (digest, subject, text, html) VALUES ('growth', 'A class', 'Come', 'Come')
    ON CONFLICT DO NOTHING;
INSERT INTO email_logs (effect_id, sheet_id, address, words, message_id, status, status_at,
                        created_at)
SELECT e.id, (SELECT id FROM mail_sheets WHERE digest = 'growth'), 's@students.example', '{{}}',
       'growth', 'delivered', e.due_at, e.due_at
  FROM effects e JOIN taught ON e.subject = 'class=' || taught.id WHERE is_over;
INSERT INTO events (name, actor, subject_type, subject_id, facts, at)
SELECT 'class_scheduled', 'Vikram Rao', 'sessions', id, '{{"title": "Class"}}', now() FROM taught;
DROP TABLE added, held, taught
"""


@dataclass
class Page:
    """One page at each size: queries, and processor milliseconds here and in Postgres."""

    name: str
    path: str
    queries: list[int]
    here: list[float]
    there: list[float]

    @property
    def holds(self) -> bool:
        ms = [sum(each) for each in zip(self.here, self.there, strict=True)]
        return len(set(self.queries)) == 1 and ms[-1] <= AT_MOST * ms[0]

    def line(self) -> str:
        cells = [
            f"{queries:3} / {here:5.1f} + {there:6.1f}"
            for queries, here, there in zip(self.queries, self.here, self.there, strict=True)
        ]
        growth = (self.here[-1] + self.there[-1]) / (self.here[0] + self.there[0])
        return f"  {self.name:12} {'   '.join(cells)}   × {growth:5.1f}" + (
            "" if self.holds else "   grows"
        )


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asked = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    asked.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = asked.parse_args().sizes
    with instance() as app:
        app.test_client_class = Browser
        cast = make_cast()
        db.session.execute(text("DELETE FROM effects"))
        db.session.execute(text("DELETE FROM procrastinate_jobs"))
        db.session.commit()
        admin, student = app.test_client(), app.test_client()
        admin.sign_in(cast.admin)
        cohorts, pages = 0, []
        for size in sizes:
            _fill(cohorts + 1, size // A_COHORT)
            cohorts = size // A_COHORT
            student.sign_in(_first_student())
            pages = pages or [Page(*each, [], [], []) for each in _paths()]
            for page in pages:
                _measure(page, student if page.path in STUDENT else admin)
    print(f"queries / processor ms here + in Postgres, with {', '.join(map(str, sizes))} students")
    for page in pages:
        print(page.line())
    today = next(page for page in pages if page.name == "today")
    print(
        f"  Today at {sizes[-1]:,}: {today.queries[-1]} queries (at most {TODAY_QUERIES}),"
        f" {today.here[-1] + today.there[-1]:.0f} ms (at most {TODAY_MS})"
    )
    if not all(page.holds for page in pages):
        sys.exit(1)


STUDENT = ("/home", "/schedule")


def _paths() -> list[tuple[str, str]]:
    """The pages; a cohort and a class are the same at each size."""
    session = db.session.scalars(
        db.select(ClassSession)
        .where(ClassSession.recording_state == "available")
        .order_by(ClassSession.id)
    ).first()
    assert session is not None
    return [
        ("home", "/home"),
        ("schedule", "/schedule"),
        ("classes", "/admin/classes"),
        ("cohorts", "/admin/cohorts"),
        ("cohort", f"/admin/cohorts/{session.cohort_id}"),
        ("people", "/admin/people"),
        ("messages", "/admin/messages"),
        ("each message", "/admin/messages/each"),
        ("search", "/admin/search?q=student"),
        ("recordings", "/admin/recordings"),
        ("attendance", f"/admin/classes/{session.id}/attendance"),
        ("today", "/admin/today"),
    ]


def _fill(first: int, last: int) -> None:
    """Add these cohorts, with all that belongs to them, by SQL alone."""
    connection = db.session.connection()
    for statement in FILL.split(";\n"):
        numbered = statement.replace("(first, last)", f"({first}, {last})")
        connection.exec_driver_sql(numbered)
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _first_student() -> Person:
    person = db.session.scalar(db.select(Person).where(Person.email == "s1-1@students.example"))
    assert person is not None
    return person


def _measure(page: Page, client: Browser) -> None:
    seen: list[str] = []

    def count(*args: object) -> None:
        seen.append(str(args[2]))

    assert client.get(page.path, lint=False).status_code == 200, page.path
    event.listen(db.engine, "before_cursor_execute", count)
    client.get(page.path, lint=False)
    event.remove(db.engine, "before_cursor_execute", count)
    processor = Processor()
    for _ in range(PAGES):
        client.get(page.path, lint=False)
    here, there = processor.seconds()
    page.queries.append(len(seen))
    page.here.append(here / PAGES * 1000)
    page.there.append(there / PAGES * 1000)


if __name__ == "__main__":
    main()
