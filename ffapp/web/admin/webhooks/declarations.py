"""What webhooks add to what all domains share."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import Select, and_, or_, select

from ffapp.core.db import db
from ffapp.providers.registry import PROVIDERS, title_of
from ffapp.web.kit.alerts import DOCTOR, TODAY, Alert, Button
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import say
from ffapp.web.navigation import Entry
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
    posts = "A post" if row.posts == 1 else f"{row.posts} posts"
    verb = "was" if row.posts == 1 else "were"
    what = f"{posts} to {title_of(row.provider)}’s webhook {verb} refused: {row.reason}"
    return f"{what.rstrip('.')}. {advice(row)}"


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


# A part of the reason → what to check. The first that fits is said.
ADVICE = (
    (
        "is missing",
        "Somebody who is not the provider may have found the address; that is harmless. When the"
        " provider's own posts are refused, turn on signed webhooks there.",
    ),
    (
        "signed",
        "The clocks differ, or an old post was sent again. Check the time of this machine.",
    ),
    ("is not set", "Set it to what the provider shows beside the webhook, or remove the webhook."),
    *(
        (each, "No provider sends this. Nothing needs to be done.")
        for each in ("not a number of seconds", "larger than", "no body")
    ),
)


def refusals() -> Sequence[WebhookRefusal]:
    """By provider and reason, the last one first."""
    return db.session.scalars(
        select(WebhookRefusal).order_by(WebhookRefusal.last_at.desc(), WebhookRefusal.id).limit(20)
    ).all()


def advice(row: WebhookRefusal) -> str:
    """What to do about it."""
    own = next((each.webhook for each in PROVIDERS if each.key == row.provider), None)
    for part, words in (*ADVICE, *(own.advice.items() if own else ())):
        if part in row.reason:
            return words
    return "Compare the secrets on both sides."


DOMAIN = Domain(
    navigation=Entry("Webhooks", "admin.webhook_index", "zap"),
    sentences={"webhook_replayed": say("had it handled once more")},
    subjects=(Subject(table="webhook_deliveries", page=("admin.webhook_show", "webhook_id")),),
    alerts=ALERTS,
)
