"""What every endpoint of the simulated API has in common: token, scopes, limits, journal.

Rate limits count on the wall clock, in windows shared by all processes: per category and second for
the account, 100 changes a day for each host.
"""

import base64
import functools
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import flask

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import scenarios
from ffapp.providers.zoom.simulator.answers import ZoomError, json_answer, root, tracking_id
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

# plan → category → (requests a second, requests a day or None)
PLANS: dict[str, dict[str, tuple[int, int | None]]] = {
    "free": {"Light": (4, 6000), "Medium": (2, 2000), "Heavy": (1, 1000)},
    "pro": {"Light": (30, None), "Medium": (20, None), "Heavy": (10, 30_000)},
    "business": {"Light": (80, None), "Medium": (60, None), "Heavy": (40, 60_000)},
}


def spend(category: str) -> None:
    """Count one request; raises ZoomError 429 when the second's or the day's are used up."""
    a_second, a_day = PLANS[scenarios.read("plan")][category]
    now = clock.wall()
    used = store.count(PROVIDER, category, f"{now:%Y-%m-%dT%H:%M:%S}")
    flask.g.limits = {
        "X-RateLimit-Category": category,
        "X-RateLimit-Limit": str(a_second),
        "X-RateLimit-Remaining": str(max(0, a_second - used)),
    }
    if used > a_second:
        raise too_fast()
    if a_day is not None and store.count(PROVIDER, category, f"{now:%Y-%m-%d}") > a_day:
        tomorrow = f"{now + timedelta(days=1):%Y-%m-%dT00:00:00Z}"
        raise ZoomError(
            429,
            429,
            "You have reached the maximum daily rate limit for this API. Refer to the response "
            "header for details on when you can make another request.",
            headers={"X-RateLimit-Type": "Daily-limit", "Retry-After": tomorrow},
        )


def spend_change(host_id: str) -> None:
    """Count one create or update of the host; raises ZoomError 429 from the 101st of the UTC day.

    The headers then still show what is left of the category, and there is no Retry-After.
    """
    day = f"{clock.wall():%Y-%m-%d}"
    if store.count(PROVIDER, f"changes of {host_id}", day) > wire.CHANGES_PER_HOST_AND_DAY:
        raise used_up()


def used_up() -> ZoomError:
    return ZoomError(
        429,
        429,
        f"You have exceeded the daily rate limit ({wire.CHANGES_PER_HOST_AND_DAY}) of Meeting "
        "Create/Update API requests permitted for this particular user. You may resume these "
        "requests at GMT 00:00:00.",
    )


def too_fast() -> ZoomError:
    return ZoomError(
        429,
        429,
        "You have reached the maximum per-second rate limit for this API. Try again later.",
        headers={"X-RateLimit-Type": "QPS"},
    )


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
    trapped = grant == "client_credentials" and scenarios.read("client_credentials")
    if grant != "account_credentials" and not trapped:
        return _refused("unsupported grant type", "unsupported_grant_type")
    if not trapped and asked.get("account_id") != ZoomSettings.current().account_id:
        return _refused("Bad Request", "invalid_request")  # unconfirmed: the body
    return json_answer(_issue(trapped=trapped))


def _issue(*, trapped: bool) -> Data:
    expires_in = scenarios.read("expires_in")
    scopes = scenarios.read("scopes")
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
    if not scenarios.read("single_active_token"):
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


View = Callable[..., flask.Response]


def endpoint(act: str, *, category: str, scope: str, classic: str) -> Callable[[View], View]:
    """A view of the API: `act` is its name in the journal, `category` that of its rate limit.

    The caller's token must hold `scope` (with or without `:admin`) or `classic`, the scope of apps
    made before 2024.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(**ids: Any) -> flask.Response:
            flask.g.act = act
            flask.g.scope = scope
            if flask.request.method in {"POST", "PATCH"}:
                flask.g.effect_id = wire.effect_id_of(str(body_or_empty().get("agenda", "")))
            granted = scopes_of_caller()
            spend(category)
            if not granted & {scope, f"{scope}:admin", classic}:
                raise lacks_scope(scope)
            return view(**{name: _once_more(value) for name, value in ids.items()})

        return guarded

    return decorate


def lacks_scope(scope: str) -> ZoomError:
    scopes = f"{scope}, {scope}:admin"
    message = f"Invalid access token, does not contain scopes:[{scopes}]."
    return ZoomError(400, 4711, message, scopes=scopes)


def body() -> Data:
    """The JSON object of the request; nothing at all counts as an empty one. Raises ZoomError."""
    if not flask.request.get_data(cache=True).strip():
        return {}
    found = flask.request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        raise ZoomError(400, 300, "Request Body should be a valid JSON object.")
    return found


def body_or_empty() -> Data:
    try:
        return body()
    except ZoomError:
        return {}


def note(*, recipient: str | None = None, effect_id: str | None = None, **facts: Any) -> None:
    """Add to what the journal will say of this request; None changes nothing."""
    if recipient is not None:
        flask.g.recipient = recipient
    if effect_id is not None:
        flask.g.effect_id = effect_id
    flask.g.facts = {**flask.g.get("facts", {}), **facts}


def keep_journal(response: flask.Response) -> flask.Response:
    """Write the act down, whatever its answer, and give the answer Zoom's headers."""
    response.headers["x-zm-trackingid"] = tracking_id()
    response.headers.extend(flask.g.get("limits", {}))
    if "act" in flask.g:
        store.record(
            PROVIDER,
            flask.g.act,
            status=response.status_code,
            effect_id=flask.g.get("effect_id"),
            recipient=flask.g.get("recipient"),
            **flask.g.get("facts", {}),
        )
    return response


def _once_more(value: Any) -> Any:
    """A UUID in a path is encoded twice; the server has decoded it once. `+` is data in it."""
    return unquote(value).rstrip("/") if isinstance(value, str) else value
