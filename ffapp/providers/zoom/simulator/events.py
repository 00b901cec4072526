"""The events that Zoom posts, with its keys in its order; how they are written and delivered."""

import json
import re
import secrets
import uuid
from datetime import timedelta
from typing import Any

from ffapp.core import clock
from ffapp.core.config import Settings
from ffapp.providers.simulating import callbacks
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator.answers import tracking_id
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

ADDRESS, PRIVATE_ADDRESS = "203.0.113.1", "10.0.0.7"
PATH = "/hooks/zoom"
TIMEOUT_SECONDS = 3
RETRY_SECONDS = (5 * 60, 20 * 60, 60 * 60)  # each after the try before it

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def delivery_policy(settings: Settings) -> callbacks.DeliveryPolicy:
    """How Zoom delivers: 3 s, then again only when our server failed or could not be reached."""
    secret = settings.of(ZoomSettings).webhook_secret

    def sign(body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.wall().timestamp()))
        return {
            "x-zm-request-timestamp": timestamp,
            "x-zm-signature": wire.signature(secret, timestamp, body),
        }

    return callbacks.DeliveryPolicy(
        sign, TIMEOUT_SECONDS, RETRY_SECONDS, retries=lambda status: status >= 500
    )


def meeting_created(meeting: Data, join_url: str) -> None:
    options = ("use_pmi", "join_before_host")
    about = {
        **_of(meeting, "id type uuid topic host_id duration"),
        "join_url": join_url,
        "password": meeting["password"],
        "settings": {name: meeting["settings"][name] for name in options},
        **_of(meeting, "timezone start_time"),
    }
    _post_event_first("meeting.created", {**_operator(meeting), "object": about})


def meeting_updated(old: Data, new: Data) -> None:
    """`new` holds the changed fields only, and so do the two objects."""
    payload = {
        **_operator(old),
        "scope": "single",
        "time_stamp": _milliseconds(),
        "object": {"id": old["id"], **new},
        "old_object": {"id": old["id"], **{name: old.get(name) for name in new}},
    }
    _post_event_first("meeting.updated", payload)


def meeting_deleted(event: str, meeting: Data) -> None:
    """`meeting.deleted`, `.permanently_deleted` or `.recovered`: they have the same shape."""
    about = _of(meeting, "uuid id host_id topic type start_time duration timezone")
    _post_event_first(event, {**_operator(meeting), "operation": "single", "object": about})


def meeting_started(instance: Data) -> None:
    _post_event_first("meeting.started", {"account_id": _account(), "object": _running(instance)})


def meeting_ended(instance: Data) -> None:
    about = _running(instance, end_time=instance["end_time"])
    _post_event_first("meeting.ended", {"account_id": _account(), "object": about})


def _running(instance: Data, **end: Any) -> Data:
    """`start_time` is when it really began, `duration` the scheduled minutes."""
    return {
        **_of(instance, "duration start_time timezone"),
        **end,
        "topic": instance["topic"],
        "id": str(instance["meeting_id"]),
        **_of(instance, "type uuid host_id host_email"),
    }


def participant_joined(instance: Data, person: Data) -> None:
    _post_of_participant(
        "meeting.participant_joined",
        instance,
        {
            "customer_key": "",
            "public_ip": ADDRESS,
            **_identity(person),
            "join_time": person["join_time"],
            **_of(person, "email participant_uuid"),
            # unconfirmed: its place, and that it is left out for people without registration
            **({"registrant_id": person["registrant_id"]} if person["registrant_id"] else {}),
        },
    )


def participant_left(instance: Data, person: Data, reason: str) -> None:
    # unconfirmed: the order of the keys
    _post_of_participant(
        "meeting.participant_left",
        instance,
        {
            "leave_time": person["leave_time"],
            "customer_key": "",
            "leave_reason": f"left the meeting. Reason : {reason}",
            "public_ip": ADDRESS,
            "private_ip": PRIVATE_ADDRESS,
            **_identity(person),
            **_of(person, "email participant_uuid registrant_id"),
        },
    )


def _identity(person: Data) -> Data:
    return {
        "user_id": person["user_id"],
        "user_name": person["name"],
        "participant_user_id": person["id"],
        "id": person["id"],
    }


def _post_of_participant(event: str, instance: Data, participant: Data) -> None:
    about = {
        "uuid": instance["uuid"],
        "participant": participant,
        "id": str(instance["meeting_id"]),
        **_of(instance, "type topic host_id duration start_time timezone"),
    }
    payload = {"account_id": _account(), "object": about}
    _post(event, {"payload": payload, "event_ts": _milliseconds(), "event": event})


def recording_switched(event: str, instance: Data, segment: Data) -> None:
    """`recording.started` or `.stopped`."""
    about = {
        "uuid": instance["uuid"],
        "id": instance["meeting_id"],
        **_of(instance, "host_id topic type start_time timezone duration"),
        "recording_file": {
            "recording_start": segment["start"],
            "recording_end": segment["end"] or "",
        },
    }
    _post_event_first(event, {"account_id": _account(), "object": about})


def recording_completed(event: str, recordings: Data, after_seconds: float) -> None:
    """`recording.completed` or, later and for itself, `recording.transcript_completed`.

    `recordings` is the whole object; the post follows when Zoom will have processed it.
    """
    body = {
        "payload": {"account_id": _account(), "object": recordings},
        "event_ts": _milliseconds(after_seconds),
        "event": event,
        "download_token": secrets.token_urlsafe(40),
    }
    _post(event, body, after_seconds=after_seconds)


def recording_changed(event: str, instance: Data, recordings: Data) -> None:
    """`recording.trashed`, `.deleted` or `.recovered`; deleted ones come without a token."""
    body: Data = {
        "event": event,
        "payload": {**_operator(instance), "object": recordings},
        "event_ts": _milliseconds(),
    }
    if event != "recording.deleted":
        body["download_token"] = secrets.token_urlsafe(40)
    _post(event, body)


def _of(thing: Data, names: str) -> Data:
    return {name: thing[name] for name in names.split()}


def _account() -> str:
    return ZoomSettings.current().account_id


def _operator(thing: Data) -> Data:
    """The account and who did it: always the host here."""
    return {
        "account_id": _account(),
        "operator": thing["host_email"],
        "operator_id": thing["host_id"],
    }


def _post_event_first(event: str, payload: Data) -> None:
    """Post an event whose body begins with its name."""
    _post(event, {"event": event, "payload": payload, "event_ts": _milliseconds()})


def _post(event: str, body: Data, *, after_seconds: float = 0) -> None:
    callbacks.schedule(
        PROVIDER, event, PATH, dumps(body), headers=_headers(), after_seconds=after_seconds
    )


def _headers() -> dict[str, str]:
    """What is the same at each try; the request id is what a receiver tells duplicates by."""
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Zoom Marketplace/1.0a",
        "x-zm-request-id": str(uuid.uuid4()).replace("-", "_"),
        "x-zm-trackingid": tracking_id(),
        "clientid": ZoomSettings.current().client_id,
    }


def dumps(body: Any) -> bytes:
    """JSON as Zoom writes it: no spaces, UTF-8, but astral characters as two `\\uD83D` escapes."""

    def escaped(found: re.Match[str]) -> str:
        high, low = divmod(ord(found.group()) - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04X}\\u{0xDC00 + low:04X}"

    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _ASTRAL.sub(escaped, text).encode()


def _milliseconds(after_seconds: float = 0) -> int:
    """The business clock as `event_ts` counts it."""
    return int((clock.now() + timedelta(seconds=after_seconds)).timestamp() * 1000)
