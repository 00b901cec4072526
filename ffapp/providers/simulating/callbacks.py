"""Webhooks of the simulators: rows that are due, posted over HTTP to our real webhook address.

The row holds the body; the signature is made at each try, as the real providers do. One job on the
queue `simulator` posts all that is due, in chunks; one runs at a time in each process, so that the
programme's own jobs keep their slots. A sweep each minute finds what no job was asked for. A
callback is posted at least once: a worker that dies leaves it due again after its lease.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import structlog
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import delete, insert, select, text, update

from ffapp.core import clock, config
from ffapp.core.jobs import SIMULATOR, SWEEPS, queue
from ffapp.providers.simulating import addresses
from ffapp.providers.simulating.store import (
    callbacks,
    count,
    journal,
    open_store,
    switch,
)

log = structlog.get_logger()

KEPT = timedelta(days=30)
# Longer than any of them waits for our answer, and shorter than a dead worker is waited for: a job
# that is taken up again then finds its callbacks due.
LEASE_SECONDS = 12
LONGEST_TIMEOUT_SECONDS = 10  # no policy waits longer
CHUNK = 20
LATE_SECONDS = 3  # so much later a reordered callback comes
SLICE_SECONDS = 5  # then other jobs get the slot
# Our web server closes a connection after two idle seconds; one that may be closed is not used.
KEEPALIVE_SECONDS = 1

Signer = Callable[[bytes], dict[str, str]]


@dataclass(frozen=True)
class DeliveryPolicy:
    """How a provider delivers: how it signs, how long it waits, when it tries again.

    `retry_seconds` are the pauses between tries; `retries` says which statuses it tries again
    after, beside connections that fail. `accepts` says whether an answer to these bytes is a right
    one, where a status of 2xx is not enough.
    """

    sign: Signer
    timeout_seconds: float
    retry_seconds: Sequence[float]
    retries: Callable[[int], bool] = lambda status: not 200 <= status < 300
    accepts: Callable[[bytes, httpx.Response], bool] = lambda body, answer: True


_policies: dict[str, DeliveryPolicy] = {}
_client: httpx.Client | None = None
_slot = threading.BoundedSemaphore()


def deliver_by(provider: str, policy: DeliveryPolicy) -> None:
    """Let this process deliver the provider's callbacks."""
    _policies[provider] = policy


@contextmanager
def posting_through(transport: httpx.BaseTransport) -> Iterator[None]:
    """Post through `transport` instead of the network (for tests)."""
    global _client
    before, _client = _client, _open_client(transport)
    try:
        yield
    finally:
        _client = before


def schedule(
    provider: str,
    event: str,
    body: bytes,
    *,
    headers: dict[str, str],
    after_seconds: float = 0,
) -> None:
    """Promise a callback in so many seconds; `headers` are those that stay the same at each try.

    The provider's switch `webhooks` (`descriptor.WEBHOOK_SWITCHES`) may lose, double, delay or
    reorder it. Its `drop` is true, or a list of the events that are lost.
    """
    tricks = switch(provider, "webhooks", {})
    drop = tricks.get("drop", False)
    if drop is True or (drop and event in drop):
        return
    after_seconds += tricks.get("delay_seconds", 0)
    if tricks.get("reorder") and count(provider, "callbacks") % 2:
        after_seconds += LATE_SECONDS
    due_at = clock.now() + timedelta(seconds=after_seconds)
    row = {"provider": provider, "event": event, "body": body.decode()}
    row |= {"headers": headers, "due_at": due_at}
    with open_store().connect() as connection:
        connection.execute(insert(callbacks), [row] * (2 if tricks.get("duplicate") else 1))
        _request_delivery(connection, due_at)


@queue.task(name="simulator.deliver", queue=SIMULATOR)
def deliver() -> None:
    """Post what is due, for some seconds; what fails is promised again by the provider's policy."""
    if not _slot.acquire(blocking=False):
        with open_store().connect() as connection:  # the one that runs may just be ending
            _request_delivery(connection, clock.now() + timedelta(seconds=1))
        return
    try:
        _deliver_due()
    finally:
        _slot.release()


def _deliver_due() -> None:
    until = time.monotonic() + SLICE_SECONDS
    failed: list[int] = []  # another job has their next try, also where delays are scaled to zero
    while rows := _claim(failed):
        # What is begun in time has its answer before the lease ends.
        begin_until = time.monotonic() + LEASE_SECONDS - LONGEST_TIMEOUT_SECONDS
        for number, row in enumerate(rows):
            if number and time.monotonic() > begin_until:
                _give_back([each.id for each in rows[number:]])
                break
            if _deliver(row) == "due":
                failed.append(row.id)
        if time.monotonic() > until:
            with open_store().connect() as connection:
                _request_delivery(connection, clock.now())
            return


@queue.periodic(cron="* * * * *")
@queue.task(name="simulator.sweep", queue=SWEEPS, queueing_lock="simulator.sweep")
def sweep(timestamp: int) -> None:
    """Deliver what is overdue because no job was asked for it; validate addresses that are due."""
    if config.current().any_simulated:
        addresses.validate_due()
        deliver()


@queue.periodic(cron="7 * * * *")
@queue.task(name="simulator.forget", queue=SWEEPS, queueing_lock="simulator.forget")
def forget(timestamp: int) -> None:
    """Remove what was asked of the simulators, and what they told, long ago."""
    if not config.current().any_simulated:
        return
    long_ago = clock.now() - KEPT
    with open_store().connect() as connection:
        connection.execute(delete(journal).where(journal.c.at < long_ago))
        settled = callbacks.c.state != "due"
        connection.execute(delete(callbacks).where(settled, callbacks.c.due_at < long_ago))


def hold(provider: str, text: str, state: str) -> None:
    """Bring what is still to be posted and has `text` in its body into a state.

    `held` waits, `due` goes on, anything else is over.
    """
    row = callbacks.c
    still = row.state.in_(("due", "held")) & (row.provider == provider)
    query = update(callbacks).where(still, row.body.contains(text, autoescape=True))
    with open_store().connect() as connection:
        changed = connection.execute(query.values(state=state).returning(row.due_at)).scalars()
        for due_at in changed.all() if state == "due" else []:
            _request_delivery(connection, due_at)


def post_now(callback_id: int) -> bool:
    """Let the worker post a callback at once, also one delivered or given up; False if unknown."""
    now = clock.now()
    with open_store().connect() as connection:
        known = connection.execute(
            update(callbacks)
            .where(callbacks.c.id == callback_id)
            .values(state="due", due_at=now)
            .returning(callbacks.c.id)
        ).one_or_none()
        if known is not None:
            _request_delivery(connection, now)
    return known is not None


def _open_client(transport: httpx.BaseTransport | None) -> httpx.Client:
    """One for the process: a client makes a TLS context of its own, which costs 20 ms."""
    # Never through a proxy of the environment: the address is ours, often on this very machine.
    limits = httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS)
    return httpx.Client(transport=transport, trust_env=False, limits=limits)


def _claim(without: Sequence[int]) -> Sequence[Any]:
    """Take a chunk of what is due, the oldest first, so that nobody else posts it meanwhile."""
    due = (
        select(callbacks.c.id, callbacks.c.due_at.label("was_due_at"))
        .where(
            callbacks.c.state == "due",
            callbacks.c.due_at <= clock.now() + timedelta(seconds=1),
            # One that is real by now has no policy here; what it still owed stays undone.
            callbacks.c.provider.in_(_policies),
            callbacks.c.id.not_in(without),
        )
        .order_by(callbacks.c.due_at, callbacks.c.id)
        .limit(CHUNK)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claim = (
        update(callbacks)
        .where(callbacks.c.id == due.c.id)
        .values(tries=callbacks.c.tries + 1, due_at=clock.now() + timedelta(seconds=LEASE_SECONDS))
        .returning(callbacks, due.c.was_due_at)
    )
    with open_store().connect() as connection:
        rows = connection.execute(claim).all()
    return sorted(rows, key=lambda row: (row.was_due_at, row.id))


def _give_back(ids: Sequence[int]) -> None:
    """Let these be taken again at once: nothing of them was posted."""
    values = {"tries": callbacks.c.tries - 1, "due_at": clock.now()}
    with open_store().connect() as connection:
        connection.execute(update(callbacks).where(callbacks.c.id.in_(ids)).values(values))


def _deliver(row: Any) -> str:
    """Post one callback; answers the state it has then."""
    policy, answer = _policies[row.provider], _post(row)
    log.info("simulator.callback", provider=row.provider, callback=row.event, answer=answer)
    is_error = not isinstance(answer, int)
    waits = policy.retry_seconds[row.tries - 1 : row.tries]
    state, due_at = "given_up" if is_error or not 200 <= answer < 300 else "delivered", clock.now()
    if waits and (is_error or policy.retries(answer)):
        state = "due"
        due_at += timedelta(seconds=waits[0] * config.current().simulator_speed)
    values = {"answers": [*row.answers, answer], "state": state, "due_at": due_at}
    with open_store().connect() as connection:
        connection.execute(update(callbacks).where(callbacks.c.id == row.id).values(values))
        if state == "due":
            _request_delivery(connection, due_at)
    return state


def _post(row: Any) -> int | str:
    """The status of the answer, or the name of the error."""
    global _client
    if _client is None:
        _client = _open_client(None)
    policy, body = _policies[row.provider], row.body.encode()
    headers = {**row.headers, **policy.sign(body)}
    url, timeout = addresses.address_of(row.provider), policy.timeout_seconds
    try:
        answer = _client.post(url, content=body, headers=headers, timeout=timeout)
    except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
        return type(error).__name__
    if answer.is_success and not policy.accepts(body, answer):
        return "a wrong answer"
    return answer.status_code


def _request_delivery(connection: Any, due_at: datetime) -> None:
    """Ask for one job at `due_at`, unless one is asked for within the same second already."""
    wait = max(due_at - clock.now(), timedelta(0))
    second = math.ceil((clock.wall() + wait).timestamp()) if wait else 0
    lock = f"simulator.deliver:{second}"
    waits = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :lock AND status = 'todo'")
    if connection.scalar(waits, {"lock": lock}):
        return
    options: dict[str, Any] = {"connection": connection.connection.driver_connection}
    if wait:
        options["schedule_at"] = datetime.fromtimestamp(second, UTC)
    with suppress(AlreadyEnqueued):  # by somebody else, just now
        deliver.configure(queueing_lock=lock, **options).defer()
