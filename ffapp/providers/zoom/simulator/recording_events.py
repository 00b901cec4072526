"""The events about recordings that Zoom posts, with its keys in its order."""

from ffapp.providers.zoom.simulator import callbacks
from ffapp.providers.zoom.simulator.downloads import token
from ffapp.providers.zoom.simulator.events import account, event_first, operator
from ffapp.providers.zoom.simulator.state import Data


def started(instance: Data, segment: Data) -> None:
    _of_recording("recording.started", instance, {**segment, "end": ""})


def stopped(instance: Data, segment: Data) -> None:
    _of_recording("recording.stopped", instance, segment)


def completed(event: str, recordings: Data, after_seconds: float) -> None:
    """`recording.completed` or, later and for itself, `recording.transcript_completed`.

    `recordings` is the whole object; the post follows when Zoom will have processed it.
    """
    body = {
        "payload": {"account_id": account(), "object": recordings},
        "event_ts": callbacks.milliseconds(after_seconds),
        "event": event,
        "download_token": token(recordings["uuid"]),
    }
    callbacks.post(event, body, after_seconds=after_seconds)


def changed(event: str, instance: Data, recordings: Data) -> None:
    """`recording.trashed`, `.deleted` or `.recovered`; deleted ones come without a token."""
    body: Data = {
        "event": event,
        "payload": {**operator(instance), "object": recordings},
        "event_ts": callbacks.milliseconds(),
    }
    if event != "recording.deleted":
        body["download_token"] = token(instance["uuid"])
    callbacks.post(event, body)


def _of_recording(event: str, instance: Data, segment: Data) -> None:
    about = {
        "uuid": instance["uuid"],
        "id": instance["meeting_id"],
        "host_id": instance["host_id"],
        "topic": instance["topic"],
        "type": instance["type"],
        "start_time": instance["start_time"],
        "timezone": instance["timezone"],
        "duration": instance["duration"],
        "recording_file": {
            "recording_start": segment["start"],
            "recording_end": segment["end"],
        },
    }
    event_first(event, {"account_id": account(), "object": about})
