"""The events that Zoom posts, with its keys in its order."""

from typing import Any

from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import webhooks
from ffapp.providers.zoom.simulator.recording_pages import token
from ffapp.providers.zoom.simulator.state import Data

ADDRESS, PRIVATE_ADDRESS = "203.0.113.1", "10.0.0.7"


def account() -> str:
    """The account id that every event names."""
    return ZoomSettings.current().account_id


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
    event_first("meeting.created", {**operator(meeting), "object": about})


def meeting_updated(old: Data, new: Data) -> None:
    """`new` holds the changed fields only, and so do the two objects."""
    payload = {
        **operator(old),
        "scope": "single",
        "time_stamp": webhooks.milliseconds(),
        "object": {"id": old["id"], **new},
        "old_object": {"id": old["id"], **{name: old.get(name) for name in new}},
    }
    event_first("meeting.updated", payload)


def meeting_deleted(event: str, meeting: Data) -> None:
    """`meeting.deleted`, `.permanently_deleted` or `.recovered`: they have the same shape."""
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
    event_first(event, {**operator(meeting), "operation": "single", "object": about})


def meeting_started(instance: Data) -> None:
    event_first("meeting.started", {"account_id": account(), "object": _running(instance)})


def meeting_ended(instance: Data) -> None:
    about = _running(instance, end_time=instance["end_time"])
    event_first("meeting.ended", {"account_id": account(), "object": about})


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
            # unconfirmed: its place, and that it is left out for whoever is not registered
            **({"registrant_id": person["registrant_id"]} if person["registrant_id"] else {}),
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
            "registrant_id": person["registrant_id"],
        },
    )


def operator(thing: Data) -> Data:
    """The account and who did it: always the host here."""
    return {
        "account_id": account(),
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
        "payload": {"account_id": account(), "object": about},
        "event_ts": webhooks.milliseconds(),
        "event": event,
    }
    webhooks.post(event, body)


def event_first(event: str, payload: Data) -> None:
    """Post an event whose body begins with its name."""
    body = {"event": event, "payload": payload, "event_ts": webhooks.milliseconds()}
    webhooks.post(event, body)


def recording_started(instance: Data, segment: Data) -> None:
    _of_recording("recording.started", instance, {**segment, "end": ""})


def recording_stopped(instance: Data, segment: Data) -> None:
    _of_recording("recording.stopped", instance, segment)


def recording_completed(event: str, recordings: Data, after_seconds: float) -> None:
    """`recording.completed` or, later and for itself, `recording.transcript_completed`.

    `recordings` is the whole object; the post follows when Zoom will have processed it.
    """
    body = {
        "payload": {"account_id": account(), "object": recordings},
        "event_ts": webhooks.milliseconds(after_seconds),
        "event": event,
        "download_token": token(recordings["uuid"]),
    }
    webhooks.post(event, body, after_seconds=after_seconds)


def recording_changed(event: str, instance: Data, recordings: Data) -> None:
    """`recording.trashed`, `.deleted` or `.recovered`; deleted ones come without a token."""
    body: Data = {
        "event": event,
        "payload": {**operator(instance), "object": recordings},
        "event_ts": webhooks.milliseconds(),
    }
    if event != "recording.deleted":
        body["download_token"] = token(instance["uuid"])
    webhooks.post(event, body)


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
