"""SendGrid's event webhook: is it from SendGrid, have we had it, what does it say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from ffapp.core import clock
from ffapp.providers.kit.webhooks import NotSigned, instant_of, json_of, lower_names, text_of
from ffapp.providers.sendgrid import wire

__all__ = ["BounceType", "MailEvent", "MailEventKind", "NotSigned", "parse", "verify"]

# SendGrid tries again for 24 h, and it is not known whether a retry is signed anew.
REPLAY_WINDOW = timedelta(hours=25)
CLOCK_SKEW = timedelta(minutes=10)


class MailEventKind(StrEnum):
    PROCESSED = "processed"  # SendGrid took it out of its queue
    DEFERRED = "deferred"  # the other side asks for patience; SendGrid goes on trying
    DELIVERED = "delivered"
    BOUNCED = "bounced"  # see `bounce_type`
    DROPPED = "dropped"  # SendGrid did not even try; see `reason`
    OPENED = "opened"
    CLICKED = "clicked"
    MARKED_SPAM = "marked_spam"
    UNSUBSCRIBED = "unsubscribed"
    RESUBSCRIBED = "resubscribed"
    UNKNOWN = "unknown"


class BounceType(StrEnum):
    BOUNCE = "bounce"  # the address does not work; SendGrid will drop what follows
    BLOCKED = "blocked"  # this mail was turned away; the next one may pass


KINDS = {
    "processed": MailEventKind.PROCESSED,
    "deferred": MailEventKind.DEFERRED,
    "delivered": MailEventKind.DELIVERED,
    "bounce": MailEventKind.BOUNCED,
    "dropped": MailEventKind.DROPPED,
    "open": MailEventKind.OPENED,
    "click": MailEventKind.CLICKED,
    "spamreport": MailEventKind.MARKED_SPAM,
    "unsubscribe": MailEventKind.UNSUBSCRIBED,
    "group_unsubscribe": MailEventKind.UNSUBSCRIBED,
    "group_resubscribe": MailEventKind.RESUBSCRIBED,
}
BOUNCE_TYPES = {"bounce": BounceType.BOUNCE, "blocked": BounceType.BLOCKED}


@dataclass(frozen=True)
class MailEvent:
    """One event in our words; what SendGrid left out is None or empty.

    `message_id` is what `SendGridClient.send` answered. `at` is aware, UTC. `bounce_type` is None
    also for a bounce whose type we do not know. `raw` is the row as it came (`{"unreadable": …}`
    when it was not an object), to be looked at when the kind is UNKNOWN.
    """

    kind: MailEventKind
    email: str = ""
    at: datetime | None = None
    effect_id: str | None = None
    message_id: str | None = None
    event_id: str | None = None
    bounce_type: BounceType | None = None
    reason: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


def verify(public_key: str, headers: Mapping[str, str], raw_body: bytes) -> None:
    """Raise NotSigned, with the reason, unless SendGrid signed this body within the last 25 h."""
    found = lower_names(headers)
    signature = found.get(wire.SIGNATURE.lower())
    timestamp = found.get(wire.TIMESTAMP.lower())
    if not signature or not timestamp:
        raise NotSigned("the signature or its timestamp is missing")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 10):
        raise NotSigned("the timestamp is not a number of seconds")
    wire.verify(public_key, signature, timestamp, raw_body)
    signed_at = datetime.fromtimestamp(int(timestamp), UTC)
    if not -CLOCK_SKEW <= clock.wall() - signed_at <= REPLAY_WINDOW:
        raise NotSigned(f"it was signed at {signed_at:%Y-%m-%d %H:%M} UTC, too far from now")


def parse(raw: bytes) -> list[MailEvent]:
    """The events in a post, in its order. Never fails: what is not understood is UNKNOWN."""
    found = json_of(raw)
    rows = found if isinstance(found, list) else [found or raw.decode("utf-8", "replace")]
    return [_event(row if isinstance(row, dict) else {"unreadable": row}) for row in rows]


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
        event_id=text_of(row, "sg_event_id") or None,
        bounce_type=BOUNCE_TYPES.get(text_of(row, "type")) if bounced else None,
        reason=text_of(row, "reason") or text_of(row, "response"),
        raw=row,
    )
