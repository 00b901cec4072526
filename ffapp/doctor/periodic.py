"""Whether each periodic job comes when it should.

The queue forgets jobs that went well. What it keeps of a periodic one is the instant for which it
was last asked for; while that job waits or runs no other is asked for, so a job that is stuck is
late in just the same way as one that nobody asks for.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from procrastinate.periodic import PeriodicTask
from sqlalchemy import text

import ffapp.worker  # noqa: F401  (knows all of them)
from ffapp.core import clock
from ffapp.core.config import Settings
from ffapp.core.db import db
from ffapp.core.jobs import queue
from ffapp.doctor.findings import Finding, ok, wrong
from ffapp.web.rendering import span

PERIODS = 2
AT_LEAST_SECONDS = 60  # a busy machine is late by some seconds

LAST = """
SELECT last.task_name, last.periodic_id, last.defer_timestamp AS asked_for, job.status
  FROM procrastinate_periodic_defers AS last
  LEFT JOIN procrastinate_jobs AS job ON job.id = last.job_id
 ORDER BY last.defer_timestamp
"""
# A worker that has just begun owes nothing of the time before. Each listens as long as it works.
WORKING_SINCE = """
SELECT extract(epoch FROM min(backend_start))
  FROM pg_stat_activity
 WHERE datname = current_database() AND query LIKE 'LISTEN "procrastinate%'
"""
DOING = {"todo": ", and waits for its turn", "doing": ", and is being done"}


def look(settings: Settings) -> Iterator[Finding]:
    last = {(row.task_name, row.periodic_id): row for row in db.session.execute(text(LAST))}
    since = float(db.session.scalar(text(WORKING_SINCE)) or 0)
    for key, task in sorted(queue.periodic_registry.periodic_tasks.items()):
        row = last.get(key)
        yield _finding(task, row.asked_for if row else 0, row.status if row else None, since)


def _finding(task: PeriodicTask, came: float, status: str | None, since: float) -> Finding:
    now, name = clock.wall().timestamp(), task.task.name
    if not came and not since:
        return wrong(name, "It has never come. Start a worker: python -m ffapp.worker")
    expected = _next(task, max(came, since))
    period = _next(task, expected) - expected
    last = f"Last asked for at {_at(came)}" if came else "It has not come yet"
    if now - expected > max(PERIODS * period, AT_LEAST_SECONDS):
        late = span(clock.wall() - datetime.fromtimestamp(expected, UTC))
        return wrong(
            name,
            f"{last}{DOING.get(status or '', '')}; it is late by {late}. Look into the worker's log"
            " and start the worker again.",
        )
    if status == "failed":
        return wrong(
            name,
            f"{last}, and it broke; the log says why. It comes again at {_at(expected)}.",
        )
    return ok(name, f"{last}{DOING.get(status or '', '')}; comes next at {_at(expected)}.")


def _next(task: PeriodicTask, after: float) -> float:
    return float(task.croniter.get_next(ret_type=float, start_time=after))


def _at(instant: float) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%H:%M:%S UTC on %d %b}"
