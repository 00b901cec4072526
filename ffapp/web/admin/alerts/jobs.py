"""Jobs that failed, jobs that nobody takes, and that nobody is there to take any."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import flask
from sqlalchemy import text

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.jobs import STALLED_SECONDS
from ffapp.web.admin.alerts.alert import SHOWN, Alert
from ffapp.web.health import worker_troubles
from ffapp.web.rendering import span

LATE, ALIVE = timedelta(minutes=2), timedelta(seconds=STALLED_SECONDS)
WORDS = {
    "events.follow": "What follows an event",
    "webhooks.handle": "A webhook",
    "recordings.run_sync": "A sync of recordings",
    "meetings.fetch_start_link": "A start link",
}

FAILED = """
SELECT job.id, job.task_name, job.args, max(event.at) AS at
  FROM procrastinate_jobs AS job
  LEFT JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'failed'
 WHERE job.status = 'failed'
 GROUP BY job.id ORDER BY job.id DESC LIMIT :at_most
"""
LAST_MINUTE = "SELECT to_timestamp(max(defer_timestamp)) FROM procrastinate_periodic_defers"
LATE_ONES = """
SELECT count(*) AS jobs, min(at) AS since
  FROM (SELECT coalesce(job.scheduled_at, min(event.at)) AS at
          FROM procrastinate_jobs AS job
          JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
         WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()
           -- One that waits for its turn, behind another that a worker does, waits for no worker.
           AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs AS other
                             JOIN procrastinate_workers AS worker ON worker.id = other.worker_id
                            WHERE other.status = 'doing' AND other.lock = job.lock
                              AND worker.last_heartbeat > :alive_since)
         GROUP BY job.id) AS waiting
 WHERE at < :before
"""


def alerts() -> Iterable[Alert]:
    for row in db.session.execute(text(FAILED), {"at_most": SHOWN}):
        yield _failed(row)
    late = late_jobs()
    if late.jobs:
        yield _late(late.jobs, late.since)
    elif (last_seen := _no_worker_since()) is not None:
        yield _no_worker(last_seen)


def late_jobs() -> Any:
    """How many `jobs` nobody has taken for `LATE`, and `since` when the first of them waits."""
    now = clock.wall()
    asked = {"before": now - LATE, "alive_since": now - ALIVE}
    return db.session.execute(text(LATE_ONES), asked).one()


def _no_worker_since() -> datetime | None:
    """Since when no worker has begun what each one begins every minute; None while one does."""
    if not worker_troubles():
        return None
    last_seen: datetime | None = db.session.scalar(text(LAST_MINUTE))
    return last_seen if last_seen and last_seen < clock.wall() - LATE else None


def _no_worker(last_seen: datetime) -> Alert:
    return Alert(
        kind="no_worker",
        sentence=(
            "No worker runs: nothing is sent, made at Zoom or fetched until one is started (its"
            " process is called “worker”). This line goes by itself then."
        ),
        since=last_seen,
        verb="Look again",
        link=flask.url_for("admin.today"),
    )


def _failed(row: Any) -> Alert:
    what = WORDS.get(row.task_name, f"The job {row.task_name}")
    detail = f" ({row.args['listener']})" if "listener" in row.args else ""
    return Alert(
        kind="job_failed",
        sentence=f"{what}{detail} broke and was not done; the log says why.",
        since=row.at or clock.wall(),
        verb="Run again",
        action=flask.url_for("admin.today_run", job_id=row.id),
    )


def _late(jobs: int, since: datetime) -> Alert:
    many = "One job waits" if jobs == 1 else f"{jobs} jobs wait"
    return Alert(
        kind="jobs_late",
        sentence=(
            f"{many} for a worker, the first for {span(clock.wall() - since)}. If no worker runs,"
            " start one; if one runs, this frees what a dead one still holds."
        ),
        since=since,
        verb="Free them",
        action=flask.url_for("admin.today_rescue"),
    )
