"""Keep a webhook once, promise a job in the same transaction, and run it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import ARRAY, Text, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError

from ffapp import clock
from ffapp.db import db, transaction
from ffapp.events import record
from ffapp.jobs import URGENT, defer, queue
from ffapp.webhooks.models import DeliveryState, WebhookDelivery, WebhookRefusal

log = structlog.get_logger()


@dataclass(frozen=True)
class Handled:
    """What became of a delivery. `match_key` says what a parked one waits for."""

    state: DeliveryState
    reason: str | None = None
    match_key: str | None = None


Handler = Callable[[bytes], Handled]
_handlers: dict[str, Handler] = {}


def handle_with(handlers: Mapping[str, Handler]) -> None:
    """Provider → who translates its deliveries, in the job's transaction."""
    _handlers.update(handlers)


def keep(
    provider: str, *, dedupe_key: str, event: str, headers: dict[str, str], body: bytes
) -> bool:
    """Keep the raw post and promise its job; False when it was here before. The caller commits."""
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
    _promise(provider, delivery_id)
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
def handle(delivery_id: int) -> None:
    """Translate one delivery. A mistake of ours is written on it; it can be replayed."""
    transaction(_handle, delivery_id)


def _handle(delivery_id: int) -> None:
    delivery = db.session.get_one(WebhookDelivery, delivery_id, with_for_update=True)
    if delivery.state in (DeliveryState.DONE, DeliveryState.IGNORED):
        return
    try:
        with db.session.begin_nested():
            handled = _handlers[delivery.provider](delivery.body)
    except (OperationalError, InterfaceError):
        raise  # a deadlock, or the database went away: nobody's mistake, it is handled again
    except Exception as error:  # whatever it is: the delivery stays, with the reason on it
        log.exception("webhooks.failed", delivery=delivery_id)
        name = type(error).__name__
        handled = Handled(
            DeliveryState.FAILED, f"It could not be handled ({name}); the log says more."
        )
    delivery.state, delivery.reason = handled.state, handled.reason
    delivery.match_key, delivery.handled_at = handled.match_key, clock.now()


def hold(match_key: str) -> None:
    """Wait for whoever looks at, or makes known, the same thing; until this transaction ends.

    A handler calls it before it looks for `match_key`, and a room before it makes it known, so that
    no delivery is parked just after it was looked for in vain.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(match_key, 0))))


def release(match_keys: Sequence[str]) -> None:
    """What waited for these is known now: handle those deliveries again. The caller commits."""
    if not match_keys:
        return
    waiting = db.session.execute(
        select(WebhookDelivery.provider, WebhookDelivery.id)
        .where(
            WebhookDelivery.state == DeliveryState.PARKED,
            WebhookDelivery.match_key == any_(literal(list(match_keys), ARRAY(Text))),
        )
        .order_by(WebhookDelivery.id)
    ).all()
    for provider, delivery_id in waiting:
        _promise(provider, delivery_id)


def replay(delivery: WebhookDelivery, by: Any) -> None:
    """Handle a delivery once more because a person asked for it; the caller commits."""
    delivery.state, delivery.reason = DeliveryState.RECEIVED, None
    record("webhook_replayed", by=by, on=delivery, provider=delivery.provider)
    _promise(delivery.provider, delivery.id)


def _promise(provider: str, delivery_id: int) -> None:
    # One at a time and in order for each provider: a flood of one (two events for each mail of a
    # bulk message) must neither take every urgent slot nor reach the other provider's deliveries.
    defer(handle, options={"lock": f"webhooks:{provider}"}, delivery_id=delivery_id)
