"""What AiSensy tells us by itself: is it from AiSensy, have we had it, what does it say.

Posts come at least once, in any order, and a lost one is tried only once more. What a person writes
comes twice, as two topics; `dedupe_key` is the same for both.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.failures import sentence_of
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.kit.webhooks import (
    NotSigned,
    Post,
    instant_of,
    json_of,
    object_of,
    text_of,
)


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
    for people.
    """

    kind: WhatsAppEventKind
    topic: str = ""
    submitted_message_id: str = ""
    phone: str = ""
    at: datetime | None = None
    failure_code: str = ""
    reason: str = ""
    text: str = ""


def verify(settings: AiSensySettings, post: Post) -> None:
    """Raise NotSigned, with the reason, unless AiSensy signed this body for our project.

    The scheme has no timestamp: a post that is sent again is known by `dedupe_key`.
    """
    if not settings.webhook_secret or not settings.project_id:
        raise NotSigned("AISENSY_WEBHOOK_SECRET is not set, so no post can be proved")
    given = post.require(wire.SIGNATURE)
    if post.require(wire.PROJECT_ID) != settings.project_id:
        raise NotSigned("it is for another project")
    # AiSensy's own sample signs the JSON as it would write it, not the bytes that it posts.
    for body in (post.body, _rewritten(post.body)):
        expected = wire.signature(settings.webhook_secret, body)
        if hmac.compare_digest(expected.encode(), given.encode()):
            return
    raise NotSigned("the signature does not cover this body under our secret")


def dedupe_key(post: Post) -> str:
    """The same for each try of one event: its id, or else a digest of the body.

    What somebody wrote to us is posted under two topics with an id each; the message has one.
    """
    body = object_of(json_of(post.body))
    message = object_of(object_of(body.get("data")).get("message"))
    if _kind(text_of(body, "topic"), message) is WhatsAppEventKind.INBOUND and (
        written := text_of(message, "id") or text_of(message, "messageId")
    ):
        return f"inbound:{written}"[:LONGEST_ID]
    given = text_of(body, "id")
    return given if 0 < len(given) <= LONGEST_ID else post.digest


def parse(raw_body: bytes) -> WhatsAppEvent:
    """The event in a post. Never fails: what is not understood is UNKNOWN."""
    body = object_of(json_of(raw_body))
    message = object_of(object_of(body.get("data")).get("message"))
    topic = text_of(body, "topic")
    kind = _kind(topic, message)
    failure = object_of(message.get("failureResponse"))
    code = text_of(failure, "code")
    failed = kind is WhatsAppEventKind.FAILED
    return WhatsAppEvent(
        kind=kind,
        topic=topic,
        submitted_message_id=text_of(message, "submitted_message_id"),
        phone=re.sub(r"[^0-9]", "", text_of(message, "phone_number")),
        at=instant_of(message.get(f"{kind}_at"), 1000) or instant_of(body.get("created_at"), 1000),
        failure_code=code if failed else "",
        reason=sentence_of(code, text_of(failure, "reason")) if failed else "",
        text=text_of(object_of(message.get("message_content")), "text"),
    )


def _kind(topic: str, message: dict[str, Any]) -> WhatsAppEventKind:
    if topic == wire.STATUS_UPDATED:
        return STATUSES.get(text_of(message, "status"), WhatsAppEventKind.UNKNOWN)
    if topic in MESSAGE_TOPICS and message:
        if text_of(message, "sender") == wire.USER:
            return WhatsAppEventKind.INBOUND
        if text_of(message, "submitted_message_id"):
            return WhatsAppEventKind.ACCEPTED
    return WhatsAppEventKind.UNKNOWN


def _rewritten(raw_body: bytes) -> bytes:
    body = json_of(raw_body)
    try:
        return raw_body if body is None else wire.compact(body)
    except ValueError:  # half a letter
        return raw_body
