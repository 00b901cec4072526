"""Webhooks as Zoom would post them, signed with the secret of the tests."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from ffapp.core import clock
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.settings import ZoomSettings


def post(
    client: Any,
    body: bytes | dict[str, Any],
    *,
    at: datetime | None = None,
    request_id: str | None = None,
    signature: str | None = None,
) -> Any:
    """Post a body to the door; answers the response."""
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


def started(meeting_id: int, at: datetime, uuid: str = "first==") -> dict[str, Any]:
    return _meeting("meeting.started", meeting_id, uuid, start_time=wire.instant(at))


def ended(meeting_id: int, at: datetime, until: datetime, uuid: str = "first==") -> dict[str, Any]:
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
    meeting_id: int, at: datetime, until: datetime, uuid: str = "first==", file_id: str = "f-1"
) -> dict[str, Any]:
    start, end = wire.instant(at), wire.instant(until)
    file = {
        "id": file_id,
        "meeting_id": uuid,
        "recording_start": start,
        "recording_end": end,
        "file_type": "MP4",
        "file_extension": "MP4",
        "file_size": 360943,
        "play_url": f"https://us06web.zoom.us/rec/play/{file_id}",
        "download_url": f"https://us06web.zoom.us/rec/download/{file_id}",
        "status": "completed",
        "recording_type": "shared_screen_with_speaker_view",
    }
    about = {
        "uuid": uuid,
        "id": meeting_id,
        "start_time": start,
        "duration": int((until - at).total_seconds() // 60),
        "recording_files": [file],
        "password": "7h*Kq2xZ",
        "recording_play_passcode": "yNYIS408EJygs7rE5vVsJwXIz4",
    }
    return _envelope("recording.completed", about) | {"download_token": "token"}


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
        "uuid": who.get("uuid", "first=="),
        "participant": participant,
        "id": str(meeting_id),
        "host_id": who.get("host_id", "H"),
    }
    return _envelope(f"meeting.participant_{what}", about)


def _envelope(event: str, about: dict[str, Any]) -> dict[str, Any]:
    payload = {"account_id": "A", "object": about}
    return {"event": event, "event_ts": int(clock.now().timestamp() * 1000), "payload": payload}
