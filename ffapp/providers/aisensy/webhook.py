"""What AiSensy tells us by itself: is it from AiSensy, have we had it, what does it say.

Posts come at least once, in any order, and a lost one is tried only once more. What a person writes
comes twice, as two topics: tell those apart by `message_id`.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.failures import sentence_of
from ffapp.providers.kit.webhooks import NotSigned


class WhatsAppEventKind(StrEnum):
    ACCEPTED = "accepted"  # AiSensy has our message and hands it to WhatsApp
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # see `failure_code` and `reason`
    INBOUND = "inbound"  # somebody wrote to us; see `text`
    UNKNOWN = "unknown"


STATUSES = {
    "SENT": WhatsAppEventKind.SENT,
    "DELIVERED": WhatsAppEventKind.DELIVERED,
    "READ": WhatsAppEventKind.READ,
    "FAILED": WhatsAppEventKind.FAILED,
}
LONGEST_ID = 200
MESSAGE_TOPICS = (wire.MESSAGE_CREATED, wire.USER_MESSAGE)


@dataclass(frozen=True)
class WhatsAppEvent:
    """One post in our words; what AiSensy left out is None or empty.

    `submitted_message_id` is what `AiSensyClient.send` answered, empty when somebody wrote to us.
    `phone` is digits with the country and without a plus. `at` is aware, UTC. `text` is what a
    person wrote (empty for a picture or a button whose form we do not know). `reason` is a sentence
    for people. `raw` is the post as it came, to be looked at when the kind is UNKNOWN.
    """

    kind: WhatsAppEventKind
    topic: str = ""
    event_id: str = ""
    submitted_message_id: str = ""
    message_id: str = ""
    campaign: str = ""
    phone: str = ""
    name: str = ""
    at: datetime | None = None
    failure_code: str = ""
    reason: str = ""
    text: str = ""
    raw: dict[str, Any] = field(default_factory=dict)


def verify(secret: str, project_id: str, headers: Mapping[str, str], raw_body: bytes) -> None:
    """Raise NotSigned, with the reason, unless AiSensy signed this body for our project.

    The scheme has no timestamp: a post that is sent again is known by `dedupe_key`.
    """
    if not secret or not project_id:
        raise NotSigned("AISENSY_WEBHOOK_SECRET is not set, so no post can be proved")
    found = {name.lower(): value for name, value in headers.items()}
    given = found.get(wire.SIGNATURE.lower(), "")
    project = found.get(wire.PROJECT_ID.lower(), "")
    if not given or not project:
        missing = wire.PROJECT_ID if given else wire.SIGNATURE
        raise NotSigned(f"the header {missing} is missing")
    if not hmac.compare_digest(project.encode(), project_id.encode()):
        raise NotSigned("it is for another project")
    # AiSensy's own sample signs the JSON as it would write it, not the bytes that it posts.
    for body in (raw_body, _rewritten(raw_body)):
        expected = wire.signature(secret, body)
        if hmac.compare_digest(expected.encode(), given.encode()):
            return
    raise NotSigned("the signature does not cover this body under our secret")


def dedupe_key(headers: Mapping[str, str], raw_body: bytes) -> str:
    """The same for each try of one event: its id, or else a digest of the body.

    What somebody wrote to us is posted under two topics with an id each; the message has one.
    """
    body = _object(_json(raw_body))
    message = _object(_object(body.get("data")).get("message"))
    if _kind(_text(body, "topic"), message) is WhatsAppEventKind.INBOUND and (
        written := _text(message, "id") or _text(message, "messageId")
    ):
        return f"inbound:{written}"[:LONGEST_ID]
    given = _text(body, "id")
    return given if 0 < len(given) <= LONGEST_ID else hashlib.sha256(raw_body).hexdigest()


def parse(raw_body: bytes) -> WhatsAppEvent:
    """The event in a post. Never fails: what is not understood is UNKNOWN."""
    body = _json(raw_body)
    if not isinstance(body, dict):
        unreadable = body if body is not None else raw_body.decode("utf-8", "replace")
        return WhatsAppEvent(WhatsAppEventKind.UNKNOWN, raw={"unreadable": unreadable})
    message = _object(_object(body.get("data")).get("message"))
    topic = _text(body, "topic")
    kind = _kind(topic, message)
    failure = _object(message.get("failureResponse"))
    code = _text(failure, "code")
    failed = kind is WhatsAppEventKind.FAILED
    return WhatsAppEvent(
        kind=kind,
        topic=topic,
        event_id=_text(body, "id"),
        submitted_message_id=_text(message, "submitted_message_id"),
        message_id=_text(message, "id"),
        campaign=_text(_object(message.get("campaign")), "name"),
        phone=re.sub(r"[^0-9]", "", _text(message, "phone_number")),
        name=_text(message, "userName"),
        at=_instant(message.get(f"{kind}_at")) or _instant(body.get("created_at")),
        failure_code=code if failed else "",
        reason=sentence_of(code, _text(failure, "reason")) if failed else "",
        text=_text(_object(message.get("message_content")), "text"),
        raw=body,
    )


def _kind(topic: str, message: dict[str, Any]) -> WhatsAppEventKind:
    if topic == wire.STATUS_UPDATED:
        return STATUSES.get(_text(message, "status"), WhatsAppEventKind.UNKNOWN)
    if topic in MESSAGE_TOPICS and message:
        if _text(message, "sender") == wire.USER:
            return WhatsAppEventKind.INBOUND
        if _text(message, "submitted_message_id"):
            return WhatsAppEventKind.ACCEPTED
    return WhatsAppEventKind.UNKNOWN


def _rewritten(raw_body: bytes) -> bytes:
    try:
        return wire.compact(json.loads(raw_body))
    except (ValueError, RecursionError):
        return raw_body


def _json(raw_body: bytes) -> Any:
    try:
        return json.loads(raw_body)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # a failure's code was seen as text, and is a number in Meta's own form
    if not isinstance(value, str):
        return ""
    # People's words must not break the database, which stores neither of these.
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _instant(milliseconds: Any) -> datetime | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
