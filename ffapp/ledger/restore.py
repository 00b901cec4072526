"""After the database was restored from a dump: nothing goes a second time by itself.

What was due since the dump may have gone from the database that was lost. Such rows become
uncertain: where the provider can be asked, it is asked; what cannot be asked waits for a person.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import and_, or_, select, text

from ffapp.core import clock, config
from ffapp.core.db import db, transaction
from ffapp.core.jobs import QUEUES, SIMULATOR, connect, queue
from ffapp.core.outcomes import Unclear
from ffapp.ledger import handlers, perform
from ffapp.ledger.models import ACCOUNT, Effect, State
from ffapp.ledger.plan import HOLD
from ffapp.ledger.record_outcome import add_attempts, apply_outcomes

MAY_HAVE_GONE = "The database was restored from a dump; it may have gone already."
# Providers know the ids of rows that were lost. No new row may get one of these.
LOST_IDS = 1_000_000
NOBODY_WORKS = "DELETE FROM procrastinate_workers"
NOT_RUNNING = (
    "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)"
    " FROM procrastinate_jobs WHERE status = 'doing'"
)
SKIP_IDS = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass,
              coalesce(last_value, 0) + :lost)
  FROM pg_sequences WHERE schemaname = 'public' AND sequencename NOT LIKE 'procrastinate%'
"""


def after_restore(context: Callable[[], AbstractContextManager[Any]]) -> int:
    """Hold what may have gone since the dump; answers how many effects. No worker may be running.

    Jobs that the dump still had to run are run first, with no call to a provider by the ledger:
    what they plan may have gone as well. Each runs in a `context` of its own.
    """
    perform.stopping.set()
    transaction(_begin_again)
    connect(config.current().libpq_url)
    asyncio.run(_run_jobs(context))
    return transaction(_hold)


def _begin_again() -> None:
    """Skip the ids that were lost; the workers of the dump are gone, and what they ran waits."""
    db.session.execute(text(SKIP_IDS), {"lost": LOST_IDS})
    db.session.execute(text(NOT_RUNNING))
    db.session.execute(text(NOBODY_WORKS))


async def _run_jobs(context: Callable[[], AbstractContextManager[Any]]) -> None:
    def in_context(call_next: Callable[[], Any], job: Any, worker: Any) -> Any:
        with context():
            return call_next()

    async with queue.open_async():
        await queue.run_worker_async(
            queues=[each for each in QUEUES if each != SIMULATOR],
            wait=False,
            listen_notify=False,
            install_signal_handlers=False,
            delete_jobs="successful",
            task_middleware=[in_context],
        )


def _hold() -> int:
    now = clock.now()
    rows = db.session.scalars(
        select(Effect)
        .where(
            or_(
                Effect.state == State.SENDING,
                # An act that can be undone is planned for a minute later.
                and_(Effect.state == State.PLANNED, Effect.due_at <= now + HOLD),
            )
        )
        .order_by(Effect.id)
        .with_for_update()
    ).all()
    # What was withheld then is withheld now as well, and has certainly not gone.
    gated = [each for each in rows if each.state == State.PLANNED and each.purpose != ACCOUNT]
    withheld = handlers.gate_reasons(gated)
    rows = [each for each in rows if each.id not in withheld]
    unclear = Unclear(MAY_HAVE_GONE)
    apply_outcomes([(effect, unclear) for effect in rows])
    add_attempts([(effect, effect.attempts, unclear) for effect in rows])
    handlers.notify_outcomes([effect.id for effect in rows])
    return len(rows)
