"""Jobs that broke, jobs that nobody takes, and posts of providers that were not let in."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select, text

from ffapp.core import clock
from ffapp.core.config import Settings
from ffapp.core.db import db
from ffapp.doctor.finding import Finding, note, ok, wrong
from ffapp.web.admin.alerts.jobs import LATE, late_jobs
from ffapp.web.admin.webhooks.refusals import advice
from ffapp.web.rendering import span
from ffapp.webhooks.models import WebhookRefusal

REFUSED_SINCE = timedelta(hours=1)
FAILED = """
SELECT task_name, count(*) AS jobs FROM procrastinate_jobs WHERE status = 'failed'
 GROUP BY task_name ORDER BY task_name
"""


def look_at_failed(settings: Settings) -> Iterator[Finding]:
    rows = db.session.execute(text(FAILED)).all()
    if not rows:
        yield ok("failed jobs", "None.")
        return
    names = ", ".join(f"{row.task_name} ({row.jobs})" for row in rows)
    yield wrong(
        "failed jobs",
        f"{names}. The worker's log says why; then press Run again under Today. After a week they"
        " are forgotten.",
    )


def look_at_late(settings: Settings) -> Iterator[Finding]:
    late = late_jobs()
    if not late.jobs:
        yield ok("waiting jobs", f"None waits for longer than {span(LATE)}.")
        return
    yield wrong(
        "waiting jobs",
        f"{late.jobs} wait for a worker, the first for {span(clock.wall() - late.since)}. If one"
        " runs, press Free them under Today; else start one: python -m ffapp.worker",
    )


def look_at_refusals(settings: Settings) -> Iterator[Finding]:
    now = clock.now()
    rows = db.session.scalars(
        select(WebhookRefusal)
        .where(WebhookRefusal.last_at > now - REFUSED_SINCE)
        .order_by(WebhookRefusal.provider, WebhookRefusal.reason)
    ).all()
    if not rows:
        yield ok("webhooks", "None was refused in the last hour.")
    for row in rows:
        yield note(
            "webhooks",
            f"A post to /hooks/{row.provider} was refused {span(now - row.last_at)} ago, since"
            f" {row.reason}. {advice(row)}",
        )
