"""Posts about what somebody changed inside Zoom, as Zoom would send them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ffapp.core import clock
from ffapp.providers.zoom import wire

OPERATOR = "educator@futurefounders.example"


def updated(
    meeting_id: int,
    new: dict[str, Any],
    old: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    """Parts of a meeting were changed at that instant; instants among them are spelt out."""
    payload = {
        "scope": "single",
        "time_stamp": _milliseconds(at),
        "object": {"id": meeting_id, **_spelt(new)},
        "old_object": {"id": meeting_id, **_spelt(old or dict.fromkeys(new))},
    }
    return _post("meeting.updated", payload)


def deleted(
    meeting_id: int, at: datetime | None = None, event: str = "meeting.deleted", **more: Any
) -> dict[str, Any]:
    """It was deleted, `meeting.permanently_deleted` or `meeting.recovered`."""
    about = {"uuid": "x==", "id": meeting_id, "host_id": "H", "topic": "T", "type": 2, **more}
    return _post(event, {"operation": "single", "object": about}, at)


def moved_files(
    what: str,
    meeting_id: int,
    file_ids: Sequence[str],
    at: datetime | None = None,
    uuid: str = "firstQ==",
) -> dict[str, Any]:
    """`trashed`, `deleted` or `recovered`."""
    began = wire.instant(clock.now())
    files = [
        {
            "id": each,
            "meeting_id": uuid,
            "recording_start": began,
            "recording_end": began,
            "file_type": "MP4",
            "status": "completed",
            "play_url": f"https://us06web.zoom.us/rec/play/{each}",
        }
        for each in file_ids
    ]
    about = {"uuid": uuid, "id": meeting_id, "start_time": began, "recording_files": files}
    return _post(f"recording.{what}", {"object": about}, at)


def _post(event: str, payload: dict[str, Any], at: datetime | None = None) -> dict[str, Any]:
    operator = {"account_id": "A", "operator": OPERATOR, "operator_id": "H"}
    return {"event": event, "event_ts": _milliseconds(at), "payload": {**operator, **payload}}


def _milliseconds(at: datetime | None) -> int:
    return int((at or clock.now()).timestamp() * 1000)


def _spelt(parts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: wire.instant(value) if isinstance(value, datetime) else value
        for name, value in parts.items()
    }
