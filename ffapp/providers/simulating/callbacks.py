"""Webhooks of the simulators: rows that are due, posted over HTTP to our real webhook door.

The row holds the body; the signature is made at each try, as the real providers do. A job on the
queue `simulator` is the doorbell; a sweep each minute finds what a doorbell missed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from sqlalchemy import delete, insert, select, update

from ffapp.core import clock, config
from ffapp.core.jobs import SIMULATOR, SWEEPS, queue
from ffapp.providers.simulating.store import callbacks, journal, open_store

log = structlog.get_logger()

KEPT = timedelta(days=30)
# Longer than any of them waits for our answer, and shorter than a dead worker is waited for: a job
# that is taken up again then finds its callback due.
LEASE = timedelta(seconds=12)

Signer = Callable[[bytes], dict[str, str]]


class DeliveryPolicy:
    """How a provider delivers: how it signs, how long it waits, when it tries again."""

    def __init__(
        self,
        sign: Signer,
        *,
        timeout_seconds: float,
        retry_seconds: Sequence[float],
        retries: Callable[[int], bool] = lambda status: not 200 <= status < 300,
    ) -> None:
        self.sign = sign
        self.timeout_seconds = timeout_seconds
        self.retry_seconds = retry_seconds
        self.retries = retries

    def is_open(self) -> bool:
        """Whether the provider posts anything at all at the moment; what it does not is lost."""
        return True

    def rewrite(self, body: bytes, tries: int) -> bytes:
        """The body as it is posted at this try (the first is 1)."""
        return body

    def heard(self, answer: int | str) -> None:
        """How a post was answered: a status, or the name of the error."""


_policies: dict[str, DeliveryPolicy] = {}
_door: httpx.BaseTransport | None = None


def deliver_by(provider: str, policy: DeliveryPolicy) -> None:
    """Let this process deliver the provider's callbacks."""
    _policies[provider] = policy


def use_door(transport: httpx.BaseTransport | None) -> httpx.BaseTransport | None:
    """Post through `transport` instead of the network (for tests); answers what was used before."""
    global _door
    before, _door = _door, transport
    return before


def schedule(
    provider: str,
    event: str,
    path: str,
    body: bytes,
    *,
    headers: dict[str, str],
    after_seconds: float = 0,
    due_at: datetime | None = None,
) -> int:
    """Promise a callback; answers its id. `headers` are those that stay the same at each try.

    It is due at `due_at` (aware), or so many seconds from now.
    """
    due_at = due_at or clock.now() + timedelta(seconds=after_seconds)
    with open_store().connect() as connection:
        callback_id = connection.scalar(
            insert(callbacks)
            .values(
                provider=provider,
                event=event,
                path=path,
                body=body.decode(),
                headers=headers,
                due_at=due_at,
            )
            .returning(callbacks.c.id)
        )
        _ring(connection, callback_id, due_at)
    return int(callback_id or 0)


@queue.task(name="simulator.deliver", queue=SIMULATOR)
def deliver(callback_id: int) -> None:
    """Post one callback that is due; what fails is promised again by the provider's policy."""
    with open_store().connect() as connection:
        row = connection.execute(
            update(callbacks)
            .where(
                callbacks.c.id == callback_id,
                callbacks.c.state == "due",
                callbacks.c.due_at <= clock.now() + timedelta(seconds=1),
                # One that is real by now has no policy here; what it still owed stays undone.
                callbacks.c.provider.in_(_policies),
            )
            .values(tries=callbacks.c.tries + 1, due_at=clock.now() + LEASE)
            .returning(callbacks)
        ).one_or_none()
    if row is not None and _policies[row.provider].is_open():
        _settle(row, _post(row))
    elif row is not None:
        _write(row, "not posted", state="given_up", due_at=clock.now())


@queue.periodic(cron="* * * * *")
@queue.task(name="simulator.sweep", queue=SWEEPS, queueing_lock="simulator.sweep")
def sweep(timestamp: int) -> None:
    """Deliver what is overdue because its doorbell was lost."""
    if not config.current().any_simulated:
        return
    for callback_id in due_callbacks():
        deliver(callback_id)


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


def due_callbacks() -> list[int]:
    """Ids of callbacks that are due now, oldest first."""
    with open_store().connect() as connection:
        return list(
            connection.scalars(
                select(callbacks.c.id)
                .where(
                    callbacks.c.state == "due",
                    callbacks.c.due_at <= clock.now(),
                    callbacks.c.provider.in_(_policies),
                )
                .order_by(callbacks.c.due_at, callbacks.c.id)
            )
        )


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
            _ring(connection, callback_id, now)
    return known is not None


def post(path: str, body: bytes, headers: dict[str, str], timeout_seconds: float) -> httpx.Response:
    """Post once to our webhook door, at once; raises httpx.TransportError or OSError."""
    # Never through a proxy of the environment: the door is ours, often on this very machine.
    with httpx.Client(transport=_door, timeout=timeout_seconds, trust_env=False) as client:
        return client.post(config.current().public_url + path, content=body, headers=headers)


def _post(row: Any) -> int | str:
    policy = _policies[row.provider]
    body = policy.rewrite(row.body.encode(), row.tries)
    headers = {**row.headers, **policy.sign(body)}
    try:
        return post(row.path, body, headers, policy.timeout_seconds).status_code
    except (httpx.TransportError, OSError) as error:
        return type(error).__name__


def _settle(row: Any, answer: int | str) -> None:
    policy = _policies[row.provider]
    again = not isinstance(answer, int) or policy.retries(answer)
    waits = policy.retry_seconds[row.tries - 1 : row.tries]
    ok = isinstance(answer, int) and 200 <= answer < 300
    log.info("simulator.callback", provider=row.provider, callback=row.event, answer=answer)
    policy.heard(answer)
    if again and waits:
        due_at = clock.now() + timedelta(seconds=waits[0] * config.current().simulator_speed)
        _write(row, answer, state="due", due_at=due_at)
    else:
        _write(row, answer, state="delivered" if ok else "given_up", due_at=clock.now())


def _write(row: Any, answer: int | str, *, state: str, due_at: datetime) -> None:
    values = {"answers": [*row.answers, answer], "state": state, "due_at": due_at}
    with open_store().connect() as connection:
        connection.execute(update(callbacks).where(callbacks.c.id == row.id).values(values))
        if state == "due":
            _ring(connection, row.id, due_at)


def _ring(connection: Any, callback_id: int | None, due_at: datetime) -> None:
    driver = connection.connection.driver_connection
    options: dict[str, Any] = {"connection": driver}
    wait = due_at - clock.now()
    if wait > timedelta(0):
        options["schedule_at"] = clock.wall() + wait
    deliver.configure(**options).defer(callback_id=callback_id)
