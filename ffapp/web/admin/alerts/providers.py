"""Providers that do not answer, and posts of theirs that were refused or could not be handled."""

from collections.abc import Iterable
from datetime import timedelta

import flask
from sqlalchemy import func, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import Effect, State
from ffapp.providers.registry import PROVIDERS, title_of
from ffapp.web.admin.alerts.alert import SHOWN, Alert
from ffapp.web.admin.messages.ledger_rows import channel_of, how_many
from ffapp.web.admin.webhooks.refusals import advice
from ffapp.webhooks.models import DeliveryState, WebhookDelivery, WebhookRefusal

TRIES = 3  # then waiting is worth a person's look
LONG_PARKED = timedelta(hours=1)
LOOKS_BACK = timedelta(days=7)


def alerts() -> Iterable[Alert]:
    yield from _waiting()
    yield from _refused()
    yield from _unhandled()


def _waiting() -> Iterable[Alert]:
    """What waits because the provider does not answer; one for each channel."""
    groups = (
        select(
            func.max(Effect.id).label("newest"),
            func.min(Effect.planned_at).label("since"),
            func.count().label("acts"),
        )
        .where(Effect.state == State.PLANNED, Effect.attempts >= TRIES)
        .group_by(func.split_part(Effect.kind, ".", 1))
        .subquery()
    )
    rows = db.session.execute(
        select(Effect, groups.c.since, groups.c.acts).join(groups, groups.c.newest == Effect.id)
    )
    for effect, since, acts in rows:
        many = f"{how_many(effect, acts)} {'waits' if acts == 1 else 'wait'}"
        yield Alert(
            kind="provider_error",
            sentence=f"{many} for {effect.provider or channel_of(effect)}: {effect.reason}",
            since=since,
            verb="Try now",
            action=flask.url_for("admin.today_try"),
            fields={"channel": effect.kind.partition(".")[0]},
            page=flask.url_for(
                "admin.message_index", state="planned", kind=effect.kind.partition(".")[0]
            ),
            tone="warn",
        )


def _refused() -> Iterable[Alert]:
    rows = db.session.scalars(
        select(WebhookRefusal)
        .where(
            WebhookRefusal.count > WebhookRefusal.seen_count,
            WebhookRefusal.last_at > clock.now() - LOOKS_BACK,
        )
        .order_by(WebhookRefusal.last_at.desc())
    )
    for row in rows:
        new = row.count - row.seen_count
        times = "A post" if new == 1 else f"{new} posts"
        name = title_of(row.provider)
        what = f"{times} to {name}’s webhook: refused, since {_inside(row.reason)}."
        yield Alert(
            kind="webhook_refused",
            sentence=f"{what} {advice(row)}",
            since=row.last_at,
            verb="Seen",
            action=flask.url_for("admin.today_seen", refusal_id=row.id),
            page=flask.url_for("admin.webhook_index"),
            tone="warn",
        )


def _inside(reason: str) -> str:
    """A reason as it stands inside a sentence; the names of headers and providers stay."""
    first = reason.partition(" ")[0]
    is_name = first in {each.title for each in PROVIDERS}
    is_word = first.isalpha() and first.istitle() and not is_name
    return (reason[:1].lower() + reason[1:] if is_word else reason).rstrip(".")


def _unhandled() -> Iterable[Alert]:
    rows = db.session.scalars(
        select(WebhookDelivery)
        .options(db.defer(WebhookDelivery.body), db.defer(WebhookDelivery.headers))
        .where(
            WebhookDelivery.received_at > clock.now() - LOOKS_BACK,
            (WebhookDelivery.state == DeliveryState.FAILED)
            | (
                (WebhookDelivery.state == DeliveryState.RECEIVED)
                & (WebhookDelivery.received_at < clock.now() - LONG_PARKED)
            ),
        )
        .order_by(WebhookDelivery.id)
        .limit(SHOWN)
    )
    for row in rows:
        name = title_of(row.provider)
        yield Alert(
            kind="webhook_failed",
            sentence=f"{name}’s “{row.event}” was not handled: {row.reason or 'its job broke'}",
            since=row.received_at,
            verb="Handle again",
            action=flask.url_for("admin.webhook_replay", webhook_id=row.id),
            page=flask.url_for("admin.webhook_show", webhook_id=row.id),
        )
