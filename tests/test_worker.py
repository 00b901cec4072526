"""The worker and its queue, in process: what goes on after an outage, and what stays failed.

What concerns whole processes (signals, crashes, connections) stands in `tests/ledger`.
"""

import asyncio
import threading

import procrastinate
import pytest
from psycopg.errors import DeadlockDetected, IdleInTransactionSessionTimeout
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ffapp.core import clock, events, jobs
from ffapp.core.db import db, transaction
from ffapp.core.jobs import RUNS_BEFORE_GIVING_UP, RetryTransient, defer, rescue
from ffapp.ledger import handlers
from ffapp.ledger.dispatch import sweep
from ffapp.people.invite import request_reset
from ffapp.webhooks import inbox
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState, WebhookDelivery
from ffapp.worker import Worker
from tests.processes import witness
from tests.processes.poll import poll

BREAK = text("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture
def handler(context):
    """Lets the test handle the deliveries of a provider of its own, called `test`."""

    def handle_by(handle):
        inbox.handle_with({"test": handle})

    yield handle_by
    del inbox._handlers["test"]


def _delivered(body=b"{}"):
    options = {"dedupe_key": str(clock.wall()), "event": "e", "headers": {}, "body": body}
    transaction(inbox.keep, "test", **options)


def _jobs(where="true"):
    return witness.sql(f"SELECT count(*) FROM procrastinate_jobs WHERE {where}")


def _again_now():
    """What waits a second or two to be run again is due."""
    witness.sql("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at > now()")


def test_the_sweeping_goes_on_whatever_happens(cast, app):
    """One listener that stumbles must not leave every later row lying for ever."""
    cast.schedule(hours=30)
    witness.sql("UPDATE effects SET state = 'sending', deadline_at = now() WHERE kind <> 'email'")
    stumbles = threading.Event()

    def stumble(effects):
        if effects and not stumbles.is_set():
            stumbles.set()
            raise KeyError("a mistake of ours")

    before = list(handlers._after)
    handlers.after_outcomes(stumble)
    worker = Worker(app)
    sweeper = threading.Thread(target=worker._sweep)
    sweeper.start()
    try:
        poll(lambda: witness.count("state = 'uncertain'"), "a later sweep has done it")
    finally:
        worker.stopped.set()
        sweeper.join(timeout=120)
        handlers.after_outcomes(*before)

    assert stumbles.is_set()


def test_a_reaction_that_lost_its_database_runs_again(cast, worker):
    done, before = [], events._listeners

    def stumble(event):
        if not done:
            done.append("broke")
            db.session.execute(BREAK)
        done.append("done")

    events.subscribe({**before, "signed_in": [stumble]})
    try:
        transaction(events.record, "signed_in", by=cast.asha, on=cast.asha)
        worker.drain()
        _again_now()  # instead of after two seconds
        worker.drain()
    finally:
        events.subscribe(before)

    assert done == ["broke", "done"]


def test_a_delivery_that_lost_its_database_is_handled_again(cast, worker, handler):
    handled = []

    def handle(body):
        if not handled:
            handled.append("broke")
            db.session.execute(BREAK)
        handled.append("done")
        return Handled(DeliveryState.DONE)

    handler(handle)
    _delivered()

    worker.drain()
    inbox.sweep(timestamp=0)  # which comes by itself every few seconds, perhaps just before
    worker.drain()

    assert handled == ["broke", "done"]
    assert db.session.scalar(db.select(WebhookDelivery.state)) == "done"


def test_a_deadlock_is_nobodys_mistake_and_handled_again_at_once(handler, worker):
    tries = []

    def handle(body):
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("UPDATE", {}, DeadlockDetected("deadlock detected"))
        return Handled(DeliveryState.DONE)

    handler(handle)
    _delivered()

    worker.drain()

    assert len(tries) == 2
    assert db.session.scalar(db.select(WebhookDelivery.state)) == "done"


def test_a_mistake_of_ours_is_written_on_the_delivery_and_not_repeated(handler, worker):
    def handle(body):
        raise KeyError("effect_id")

    handler(handle)
    _delivered()

    worker.drain()

    delivery = db.session.scalar(db.select(WebhookDelivery))
    assert (delivery.state, "KeyError" in delivery.reason) == ("failed", True)
    assert _jobs() == 0


def test_what_breaks_again_and_again_does_not_hold_up_the_others(handler, worker):
    def handle(body):
        if body == b"bad":
            raise OperationalError("INSERT", {}, Exception("index row size exceeds the maximum"))
        return Handled(DeliveryState.DONE)

    handler(handle)
    _delivered(b"bad")
    _delivered(b"good")
    for _ in range(RUNS_BEFORE_GIVING_UP):
        worker.drain()
        db.session.rollback()
        inbox.sweep(timestamp=0)
    worker.drain()

    states = db.session.scalars(db.select(WebhookDelivery.state).order_by(WebhookDelivery.id)).all()
    assert states == ["failed", "done"]


def test_a_crowd_of_deliveries_is_one_job(handler, worker):
    handler(lambda body: Handled(DeliveryState.DONE))
    for number in range(40):
        _delivered(str(number).encode())
    assert _jobs("task_name = 'webhooks.handle'") == 1

    worker.drain()

    assert set(db.session.scalars(db.select(WebhookDelivery.state))) == {"done"}


def test_two_workers_take_turns_and_lose_none(handler, app):
    """Also what comes just as the other one is about to go."""
    handled = []

    def handle(body):
        handled.append(int(body))
        return Handled(DeliveryState.DONE)

    handler(handle)

    def work(first):
        with app.app_context():
            for number in range(first, 60, 2):
                _delivered(str(number).encode())
                inbox.handle_waiting("test")

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(handled) == list(range(60))
    assert set(db.session.scalars(db.select(WebhookDelivery.state))) == {"done"}


def test_deliveries_of_a_provider_are_handled_one_at_a_time_and_in_order(handler, worker):
    handled, running = [], threading.Lock()

    def handle(body):
        assert running.acquire(blocking=False), "two at a time"
        handled.append(int(body))
        db.session.execute(text("SELECT pg_sleep(0.01)"))
        running.release()
        return Handled(DeliveryState.DONE)

    handler(handle)
    for number in range(12):
        _delivered(str(number).encode())

    worker.drain()

    assert handled == list(range(12))


@pytest.mark.parametrize(
    ("error", "lock", "attempts", "again"),
    [
        (OperationalError("", {}, Exception("gone")), None, 0, True),
        (procrastinate.exceptions.ConnectorException(), None, 0, True),
        (OperationalError("", {}, Exception("gone")), None, RUNS_BEFORE_GIVING_UP, False),
        (OperationalError("", {}, Exception("gone")), "a sweep", 0, False),
        (KeyError("a mistake of ours"), None, 0, False),
    ],
)
def test_only_what_passes_by_itself_is_tried_again(error, lock, attempts, again):
    job = procrastinate.jobs.Job(
        id=1, queue="q", lock=None, queueing_lock=lock, task_name="t", attempts=attempts
    )

    decision = RetryTransient().get_retry_decision(exception=error, job=job)

    assert (decision is not None) == again


def test_a_worker_that_freezes_while_it_asks_for_a_job_holds_up_nobody(
    app, context, settings, monkeypatch
):
    """Whether its own job will be there, and hold the lock, nobody knows until it goes on."""
    monkeypatch.setattr(jobs, "STANDSTILL_SECONDS", 1)
    asked = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock) VALUES (%s, %s, %s)"
    )

    async def freeze():
        jobs.connect(settings.libpq_url)
        async with jobs.queue.open_async(), jobs.queue.connector.pool.connection() as connection:
            await connection.execute(asked, ("sweeps", "jobs.rescue", "jobs.rescue"))
            await asyncio.to_thread(asks_too)
            with pytest.raises(IdleInTransactionSessionTimeout):
                await connection.execute("SELECT 1")

    def asks_too():
        with app.app_context():
            transaction(jobs.defer_once, rescue, "jobs.rescue", timestamp=0)

    asyncio.run(freeze())

    assert witness.sql("SELECT count(*) FROM procrastinate_jobs") == 1


class TestRescue:
    """What a dead worker held comes back; what keeps killing its workers does not."""

    def _held_by_the_dead(self, cast, **columns):
        transaction(request_reset, cast.tara.email)
        values = "".join(f", {name} = {value}" for name, value in columns.items())
        witness.sql(f"UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL{values}")
        transaction(defer, rescue, timestamp=0)

    def test_it_runs_again(self, cast, worker, mailbox):
        self._held_by_the_dead(cast)

        worker.drain()

        assert len(mailbox(to=cast.tara.email)) == 1

    def test_it_is_given_up_after_some_runs(self, cast, worker, mailbox):
        self._held_by_the_dead(cast, attempts=RUNS_BEFORE_GIVING_UP)

        with pytest.raises(AssertionError, match="jobs failed"):
            worker.drain()

        assert mailbox() == []

    def test_a_doorbell_that_has_a_younger_twin_is_dropped(self, cast, worker, mailbox):
        cast.schedule(hours=30)
        transaction(sweep)
        witness.sql(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'ledger.perform'"
        )
        transaction(sweep)
        twins = "task_name = 'ledger.perform'"
        assert _jobs(twins) == 2
        transaction(defer, rescue, timestamp=0)

        worker.drain()

        assert _jobs(twins) == 0
        assert len(mailbox()) == 2
