"""What providers told us: each post as it came, what became of it, and what was not let in."""

import json
from contextlib import suppress
from typing import Any

import flask
from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from ffapp.providers.kit.http import mask
from ffapp.providers.registry import PROVIDERS, title_of
from ffapp.web import auth
from ffapp.web.admin.webhooks.declarations import advice, refusals
from ffapp.web.auth import admin
from ffapp.web.kit.cells import Chip, Figure, RowLink, When
from ffapp.web.kit.filters import Choice, Filters, Search
from ffapp.web.kit.idempotency import new_key, submit
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.page import is_htmx, page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.status_badges import states_of
from ffapp.web.kit.timeline import newest_events, timeline
from ffapp.webhooks import inbox
from ffapp.webhooks.models import WebhookDelivery

STATES = states_of("delivery")
NAMES = {each.key: each.title for each in PROVIDERS}
LONGEST_SHOWN = 100_000


def _deliveries() -> Select[Any]:
    """Without what may be long."""
    long = (defer(WebhookDelivery.body), defer(WebhookDelivery.headers))
    return select(WebhookDelivery).options(*long)


WEBHOOKS = ListPage(
    name="webhooks",
    heading="Webhooks",
    lead="What providers told us, each post as it came.",
    noun=("post", "posts"),
    rows=_deliveries,
    key=WebhookDelivery.id,
    order="-received",
    filters=Filters(
        (
            Choice("state", "State", STATES, WebhookDelivery.state, style="chips"),
            Choice(
                "provider",
                "Provider",
                tuple(NAMES.items()),
                WebhookDelivery.provider,
                every="All providers",
            ),
        ),
        Search(
            "Event, reason, meeting number",
            (
                WebhookDelivery.event,
                WebhookDelivery.reason,
                WebhookDelivery.match_key,
                WebhookDelivery.dedupe_key,
            ),
        ),
    ),
    columns=(
        Column("Event", lambda it: RowLink(it.event, _url(it)), WebhookDelivery.event),
        Column("Provider", lambda it: title_of(it.provider)),
        Column("State", lambda it: Chip("delivery", it.state), on_phone=True),
        Column("Received", lambda it: When(it.received_at), WebhookDelivery.id),
        Column("Repeats", lambda it: Figure(it.duplicates, " ×"), end=True, on_phone=True),
        Column("Reason", lambda it: it.reason),
    ),
    empty=("Nothing has come yet", "Posts of providers appear here as they come."),
    template="admin/webhooks/index.html",
)


@admin.get("/webhooks")
def webhook_index() -> flask.typing.ResponseReturnValue:
    return WEBHOOKS.respond(refusals=refusals, providers=NAMES, advice=lambda: advice)


@admin.get("/webhooks/<int:webhook_id>")
def webhook_show(webhook_id: int) -> flask.typing.ResponseReturnValue:
    delivery = get_or_404(WebhookDelivery, webhook_id)
    if is_htmx() and flask.request.args.get("seen") == delivery.state:
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
        timeline=timeline(newest_events(delivery)),
    )


@admin.post("/webhooks/<int:webhook_id>/replays")
def webhook_replay(webhook_id: int) -> flask.typing.ResponseReturnValue:
    delivery = get_or_404(WebhookDelivery, webhook_id)

    def work() -> str:
        inbox.replay(delivery, auth.me())
        flask.flash("The webhook is being handled again")
        return auth.back_or(flask.url_for("admin.webhook_show", webhook_id=webhook_id))

    return submit(work)


def _url(delivery: WebhookDelivery) -> str:
    return flask.url_for("admin.webhook_show", webhook_id=delivery.id)


def _readable(body: bytes) -> tuple[str, bool]:
    """The post with its secrets masked, JSON in lines; whether its end was left out."""
    text = body.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):  # what is not JSON is shown as it came
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    text = mask(text)
    return text[:LONGEST_SHOWN], len(text) > LONGEST_SHOWN
