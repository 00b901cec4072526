"""Keep a webhook once, ring for a job in the same transaction, and translate what waits."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

import structlog
from sqlalchemy import ARRAY, Text, any_, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import RUNS_BEFORE_GIVING_UP, SWEEPS, TRANSIENT, URGENT, defer_once, queue
from ffapp.webhooks.models import DeliveryState, WebhookDelivery, WebhookRefusal

log = structlog.get_logger()

KEPT = timedelta(days=90)
SLICE_SECONDS = 5  # then other jobs get the slot; the rest is deferred again


class Turn(Enum):
    """What came of looking for the next one to handle."""

    HANDLED = auto()
    NOTHING = auto()
    OF_ANOTHER = auto()


@dataclass(frozen=True)
class Handled:
    """What became of a delivery. `match_key` says what an unmatched one waits for."""

    state: DeliveryState
    reason: str | None = None
    match_key: str | None = None


Handler = Callable[[bytes], Handled]
_handlers: dict[str, Handler] = {}
_interruptions: Counter[int] = Counter()  # delivery → how often the database went away meanwhile


def handle_with(handlers: Mapping[str, Handler]) -> None:
    """Provider → who translates its deliveries, in the job's transaction."""
    _handlers.update(handlers)


def keep(
    provider: str, *, dedupe_key: str, event: str, headers: dict[str, str], body: bytes
) -> bool:
    """Keep the raw post and defer its job; False when it was here before. The caller commits."""
    row = insert(WebhookDelivery).values(
        provider=provider,
        dedupe_key=dedupe_key,
        event=event,
        headers=headers,
        body=body,
        received_at=clock.now(),
        state=DeliveryState.RECEIVED,
        duplicates=0,
    )
    delivery_id = db.session.scalar(
        row.on_conflict_do_nothing(index_elements=["provider", "dedupe_key"]).returning(
            WebhookDelivery.id
        )
    )
    if delivery_id is None:
        db.session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.provider == provider, WebhookDelivery.dedupe_key == dedupe_key)
            .values(duplicates=WebhookDelivery.duplicates + 1)
        )
        return False
    _defer(provider)
    return True


def refuse(provider: str, reason: str) -> None:
    """Count a post that was not let in; the caller commits."""
    now = clock.now()
    row = insert(WebhookRefusal).values(
        provider=provider, reason=reason, count=1, first_at=now, last_at=now
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["provider", "reason"],
            set_={"count": WebhookRefusal.count + 1, "last_at": now},
        )
    )


@queue.task(name="webhooks.handle", queue=URGENT)
def handle_waiting(provider: str) -> None:
    """Handle what waits of a provider, one at a time and in order, for some seconds."""
    until = time.monotonic() + SLICE_SECONDS
    try:
        while time.monotonic() < until:
            match transaction(_handle_next, provider):
                case Turn.OF_ANOTHER:
                    return  # who will look once more before it goes
                case Turn.NOTHING if not transaction(_is_waiting, provider):
                    return
        transaction(_defer, provider)
    except TRANSIENT as error:  # the database went away; the sweep defers it again
        log.warning("webhooks.interrupted", provider=provider, error=str(error)[:200])


@queue.periodic(cron="* * * * * */5")  # the sixth field is the seconds
@queue.task(name="webhooks.sweep", queue=SWEEPS, queueing_lock="webhooks.sweep")
def sweep(timestamp: int) -> None:
    """Defer jobs for what waits because its own was lost."""
    transaction(_defer_for_waiting)


@queue.periodic(cron="7 * * * *")
@queue.task(name="webhooks.forget", queue=SWEEPS, queueing_lock="webhooks.forget")
def forget(timestamp: int) -> None:
    """Remove posts that were handled long ago: they hold what a provider knows of people.

    One that failed is kept until somebody has decided about it.
    """
    transaction(_forget_before, clock.now() - KEPT)


def _forget_before(instant: datetime) -> None:
    handled = (DeliveryState.DONE, DeliveryState.IGNORED, DeliveryState.UNMATCHED)
    db.session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.received_at < instant, WebhookDelivery.state.in_(handled)
        )
    )


def _handle_next(provider: str) -> Turn:
    """Translate the oldest one that waits, unless somebody else is just at one of the provider."""
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(_lock_of(provider)))):
        return Turn.OF_ANOTHER
    delivery = db.session.scalar(
        select(WebhookDelivery)
        .where(
            WebhookDelivery.state == DeliveryState.RECEIVED, WebhookDelivery.provider == provider
        )
        .order_by(WebhookDelivery.id)
        .limit(1)
        .with_for_update()
    )
    if delivery is None:
        return Turn.NOTHING
    _handle(delivery)
    return Turn.HANDLED


def _handle(delivery: WebhookDelivery) -> None:
    """A mistake of ours is written on the delivery; it can be replayed."""
    try:
        with db.session.begin_nested():
            handled = _handlers[delivery.provider](delivery.body)
    except (OperationalError, InterfaceError) as error:
        if _may_pass(delivery.id):
            raise  # a deadlock, or the database went away: nobody's mistake, it is handled again
        handled = _failed(error)
    except Exception as error:  # whatever it is: the delivery stays, with the reason on it
        log.exception("webhooks.failed", delivery=delivery.id)
        handled = _failed(error)
    _interruptions.pop(delivery.id, None)
    delivery.state, delivery.reason = handled.state, handled.reason
    delivery.match_key, delivery.handled_at = handled.match_key, clock.now()


def _may_pass(delivery_id: int) -> bool:
    """Whether it may be a passing error; what breaks again and again must not hold up others."""
    _interruptions[delivery_id] += 1
    return _interruptions[delivery_id] < RUNS_BEFORE_GIVING_UP


def _failed(error: Exception) -> Handled:
    name = type(error).__name__
    return Handled(DeliveryState.FAILED, f"It could not be handled ({name}); the log says more.")


def _is_waiting(provider: str) -> bool:
    of_it = WebhookDelivery.provider == provider
    waits = select(WebhookDelivery.id).where(WebhookDelivery.state == DeliveryState.RECEIVED, of_it)
    return bool(db.session.scalar(select(waits.exists())))


def _defer_for_waiting() -> None:
    waiting = select(WebhookDelivery.provider).where(
        WebhookDelivery.state == DeliveryState.RECEIVED, WebhookDelivery.provider.in_(_handlers)
    )
    for provider in db.session.scalars(waiting.distinct()).all():
        _defer(provider)


def _defer(provider: str) -> None:
    """Ask for a worker's attention, once this transaction commits."""
    # Not a job for each delivery: they would wait for each other, and Procrastinate looks for the
    # next only when something new is announced, or each second.
    defer_once(handle_waiting, f"webhooks:{provider}", provider=provider)


def _lock_of(provider: str) -> Any:
    return func.hashtextextended(f"webhooks:{provider}", 0)


def hold(match_key: str) -> None:
    """Wait for others who look for the same thing or make it known; until this transaction ends.

    A handler calls it before it looks for `match_key`, and a package before it makes it known, so
    that no delivery is unmatched just after it was looked for in vain.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(match_key, 0))))


def release(match_keys: Sequence[str]) -> None:
    """What waited for these is known now: handle those deliveries again. The caller commits."""
    if not match_keys:
        return
    providers = db.session.scalars(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.state == DeliveryState.UNMATCHED,
            WebhookDelivery.match_key == any_(literal(list(match_keys), ARRAY(Text))),
        )
        .values(state=DeliveryState.RECEIVED)
        .returning(WebhookDelivery.provider)
    ).all()
    for provider in set(providers):
        _defer(provider)


def replay(delivery: WebhookDelivery, by: Any) -> None:
    """Handle a delivery once more because a person asked for it; the caller commits."""
    delivery.state, delivery.reason = DeliveryState.RECEIVED, None
    record("webhook_replayed", by=by, on=delivery, provider=delivery.provider)
    _defer(delivery.provider)
