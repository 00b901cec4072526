"""How each provider has answered: acts of the ledger and webhooks, in a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.ledger import handlers
from ffapp.ledger.models import Effect, EffectAttempt
from ffapp.webhooks.models import WebhookDelivery, WebhookRefusal

# Only the newest rows are read, so that the page costs the same however much was sent.
LOOKS_AT = 5000
RATE_OVER = timedelta(hours=1)


@dataclass(frozen=True)
class Attempt:
    """One attempt at an act; `reason` is a sentence where it was not accepted."""

    effect_id: int
    at: datetime
    reason: str | None


@dataclass(frozen=True)
class Traffic:
    """What a provider made of the newest attempts; the counts are those of the last hour."""

    success: Attempt | None = None
    error: Attempt | None = None
    tried: int = 0
    failed: int = 0

    @property
    def error_percent(self) -> int | None:
        """None where nothing was tried."""
        return round(100 * self.failed / self.tried) if self.tried else None


def traffic() -> dict[str, Traffic]:
    """Title of the provider → its traffic; two queries."""
    newest = (
        select(EffectAttempt.id, EffectAttempt.effect_id, EffectAttempt.outcome, EffectAttempt.at)
        .order_by(EffectAttempt.id.desc())
        .limit(LOOKS_AT)
        .subquery()
    )
    accepted, recent = newest.c.outcome == "accepted", newest.c.at > clock.now() - RATE_OVER
    rows = db.session.execute(
        select(
            Effect.kind,
            func.count().filter(recent).label("tried"),
            func.count().filter(recent, ~accepted).label("failed"),
            func.max(newest.c.id).filter(accepted).label("success"),
            func.max(newest.c.id).filter(~accepted).label("error"),
        )
        .join(newest, newest.c.effect_id == Effect.id)
        .group_by(Effect.kind)
    ).all()
    by_provider: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.kind in handlers.kinds():
            by_provider[handlers.handler_of(row.kind).provider].append(row)
    attempts = _attempts([each for row in rows for each in (row.success, row.error) if each])
    return {title: _sum(rows, attempts) for title, rows in by_provider.items()}


def _attempts(ids: list[int]) -> dict[int, Attempt]:
    row = EffectAttempt
    found = db.session.execute(
        select(row.id, row.effect_id, row.at, row.reason).where(is_among(row.id, ids))
    )
    return {each.id: Attempt(each.effect_id, each.at, each.reason) for each in found}


def _sum(rows: list[Any], attempts: dict[int, Attempt]) -> Traffic:
    """The kinds of one provider together."""
    success = max((each.success for each in rows if each.success), default=0)
    error = max((each.error for each in rows if each.error), default=0)
    return Traffic(
        attempts.get(success),
        attempts.get(error),
        sum(each.tried for each in rows),
        sum(each.failed for each in rows),
    )


def last_deliveries() -> dict[str, Any]:
    """Key of the provider → its last genuine post: id, event, received_at; one query."""
    newest = (
        select(WebhookDelivery.id, WebhookDelivery.provider)
        .order_by(WebhookDelivery.id.desc())
        .limit(LOOKS_AT)
        .subquery()
    )
    last = select(func.max(newest.c.id)).group_by(newest.c.provider)
    row = WebhookDelivery
    rows = db.session.execute(
        select(row.id, row.provider, row.event, row.received_at).where(row.id.in_(last))
    )
    return {each.provider: each for each in rows}


def last_refusals() -> dict[str, WebhookRefusal]:
    """Key of the provider → why a post was last refused; one query."""
    rows = db.session.scalars(
        select(WebhookRefusal)
        .ext(distinct_on(WebhookRefusal.provider))
        .order_by(WebhookRefusal.provider, WebhookRefusal.last_at.desc())
    )
    return {each.provider: each for each in rows}
