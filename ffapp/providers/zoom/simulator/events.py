"""The events that Zoom posts, with its keys in its order.

The meeting's id is a string in events of a running meeting and a number in the others; the order of
the outermost keys differs by event. Both were seen in real posts.
"""

import secrets
from datetime import timedelta
from typing import Any

from ffapp import clock, config
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import callbacks
from ffapp.providers.zoom.simulator.state import Data

ADDRESS, PRIVATE_ADDRESS = "203.0.113.1", "10.0.0.7"


def _account() -> str:
    return config.current().zoom.account_id


def meeting_created(meeting: Data, join_url: str) -> None:
    settings = meeting["settings"]
    about = {
        "id": meeting["id"],
        "type": meeting["type"],
        "uuid": meeting["uuid"],
        "topic": meeting["topic"],
        "host_id": meeting["host_id"],
        "duration": meeting["duration"],
        "join_url": join_url,
        "password": meeting["password"],
        "settings": {
            "use_pmi": settings["use_pmi"],
            "jbh_time": settings["jbh_time"],
            "join_before_host": settings["join_before_host"],
            "meeting_invitees": settings["meeting_invitees"],
            "alternative_hosts": settings["alternative_hosts"],
        },
        "timezone": meeting["timezone"],
        "start_time": meeting["start_time"],
        "creation_source": "open_api",
    }
    _event_first("meeting.created", {**_operator(meeting), "object": about})


def meeting_updated(old: Data, new: Data) -> None:
    """`new` holds the changed fields only, and so do the two objects."""
    payload = {
        **_operator(old),
        "scope": "single",
        "time_stamp": callbacks.milliseconds(),
        "object": {"id": old["id"], **new},
        "old_object": {"id": old["id"], **{name: old.get(name) for name in new}},
    }
    _event_first("meeting.updated", payload)


def meeting_deleted(meeting: Data) -> None:
    about = {
        name: meeting[name]
        for name in (
            "uuid",
            "id",
            "host_id",
            "topic",
            "type",
            "start_time",
            "duration",
            "timezone",
        )
    }
    _event_first("meeting.deleted", {**_operator(meeting), "operation": "single", "object": about})


def meeting_started(instance: Data) -> None:
    _event_first("meeting.started", {"account_id": _account(), "object": _running(instance)})


def meeting_ended(instance: Data) -> None:
    about = _running(instance, end_time=instance["end_time"])
    _event_first("meeting.ended", {"account_id": _account(), "object": about})


def participant_joined(instance: Data, person: Data) -> None:
    _of_participant(
        "meeting.participant_joined",
        instance,
        {
            "customer_key": "",
            "public_ip": ADDRESS,
            "user_id": person["user_id"],
            "user_name": person["name"],
            "participant_user_id": person["id"],
            "id": person["id"],
            "join_time": person["join_time"],
            "email": person["email"],
            "participant_uuid": person["participant_uuid"],
        },
    )


def participant_left(instance: Data, person: Data, reason: str) -> None:
    # unconfirmed: the order of the keys
    _of_participant(
        "meeting.participant_left",
        instance,
        {
            "leave_time": person["leave_time"],
            "customer_key": "",
            "leave_reason": f"left the meeting. Reason : {reason}",
            "public_ip": ADDRESS,
            "private_ip": PRIVATE_ADDRESS,
            "user_id": person["user_id"],
            "user_name": person["name"],
            "participant_user_id": person["id"],
            "id": person["id"],
            "email": person["email"],
            "participant_uuid": person["participant_uuid"],
            "registrant_id": "",
        },
    )


def recording_started(instance: Data, segment: Data) -> None:
    _of_recording("recording.started", instance, {**segment, "end": ""})


def recording_stopped(instance: Data, segment: Data) -> None:
    _of_recording("recording.stopped", instance, segment)


def recording_completed(recordings: Data, after_seconds: float) -> None:
    """`recordings` is the whole object; the post follows when Zoom will have processed it."""
    body = {
        "payload": {"account_id": _account(), "object": recordings},
        "event_ts": callbacks.milliseconds(after_seconds),
        "event": "recording.completed",
        "download_token": _download_token(),
    }
    callbacks.post("recording.completed", body, after_seconds=after_seconds)


def recording_changed(event: str, instance: Data, recordings: Data) -> None:
    """`recording.trashed`, `.deleted` or `.recovered`; deleted ones come without a token."""
    body: Data = {
        "event": event,
        "payload": {**_operator(instance), "object": recordings},
        "event_ts": callbacks.milliseconds(),
    }
    if event != "recording.deleted":
        body["download_token"] = _download_token()
    callbacks.post(event, body)


def _operator(thing: Data) -> Data:
    return {
        "account_id": _account(),
        "operator": thing["host_email"],
        "operator_id": thing["host_id"],
    }


def _running(instance: Data, **end: Any) -> Data:
    """`start_time` is when it really began, `duration` the scheduled minutes."""
    return {
        "duration": instance["duration"],
        "start_time": instance["start_time"],
        "timezone": instance["timezone"],
        **end,
        "topic": instance["topic"],
        "id": str(instance["meeting_id"]),
        "type": instance["type"],
        "uuid": instance["uuid"],
        "host_id": instance["host_id"],
        "host_email": instance["host_email"],
    }


def _of_participant(event: str, instance: Data, participant: Data) -> None:
    about = {
        "uuid": instance["uuid"],
        "participant": participant,
        "id": str(instance["meeting_id"]),
        "type": instance["type"],
        "topic": instance["topic"],
        "host_id": instance["host_id"],
        "duration": instance["duration"],
        "start_time": instance["start_time"],
        "timezone": instance["timezone"],
    }
    body = {
        "payload": {"account_id": _account(), "object": about},
        "event_ts": callbacks.milliseconds(),
        "event": event,
    }
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
    _event_first(event, {"account_id": _account(), "object": about})


def _event_first(event: str, payload: Data) -> None:
    body = {"event": event, "payload": payload, "event_ts": callbacks.milliseconds()}
    callbacks.post(event, body)


def _download_token() -> str:
    """Looks like Zoom's JWT, which dies after a day."""
    dies_at = wire.instant(clock.now() + timedelta(days=1))
    return f"eyJhbGciOiJIUzUxMiJ9.{secrets.token_urlsafe(60)}.{dies_at[:10].replace('-', '')}"
