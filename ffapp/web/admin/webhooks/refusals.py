"""Posts that were not let in, and what to check so that they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ffapp.core.db import db
from ffapp.providers.registry import PROVIDERS
from ffapp.webhooks.models import WebhookRefusal

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
    (
        "not a number of seconds",
        "No provider sends this; somebody tries the address. Nothing needs to be done.",
    ),
    ("is not set", "Set it to what the provider shows beside the webhook, or remove the webhook."),
    ("larger than", "No provider's post is so large. Nothing needs to be done."),
    ("no body", "An empty post says nothing. Nothing needs to be done."),
)


@dataclass(frozen=True)
class Refusal:
    row: WebhookRefusal
    advice: str


def refusals() -> list[Refusal]:
    """By provider and reason, the last one first."""
    rows: Sequence[WebhookRefusal] = db.session.scalars(
        select(WebhookRefusal).order_by(WebhookRefusal.last_at.desc(), WebhookRefusal.id).limit(20)
    ).all()
    return [Refusal(row, advice(row)) for row in rows]


def advice(row: WebhookRefusal) -> str:
    """What to do about it."""
    own = next((each.webhook for each in PROVIDERS if each.key == row.provider), None)
    for part, words in (*ADVICE, *(own.advice.items() if own else ())):
        if part in row.reason:
            return words
    return "Compare the secrets on both sides."
