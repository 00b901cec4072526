"""The events that Zoom posts, and how it delivers them."""

import json
import secrets
import uuid
from datetime import timedelta
from typing import Any

import httpx

from ffapp.core import clock
from ffapp.core.config import Settings
from ffapp.providers.simulating import callbacks
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import recording_files
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

TIMEOUT_SECONDS = 3
URL_VALIDATION = "endpoint.url_validation"
RETRY_SECONDS = (5 * 60, 20 * 60, 60 * 60)  # each after the try before it


def delivery_policy(settings: Settings) -> callbacks.DeliveryPolicy:
    """How Zoom delivers: 3 s, then again only when our server failed or could not be reached."""
    secret = settings.of(ZoomSettings).webhook_secret

    def sign(body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.wall().timestamp()))
        return {
            "x-zm-request-timestamp": timestamp,
            "x-zm-signature": wire.signature(secret, timestamp, body),
        }

    def accepts(body: bytes, answer: httpx.Response) -> bool:
        """An address is validated by the token that only our secret makes of another."""
        post = json.loads(body)
        if post["event"] != URL_VALIDATION:
            return True
        plain = post["payload"]["plainToken"]
        expected = {"plainToken": plain, "encryptedToken": wire.encrypted_token(secret, plain)}
        try:
            return bool(answer.json() == expected)
        except ValueError:
            return False

    return callbacks.DeliveryPolicy(
        sign, TIMEOUT_SECONDS, RETRY_SECONDS, lambda status: status >= 500, accepts
    )


def validate_address() -> None:
    """`endpoint.url_validation`: at the start, every 72 hours, and when somebody asks for it."""
    _send(URL_VALIDATION, {"plainToken": secrets.token_urlsafe(16)})


def meeting_created(meeting: Data, join_url: str) -> None:
    about = _of(meeting, "id type uuid topic host_id duration password timezone start_time")
    _post("meeting.created", {**about, "join_url": join_url}, **_operator(meeting))


def meeting_updated(old: Data, new: Data) -> None:
    """`new` holds the changed fields only, and so do the two objects."""
    before = {"id": old["id"], **{name: old.get(name) for name in new}}
    facts = {"scope": "single", "old_object": before, **_operator(old)}
    _post("meeting.updated", {"id": old["id"], **new}, **facts)


def meeting_deleted(event: str, meeting: Data) -> None:
    """`meeting.deleted`, `.permanently_deleted` or `.recovered`: they have the same shape."""
    about = _of(meeting, "uuid id host_id topic type start_time duration timezone")
    _post(event, about, operation="single", **_operator(meeting))


def meeting_started(instance: Data) -> None:
    """`start_time` is when it really began, `duration` the scheduled minutes."""
    _post("meeting.started", _running(instance, "host_email"))


def meeting_ended(instance: Data) -> None:
    _post("meeting.ended", _running(instance, "host_email end_time"))


def participant_joined(instance: Data, person: Data) -> None:
    # unconfirmed: that the registrant is left out for people without registration
    registrant = _of(person, "registrant_id") if person["registrant_id"] else {}
    participant = {**_identity(person), **_of(person, "join_time"), **registrant}
    _post("meeting.participant_joined", {**_running(instance), "participant": participant})


def participant_left(instance: Data, person: Data, reason: str) -> None:
    participant = {
        **_identity(person),
        **_of(person, "leave_time registrant_id"),
        "leave_reason": f"left the meeting. Reason : {reason}",
    }
    _post("meeting.participant_left", {**_running(instance), "participant": participant})


def recording_switched(event: str, instance: Data, segment: Data) -> None:
    """`recording.started` or `.stopped`."""
    times = {"recording_start": segment["start"], "recording_end": segment["end"] or ""}
    about = {**_running(instance), "id": instance["meeting_id"], "recording_file": times}
    _post(event, about)


def recording_completed(event: str, recordings: Data, after_seconds: float, token: str) -> None:
    """`recording.completed` or, later and for itself, `recording.transcript_completed`.

    `recordings` is the whole object; the post follows when Zoom will have processed it. `token`
    opens its files.
    """
    _post(event, recordings, after_seconds, token)


def recording_changed(event: str, instance: Data, recordings: Data) -> None:
    """`recording.trashed`, `.deleted` or `.recovered`; what is deleted nobody can download."""
    token = "" if event == "recording.deleted" else recording_files.download_token(instance)
    _post(event, recordings, token=token, **_operator(instance))


def _running(instance: Data, more: str = "") -> Data:
    """A held meeting; its number is a string in these events."""
    names = f"uuid type topic host_id duration start_time timezone {more}"
    return {**_of(instance, names), "id": str(instance["meeting_id"])}


def _identity(person: Data) -> Data:
    return {"user_name": person["name"], **_of(person, "user_id id email participant_uuid")}


def _of(thing: Data, names: str) -> Data:
    return {name: thing[name] for name in names.split()}


def _operator(thing: Data) -> Data:
    """Who did it: always the host here."""
    return {"operator": thing["host_email"], "operator_id": thing["host_id"]}


def _post(event: str, about: Data, after_seconds: float = 0, token: str = "", **facts: Any) -> None:
    """Promise the post in so many seconds; `facts` stand beside the object in the payload."""
    payload = {"account_id": ZoomSettings.current().account_id, **facts, "object": about}
    _send(event, payload, after_seconds, {"download_token": token} if token else {})


def _send(
    event: str, payload: Data, after_seconds: float = 0, beside: dict[str, str] | None = None
) -> None:
    """Promise a post; its request id is the same at each try: a receiver tells duplicates by it."""
    at = clock.now() + timedelta(seconds=after_seconds)
    stamp = int(at.timestamp() * 1000)
    body = {"event": event, "payload": payload, "event_ts": stamp, **(beside or {})}
    headers = {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Zoom Marketplace/1.0a",
        "x-zm-request-id": str(uuid.uuid4()).replace("-", "_"),
    }
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    callbacks.schedule(PROVIDER, event, raw, headers=headers, after_seconds=after_seconds)
