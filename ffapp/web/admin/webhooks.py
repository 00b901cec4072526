"""What providers told us: each post as it came, what became of it, and what was not let in."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import flask
from sqlalchemy import ColumnElement, func, or_, select

from ffapp.db import db
from ffapp.providers.kit.http import mask
from ffapp.providers.registry import PROVIDERS, title_of
from ffapp.web import guard, htmx
from ffapp.web.admin import histories
from ffapp.web.admin.door import admin
from ffapp.web.admin.find import row_or_404
from ffapp.web.admin.refusals import refusals
from ffapp.web.admin.sentences import timeline
from ffapp.web.listing import chips, page_of, page_url, word
from ffapp.web.once import new_key, submit
from ffapp.web.page import page
from ffapp.webhooks import inbox
from ffapp.webhooks.models import DeliveryState, WebhookDelivery

STATES = (
    (DeliveryState.RECEIVED.value, "Received"),
    (DeliveryState.DONE.value, "Done"),
    (DeliveryState.PARKED.value, "Parked"),
    (DeliveryState.IGNORED.value, "Nothing to do"),
    (DeliveryState.FAILED.value, "Failed"),
)
LONGEST_SHOWN = 100_000


@admin.get("/webhooks")
def webhook_index() -> flask.typing.ResponseReturnValue:
    state, provider = word("state"), word("provider")
    conditions = _conditions(provider, word("q"))
    counts = _counts(conditions)
    shown = page_of(counts.get(state, 0) if state else sum(counts.values()))
    if state:
        conditions.append(WebhookDelivery.state == state)
    not_let_in = refusals()
    return page(
        "admin/webhooks/index.html",
        fragments=("deliveries",),
        rows=_rows(conditions, shown.per_page, shown.offset),
        shown=shown,
        page_url=page_url,
        chips=chips("state", STATES, counts),
        providers=[(each.key, each.title) for each in PROVIDERS],
        provider=provider,
        state=state,
        query=word("q"),
        refusals=not_let_in,
        refused=sum(each.row.count for each in not_let_in),
    )


@admin.get("/webhooks/<int:webhook_id>")
def webhook_show(webhook_id: int) -> flask.typing.ResponseReturnValue:
    delivery = row_or_404(WebhookDelivery, webhook_id)
    if htmx.is_htmx() and flask.request.args.get("seen") == delivery.state:
        return "", 204
    body, is_cut = _readable(delivery.body)
    return page(
        "admin/webhooks/show.html",
        fragments=("delivery",),
        delivery=delivery,
        provider=title_of(delivery.provider),
        headers={name: mask(str(value)) for name, value in delivery.headers.items()},
        body=body,
        is_cut=is_cut,
        size=len(delivery.body),
        new_key=new_key,
        timeline=timeline(histories.of_row(delivery)),
    )


@admin.post("/webhooks/<int:webhook_id>/replays")
def webhook_replay(webhook_id: int) -> flask.typing.ResponseReturnValue:
    delivery = row_or_404(WebhookDelivery, webhook_id)

    def work() -> str:
        inbox.replay(delivery, guard.me())
        flask.flash("It is handled once more")
        return guard.back_or(flask.url_for("admin.webhook_show", webhook_id=webhook_id))

    return submit(flask.request.form.get("submission") or new_key(), work)


def _conditions(provider: str, query: str) -> list[ColumnElement[bool]]:
    """All but the state, which the chips count by."""
    found: list[ColumnElement[bool]] = []
    if provider:
        found.append(WebhookDelivery.provider == provider)
    if query:
        columns = (
            WebhookDelivery.event,
            WebhookDelivery.reason,
            WebhookDelivery.match_key,
            WebhookDelivery.dedupe_key,
        )
        found.append(or_(*(each.icontains(query, autoescape=True) for each in columns)))
    return found


def _counts(conditions: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    rows = (
        select(WebhookDelivery.state, func.count())
        .where(*conditions)
        .group_by(WebhookDelivery.state)
    )
    return dict(db.session.execute(rows).all())  # type: ignore[arg-type]


def _rows(conditions: Sequence[ColumnElement[bool]], limit: int, offset: int) -> Sequence[Any]:
    """Without the bodies, which may be long."""
    return db.session.scalars(
        select(WebhookDelivery)
        .options(db.defer(WebhookDelivery.body), db.defer(WebhookDelivery.headers))
        .where(*conditions)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def _readable(body: bytes) -> tuple[str, bool]:
    """The post with its secrets masked, JSON in lines; whether its end was left out."""
    text = body.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):  # what is not JSON is shown as it came
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    text = mask(text)
    return text[:LONGEST_SHOWN], len(text) > LONGEST_SHOWN
