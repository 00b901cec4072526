"""`POST /oauth/token`, and what a token is worth at the API."""

import base64
import hmac
import secrets
from datetime import datetime, timedelta

import flask

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import switches
from ffapp.providers.zoom.simulator.answers import ZoomError, json_answer, root
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

blueprint = flask.Blueprint("oauth", __name__)

# Every scope of the endpoints and events here, in the form that apps for a whole account have.
ALL_SCOPES = tuple(
    f"{scope}:admin"
    for scope in (
        "meeting:write:meeting",
        "meeting:read:meeting",
        "meeting:read:list_meetings",
        "meeting:update:meeting",
        "meeting:delete:meeting",
        "meeting:update:status",
        "meeting:update:in_meeting_controls",
        "meeting:read:past_meeting",
        "meeting:read:list_past_instances",
        "meeting:read:list_past_participants",
        "meeting:read:participant",
        "meeting:write:registrant",
        "meeting:write:batch_registrants",
        "meeting:read:list_registrants",
        "meeting:update:registrant_status",
        "user:read:user",
        "cloud_recording:read:list_user_recordings",
        "cloud_recording:read:list_recording_files",
        "cloud_recording:read:recording_settings",
        "cloud_recording:read:recording",
        "cloud_recording:delete:meeting_recording",
        "cloud_recording:delete:recording_file",
        "cloud_recording:update:recover_meeting_recordings",
    )
)


@blueprint.post("/oauth/token")
def token() -> flask.Response:
    """Both spellings are taken: a form, and (libraries still do it) the query string."""
    flask.g.act = "token"
    asked = flask.request.values
    if not _credentials_are_right():
        return _refused("Invalid client_id or client_secret", "invalid_client")
    grant = asked.get("grant_type")
    trapped = grant == "client_credentials" and switches.read("client_credentials")
    if grant != "account_credentials" and not trapped:
        return _refused("unsupported grant type", "unsupported_grant_type")
    if not trapped and asked.get("account_id") != ZoomSettings.current().account_id:
        return _refused("Bad Request", "invalid_request")  # unconfirmed: the body
    return json_answer(_issue(trapped=trapped))


def _issue(*, trapped: bool) -> Data:
    expires_in = switches.read("expires_in")
    scopes = switches.read("scopes")
    scope = " ".join(ALL_SCOPES if scopes is None else scopes)
    text = f"eyJzdiI6IjAwMDAwMSJ9.{secrets.token_urlsafe(40)}.{secrets.token_urlsafe(32)}"
    expires_at = clock.wall() + timedelta(seconds=expires_in)
    data = {"scope": scope, "expires_at": expires_at.isoformat(), "trapped": trapped}
    store.put(PROVIDER, "token", text, data)
    store.put(PROVIDER, "active token", "latest", {"token": text})
    return {
        "access_token": text,
        "token_type": "bearer",
        "expires_in": expires_in,
        "scope": scope,
        "api_url": root().rstrip("/"),
    }


def scopes_of_caller() -> set[str]:
    """The scopes of the request's token; raises ZoomError when it is none of ours or too old.

    A token in the query string is not looked at: Zoom has refused those since 2023.
    """
    kind, _, text = flask.request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text:
        raise ZoomError(401, 124, "Requires an access token.")  # unconfirmed: the punctuation
    found = store.get(PROVIDER, "token", text)
    if found is None or not _is_active(text):
        raise bad_token()
    if datetime.fromisoformat(found["expires_at"]) <= clock.wall():
        raise ZoomError(401, 124, "Access token is expired.")
    if found["trapped"]:
        raise ZoomError(400, 200, "Invalid api key or secret.")
    return set(found["scope"].split())


def bad_token() -> ZoomError:
    return ZoomError(401, 124, "Invalid access token.")


def _is_active(text: str) -> bool:
    if not switches.read("single_active_token"):
        return True
    latest = store.get(PROVIDER, "active token", "latest")
    return latest is None or latest["token"] == text


def _credentials_are_right() -> bool:
    zoom = ZoomSettings.current()
    kind, _, encoded = flask.request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except ValueError:
        return False
    expected = f"{zoom.client_id}:{zoom.client_secret}".encode()
    return kind.lower() == "basic" and hmac.compare_digest(given, expected)


def _refused(reason: str, error: str) -> flask.Response:
    return json_answer({"reason": reason, "error": error}, 400)
