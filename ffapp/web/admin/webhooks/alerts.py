"""Posts of providers that were refused, or could not be handled."""

from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import Select, and_, or_, select

from ffapp.providers.registry import PROVIDERS, title_of
from ffapp.web.admin.webhooks.refusals import advice
from ffapp.web.kit.alerts import DOCTOR, TODAY, Alert, Button
from ffapp.webhooks.models import DeliveryState, WebhookDelivery, WebhookRefusal

UNHANDLED_AFTER, LOOKS_BACK = timedelta(hours=1), timedelta(days=7)


def _refused(now: Any) -> Select[Any]:
    row = WebhookRefusal
    return (
        select(
            row.id,
            row.provider,
            row.reason,
            (row.count - row.seen_count).label("posts"),
            row.last_at.label("since"),
        )
        .where(row.count > row.seen_count, row.last_at > now - LOOKS_BACK)
        .order_by(row.last_at.desc())
    )


def _refused_words(row: Any) -> str:
    times = "A post" if row.posts == 1 else f"{row.posts} posts"
    what = f"{times} to {title_of(row.provider)}’s webhook: refused, since {_inside(row.reason)}."
    return f"{what} {advice(row)}"


def _inside(reason: str) -> str:
    """A reason as it stands inside a sentence; the names of headers and providers stay."""
    first = reason.partition(" ")[0]
    is_name = first in {each.title for each in PROVIDERS}
    is_word = first.isalpha() and first.istitle() and not is_name
    return (reason[:1].lower() + reason[1:] if is_word else reason).rstrip(".")


def _unhandled(now: Any) -> Select[Any]:
    row = WebhookDelivery
    waits_long = and_(row.state == DeliveryState.RECEIVED, row.received_at < now - UNHANDLED_AFTER)
    return (
        select(row.id, row.provider, row.event, row.reason, row.received_at.label("since"))
        .where(
            row.received_at > now - LOOKS_BACK,
            or_(row.state == DeliveryState.FAILED, waits_long),
        )
        .order_by(row.id)
    )


REFUSED = Alert(
    name="webhook_refused",
    title="webhooks",
    query=_refused,
    sentence=_refused_words,
    button=lambda row: Button("Dismiss", flask.url_for("admin.today_seen", refusal_id=row.id)),
    page=lambda row: flask.url_for("admin.webhook_index"),
    tone="warn",
    where=frozenset({TODAY, DOCTOR}),
    well="No post of a provider was refused.",
)
UNHANDLED = Alert(
    name="webhook_failed",
    query=_unhandled,
    sentence=lambda row: (
        f"{title_of(row.provider)}’s “{row.event}” was not handled: {row.reason or 'its job broke'}"
    ),
    button=lambda row: Button(
        "Handle again", flask.url_for("admin.webhook_replay", webhook_id=row.id)
    ),
    page=lambda row: flask.url_for("admin.webhook_show", webhook_id=row.id),
)
ALERTS = (REFUSED, UNHANDLED)
