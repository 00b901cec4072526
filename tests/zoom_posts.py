"""Webhooks as Zoom would post them, signed with the secret of the tests."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import state

OPERATOR = "educator@futurefounders.example"  # who changes something inside Zoom


def post(
    client: Any,
    body: bytes | dict[str, Any],
    *,
    at: datetime | None = None,
    request_id: str | None = None,
    signature: str | None = None,
) -> Any:
    """Post a body to the webhook route; answers the response."""
    posted = body if isinstance(body, bytes) else raw(body)
    timestamp = str(int((at or clock.wall()).timestamp()))
    headers = {
        "x-zm-request-timestamp": timestamp,
        "x-zm-signature": signature
        or wire.signature(ZoomSettings.current().webhook_secret, timestamp, posted),
        "x-zm-request-id": request_id or uuid4().hex,
    }
    return client.post(
        "/hooks/zoom", data=posted, headers=headers, content_type="application/json", csrf=False
    )


def raw(body: dict[str, Any]) -> bytes:
    """The body as it is posted."""
    return json.dumps(body).encode()


def started(meeting_id: int, at: datetime, uuid: str = "firstQ==") -> dict[str, Any]:
    return _meeting("meeting.started", meeting_id, uuid, start_time=wire.instant(at))


def ended(meeting_id: int, at: datetime, until: datetime, uuid: str = "firstQ==") -> dict[str, Any]:
    times = {"start_time": wire.instant(at), "end_time": wire.instant(until)}
    return _meeting("meeting.ended", meeting_id, uuid, **times)


def joined(meeting_id: int, at: datetime, user_id: str = "16778240", **who: str) -> dict[str, Any]:
    """Somebody came in; `who` may be name, email, zoom_id, registrant_id, and uuid, host_id."""
    return _participant("joined", meeting_id, user_id, who, join_time=wire.instant(at))


def left(meeting_id: int, at: datetime, user_id: str = "16778240", **who: str) -> dict[str, Any]:
    """They went; Zoom does not say any more when they came."""
    reason = "left the meeting. Reason : left the meeting"
    return _participant(
        "left", meeting_id, user_id, who, leave_time=wire.instant(at), leave_reason=reason
    )


def recorded(
    meeting_id: int, at: datetime, until: datetime, uuid: str = "firstQ=="
) -> dict[str, Any]:
    """Zoom has recorded a part of a held meeting, and keeps it: the post that tells of it."""
    part = {"start": wire.instant(at), "end": wire.instant(until)}
    meeting = state.meeting(meeting_id) or {}
    instance = state.instance(uuid) or {
        "uuid": uuid,
        "meeting_id": meeting_id,
        "number": 1,
        "host_id": meeting.get("host_id", "H"),
        "host_email": meeting.get("host_email", "host@futurefounders.example"),
        "topic": "T",
        "type": 2,
        "timezone": "UTC",
        "segments": [],
        "transcript_at": None,
        "trash_state": "kept",
        "trashed_files": [],
        "deleted_files": [],
    }
    parts = sorted([*instance["segments"], part], key=lambda each: each["start"])
    times = {"start_time": parts[0]["start"], "end_time": parts[-1]["end"]}
    instance |= {**times, "segments": parts, "ready_at": parts[-1]["end"]}
    store.put("zoom", "instance", uuid, instance)
    return _envelope("recording.completed", {"uuid": uuid, "id": meeting_id, "recording_files": []})


def deleted(meeting_id: int, event: str = "meeting.deleted") -> dict[str, Any]:
    """A meeting was deleted, `meeting.permanently_deleted` or `meeting.recovered`."""
    about = {"uuid": "x==", "id": meeting_id, "host_id": "H", "topic": "T", "type": 2}
    return _envelope(event, about, operator=OPERATOR, operation="single")


def moved_files(
    what: str, meeting_id: int, file_ids: Sequence[str], uuid: str = "firstQ=="
) -> dict[str, Any]:
    """Files of a recording were `trashed`, `deleted` or `recovered`."""
    now = wire.instant(clock.now())
    times = {"recording_start": now, "recording_end": now}
    facts = {"meeting_id": uuid, "file_type": "MP4", "status": "completed", **times}
    files = [
        {"id": each, "play_url": f"https://zoom.us/rec/play/{each}", **facts} for each in file_ids
    ]
    about = {"uuid": uuid, "id": meeting_id, "start_time": now, "recording_files": files}
    return _envelope(f"recording.{what}", about, operator=OPERATOR)


def _meeting(event: str, meeting_id: int, uuid: str, **times: str) -> dict[str, Any]:
    # In these events Zoom writes the id as a string.
    return _envelope(event, {"id": str(meeting_id), "uuid": uuid, "topic": "T", **times})


def _participant(
    what: str, meeting_id: int, user_id: str, who: dict[str, str], **more: str
) -> dict[str, Any]:
    participant = {
        "user_id": user_id,
        "user_name": who.get("name", "Asha"),
        "participant_user_id": who.get("zoom_id", ""),
        "id": who.get("zoom_id", ""),
        "email": who.get("email", ""),
        "participant_uuid": f"UUID-{user_id}",
        "registrant_id": who.get("registrant_id", ""),
        **more,
    }
    about = {
        "uuid": who.get("uuid", "firstQ=="),
        "participant": participant,
        "id": str(meeting_id),
        "host_id": who.get("host_id", "H"),
    }
    return _envelope(f"meeting.participant_{what}", about)


def _envelope(event: str, about: dict[str, Any], **more: str) -> dict[str, Any]:
    payload = {"account_id": "A", "object": about, **more}
    return {"event": event, "event_ts": int(clock.now().timestamp() * 1000), "payload": payload}
