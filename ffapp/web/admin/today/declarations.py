"""What Today adds to what all domains share."""

from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import DateTime, Integer, Select, Text, column, select, text
from sqlalchemy.dialects.postgresql import JSONB

from ffapp.core import clock
from ffapp.core.jobs import STALLED_SECONDS
from ffapp.web.kit.alerts import DOCTOR, HEALTHZ, TODAY, Alert, Button
from ffapp.web.kit.domains import Domain
from ffapp.web.navigation import Entry
from ffapp.web.rendering import span

LATE = timedelta(minutes=2)
SPANS = {"late": LATE, "alive": timedelta(seconds=STALLED_SECONDS)}
WORDS = {
    "events.follow": "What follows an event",
    "webhooks.handle": "A webhook",
    "recordings.run_sync": "A sync of recordings",
    "meetings.fetch_start_link": "A start link",
}
SINCE = column("since", DateTime(timezone=True))
FAILED = """
SELECT job.id, job.task_name, job.args, coalesce(max(event.at), now()) AS since
  FROM procrastinate_jobs AS job
  LEFT JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'failed'
 WHERE job.status = 'failed'
 GROUP BY job.id ORDER BY job.id DESC
"""
# One that waits for its turn, behind another that a worker does, waits for no worker.
LATE_ONES = """
SELECT count(*) AS jobs, min(at) AS since
  FROM (SELECT coalesce(job.scheduled_at, min(event.at)) AS at
          FROM procrastinate_jobs AS job
          JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
         WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()
           AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs AS other
                             JOIN procrastinate_workers AS worker ON worker.id = other.worker_id
                            WHERE other.status = 'doing' AND other.lock = job.lock
                              AND worker.last_heartbeat > now() - :alive)
         GROUP BY job.id) AS waiting
 WHERE at < now() - :late
HAVING count(*) > 0
"""
# A worker begins periodic jobs each minute; where none has ever run, it is not known since when.
NO_WORKER = """
SELECT to_timestamp(max(defer_timestamp)) AS since
  FROM procrastinate_periodic_defers
HAVING NOT EXISTS (SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - :alive)
"""


def _of(sql: str, *columns: Any) -> Select[Any]:
    """The queue's tables are asked in SQL, and by the machine's own time."""
    spans = {name: each for name, each in SPANS.items() if f":{name}" in sql}
    found = text(sql).bindparams(**spans).columns(*columns, SINCE)
    return select(found.subquery())


def _failed_words(row: Any) -> str:
    what = WORDS.get(row.task_name, f"The job {row.task_name}")
    detail = f" ({row.args['listener']})" if "listener" in row.args else ""
    return f"{what}{detail} broke and was not done; the log says why."


def _late_words(row: Any) -> str:
    many = "One job waits" if row.jobs == 1 else f"{row.jobs} jobs wait"
    return (
        f"{many} for a worker, the first for {span(clock.wall() - row.since)}. If no worker runs,"
        " start one; if one runs, this releases what a dead one still holds."
    )


JOB_FAILED = Alert(
    name="job_failed",
    title="failed jobs",
    query=lambda now: _of(
        FAILED, column("id", Integer), column("task_name", Text), column("args", JSONB)
    ),
    sentence=_failed_words,
    button=lambda row: Button("Run again", flask.url_for("admin.today_run", job_id=row.id)),
    where=frozenset({TODAY, DOCTOR}),
    hint="Press Run again on Today.",
)
JOBS_LATE = Alert(
    name="jobs_late",
    title="waiting jobs",
    query=lambda now: _of(LATE_ONES, column("jobs", Integer)),
    sentence=_late_words,
    button=lambda row: Button("Release stuck jobs", flask.url_for("admin.today_rescue")),
    where=frozenset({TODAY, DOCTOR}),
    well=f"None waits for longer than {LATE.seconds // 60} min.",
)
WORKER = Alert(
    name="no_worker",
    title="worker",
    query=lambda now: _of(NO_WORKER),
    sentence=lambda row: (
        "No worker runs: nothing is sent, made at Zoom or fetched until one is started (its process"
        " is called “worker”)."
    ),
    button=lambda row: Button("Look again", link=flask.url_for("admin.today")),
    where=frozenset({TODAY, DOCTOR, HEALTHZ}),
    delay=LATE,
    well="One is alive.",
    hint="Start one: python -m ffapp.worker",
)
ALERTS = (JOB_FAILED, JOBS_LATE, WORKER)


DOMAIN = Domain(navigation=Entry("Today", "admin.today", "house"), alerts=ALERTS)
