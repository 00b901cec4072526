"""What Zoom tells us by itself: is it really Zoom, and what does it say.

Order is not guaranteed, posts come twice or late, and the same meeting's id is a number in one
event and a string in the next.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from ffapp.core import clock
from ffapp.providers.kit.webhooks import NotSigned, Post, json_of, object_of
from ffapp.providers.zoom import wire, wire_events
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.wire_events import Batch, Batched, Changed

TIMESTAMP = "x-zm-request-timestamp"
SIGNATURE = "x-zm-signature"
REQUEST_ID = "x-zm-request-id"
URL_VALIDATION = "endpoint.url_validation"
UNKNOWN = "unknown"

# What somebody did by hand at Zoom, or we did; the post names who.
CHANGES = frozenset(
    {
        "meeting.updated",
        "meeting.deleted",
        "meeting.permanently_deleted",
        "meeting.recovered",
        "recording.trashed",
        "recording.deleted",
        "recording.recovered",
        "recording.batch_trashed",
        "recording.batch_deleted",
        "recording.batch_recovered",
    }
)
EVENTS = CHANGES | {
    URL_VALIDATION,
    "meeting.created",
    "meeting.started",
    "meeting.ended",
    "meeting.participant_joined",
    "meeting.participant_left",
    "recording.started",
    "recording.paused",
    "recording.resumed",
    "recording.stopped",
    "recording.completed",
    "recording.transcript_completed",
    "recording.renamed",
}


@dataclass(frozen=True)
class WebhookEvent:
    """One event. `name` is one of EVENTS, or `unknown` with Zoom's own word in `wire_name`.

    `at` is when Zoom sent it, `start_time` and `end_time` are those of the held meeting (`uuid`),
    all aware UTC. `recordings` is set when the event lists files, `changed` when it is one of
    CHANGES, `batch` when it is about the recordings of many meetings.
    """

    name: str
    wire_name: str = ""
    at: datetime | None = None
    meeting_id: int | None = None
    uuid: str = ""
    host_id: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None
    participant: wire_events.Participant | None = None
    recordings: wire.MeetingRecordings | None = None
    changed: Changed | None = None
    batch: tuple[Batch, ...] = ()

    @property
    def operator(self) -> str:
        """Who changed it there, as Zoom names them; empty when it does not say."""
        return self.changed.operator if self.changed else ""


def verify(settings: ZoomSettings, post: Post) -> None:
    """Raise NotSigned unless Zoom signed these bytes within the last 300 seconds."""
    secret, given = settings.webhook_secret, post.header(SIGNATURE)
    age = clock.wall() - post.signed_at(TIMESTAMP)
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
    """The same for each try of one event: Zoom's request id, or else a digest of the body."""
    return post.header(REQUEST_ID) or post.digest


def parse(raw_body: bytes) -> WebhookEvent:
    """The event in a post; whatever cannot be understood is an `unknown` one, never an error."""
    body = object_of(json_of(raw_body))
    wire_name = str(body.get("event", ""))
    try:
        envelope = wire_events.Envelope.model_validate(body)
        recordings = _recordings(body)
        changed = (
            Changed.model_validate(body.get("payload") or {}) if wire_name in CHANGES else None
        )
        batch = _batch(wire_name, body)
    except ValidationError:
        return WebhookEvent(UNKNOWN, wire_name)
    about = envelope.payload.object
    return WebhookEvent(
        name=wire_name if wire_name in EVENTS else UNKNOWN,
        wire_name=wire_name,
        at=envelope.at,
        meeting_id=about.id,
        uuid=about.uuid,
        host_id=about.host_id,
        start_time=about.start_time,
        end_time=about.end_time,
        participant=about.participant,
        recordings=recordings,
        changed=changed,
        batch=batch,
    )


def _recordings(body: dict[str, Any]) -> wire.MeetingRecordings | None:
    about = (body.get("payload") or {}).get("object") or {}
    if "recording_files" not in about:
        return None
    return wire.MeetingRecordings.model_validate(about)


def _batch(wire_name: str, body: dict[str, Any]) -> tuple[Batch, ...]:
    if not wire_name.startswith("recording.batch_"):
        return ()
    return Batched.model_validate((body.get("payload") or {}).get("object") or {}).recordings
