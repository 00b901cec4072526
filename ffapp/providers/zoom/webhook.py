"""What Zoom tells us by itself: is it really Zoom, and what does it say.

Order is not guaranteed, posts come twice or late, and the same meeting's id is a number in one
event and a string in the next.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from ffapp.core import clock
from ffapp.providers.kit.webhooks import NotSigned, Post, json_of, object_of
from ffapp.providers.zoom import wire, wire_events
from ffapp.providers.zoom.settings import ZoomSettings

TIMESTAMP = "x-zm-request-timestamp"
SIGNATURE = "x-zm-signature"
REQUEST_ID = "x-zm-request-id"
URL_VALIDATION = "endpoint.url_validation"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class WebhookEvent:
    """One event by Zoom's own name for it, or `unknown` when the post cannot be read.

    `at` is when Zoom sent it, `start_time` and `end_time` are those of the held meeting (`uuid`),
    all aware UTC. `file_ids` are the recording files it lists, `batch` the recordings of many
    meetings. Of a change `operator` is who made it, as Zoom names them, and `effect_id` the effect
    of ours that did.
    """

    name: str
    at: datetime | None = None
    meeting_id: int | None = None
    uuid: str = ""
    host_id: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    participant: wire_events.Participant | None = None
    file_ids: tuple[str, ...] = ()
    batch: tuple[wire_events.Batch, ...] = ()
    operator: str = ""
    effect_id: str | None = None


def verify(settings: ZoomSettings, post: Post) -> None:
    """Raise NotSigned unless Zoom signed these bytes within the last 300 seconds."""
    age = clock.wall() - post.signed_at(TIMESTAMP)
    secret, given = settings.webhook_secret, post.require(SIGNATURE)
    if abs(age) > timedelta(seconds=wire.SIGNATURE_WINDOW_SECONDS):
        raise NotSigned(f"The post was signed {round(age.total_seconds())} seconds ago.")
    expected = wire.signature(secret, post.header(TIMESTAMP), post.body)
    if not (secret and hmac.compare_digest(expected.encode(), given.encode())):
        raise NotSigned("The signature is not one of ours.")


def validation_answer(settings: ZoomSettings, post: Post) -> dict[str, str] | None:
    """The JSON to answer at once (HTTP 200, within 3 seconds) when Zoom validates the URL."""
    body = object_of(json_of(post.body))
    if body.get("event") != URL_VALIDATION or not isinstance(body.get("payload"), dict):
        return None
    plain = str(body["payload"].get("plainToken", ""))
    encrypted = wire.encrypted_token(settings.webhook_secret, plain)
    return {"plainToken": plain, "encryptedToken": encrypted}


def dedupe_key(post: Post) -> str:
    """The same for each try of one event: a digest of what Zoom has signed.

    Nothing proves its request id: that only tells two events of the same bytes apart, and can make
    no other event look like one that was here.
    """
    return f"{post.digest}:{post.header(REQUEST_ID)[:100]}"


def parse(raw_body: bytes) -> WebhookEvent:
    """The event in a post; whatever cannot be understood is an `unknown` one, never an error."""
    try:
        post = wire_events.Envelope.model_validate(object_of(json_of(raw_body)))
    except ValidationError:
        return WebhookEvent(UNKNOWN)
    payload, about = post.payload, post.payload.object
    return WebhookEvent(
        name=post.event,
        at=post.at,
        meeting_id=about.id,
        uuid=about.uuid,
        host_id=about.host_id,
        start_time=about.start_time,
        end_time=about.end_time,
        participant=about.participant,
        file_ids=tuple(each.id for each in about.recording_files),
        batch=about.batch,
        operator=payload.operator,
        effect_id=payload.effect_id,
    )
