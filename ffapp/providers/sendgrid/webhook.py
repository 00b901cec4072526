"""SendGrid's event webhook: is it from SendGrid, have we had it, what does it say."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ffapp.core import clock
from ffapp.providers.kit.webhooks import (
    NotSigned,
    Post,
    instant_of,
    json_of,
    object_of,
    text_of,
)
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.settings import SendGridSettings

# SendGrid tries again for 24 h, and it is not known whether a retry is signed anew.
REPLAY_WINDOW = timedelta(hours=25)
MOST_EVENTS = 10_000
CLOCK_SKEW = timedelta(minutes=10)


class MailEventKind(StrEnum):
    PROCESSED = "processed"  # SendGrid took it out of its queue
    DEFERRED = "deferred"  # the other side asks for patience; SendGrid goes on trying
    DELIVERED = "delivered"
    BOUNCED = "bounced"  # see `bounce_type`
    DROPPED = "dropped"  # SendGrid did not even try; see `reason`
    MARKED_SPAM = "marked_spam"
    UNKNOWN = "unknown"  # or nothing follows from it, such as an opened mail


class BounceType(StrEnum):
    BOUNCE = "bounce"  # the address does not work; SendGrid will drop what follows
    BLOCKED = "blocked"  # this mail was turned away; the next one may pass


KINDS = {
    "processed": MailEventKind.PROCESSED,
    "deferred": MailEventKind.DEFERRED,
    "delivered": MailEventKind.DELIVERED,
    "bounce": MailEventKind.BOUNCED,
    "dropped": MailEventKind.DROPPED,
    "spamreport": MailEventKind.MARKED_SPAM,
}
BOUNCE_TYPES = {"bounce": BounceType.BOUNCE, "blocked": BounceType.BLOCKED}


@dataclass(frozen=True)
class MailEvent:
    """One event in our words; what SendGrid left out is None or empty.

    `message_id` is what `SendGridClient.send` answered. `at` is aware, UTC. `bounce_type` is None
    also for a bounce whose type we do not know.
    """

    kind: MailEventKind
    email: str = ""
    at: datetime | None = None
    effect_id: str | None = None
    message_id: str | None = None
    bounce_type: BounceType | None = None
    reason: str = ""


def verify(settings: SendGridSettings, post: Post) -> None:
    """Raise NotSigned, with the reason, unless SendGrid signed this body within the last 25 h."""
    signature, timestamp = post.require(wire.SIGNATURE), post.require(wire.TIMESTAMP)
    signed_at = post.signed_at(wire.TIMESTAMP)
    wire.verify(settings.webhook_public_key, signature, timestamp, post.body)
    if not -CLOCK_SKEW <= clock.wall() - signed_at <= REPLAY_WINDOW:
        raise NotSigned(f"it was signed at {signed_at:%Y-%m-%d %H:%M} UTC, too far from now")


def parse(raw: bytes) -> list[MailEvent]:
    """The events in a post, in its order. Never fails: what is not understood is UNKNOWN."""
    found = json_of(raw)
    rows = found if isinstance(found, list) else [found]
    # A post of SendGrid's has at most some thousand: what has more is none of theirs.
    return [_event(object_of(row)) for row in rows] if len(rows) <= MOST_EVENTS else []


def _event(row: dict[str, Any]) -> MailEvent:
    kind = KINDS.get(text_of(row, "event"), MailEventKind.UNKNOWN)
    bounced = kind is MailEventKind.BOUNCED
    return MailEvent(
        kind=kind,
        email=text_of(row, "email"),
        at=instant_of(row.get("timestamp")),
        effect_id=text_of(row, wire.EFFECT_ID) or None,
        # Everything after the first dot differs from what the send call answered.
        message_id=text_of(row, "sg_message_id").split(".")[0] or None,
        bounce_type=BOUNCE_TYPES.get(text_of(row, "type")) if bounced else None,
        reason=text_of(row, "reason") or text_of(row, "response"),
    )
