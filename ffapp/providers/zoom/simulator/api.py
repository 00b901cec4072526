"""What every endpoint of the simulated API has in common: token, scopes, journal."""

import functools
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import flask

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.simulating.answers import json_object
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator.answers import ZoomError, json_answer, not_recognized, root
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

blueprint = flask.Blueprint("oauth", __name__)
# Every scope that a token has: those of the events here, and of each endpoint (`endpoint`).
SCOPES = ["meeting:read:participant", "cloud_recording:read:recording"]

UUID = re.compile(r"[A-Za-z0-9+/]{22}==")

View = Callable[..., flask.Response]


def endpoint(act: str, scope: str) -> Callable[[View], View]:
    """A view of the API; `act` is its name in the journal.

    The caller's token must hold `scope`, with or without `:admin`.
    """
    SCOPES.append(scope)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(**ids: Any) -> flask.Response:
            ids = {name: _once_more(value) for name, value in ids.items()}
            if "/" in ids.get("meeting_id", "") and not UUID.fullmatch(ids["meeting_id"]):
                raise not_recognized()  # a path below the meeting that nothing answers
            flask.g.act = act
            flask.g.scope = scope
            if flask.request.method in {"POST", "PATCH"}:
                agenda = (json_object() or {}).get("agenda", "")
                flask.g.effect_id = wire.effect_id_of(str(agenda))
            if not scopes_of_caller() & {scope, f"{scope}:admin"}:
                raise lacks_scope(scope)
            return view(**ids)

        return guarded

    return decorate


@blueprint.post("/oauth/token")
def token() -> flask.Response:
    """Both spellings are taken: a form, and (libraries still do it) the query string."""
    flask.g.act = "token"
    asked = flask.request.values
    if not _credentials_are_right():
        return _refused("Invalid client_id or client_secret", "invalid_client")
    if asked.get("grant_type") != "account_credentials":
        return _refused("unsupported grant type", "unsupported_grant_type")
    if asked.get("account_id") != ZoomSettings.current().account_id:
        return _refused("Bad Request", "invalid_request")  # unconfirmed: the body
    return json_answer(_issue())


def _issue() -> Data:
    expires_in = store.switch(PROVIDER, "expires_in", 3600)
    all_scopes = [f"{each}:admin" for each in SCOPES]
    scope = " ".join(store.switch(PROVIDER, "scopes", all_scopes))
    text = f"eyJzdiI6IjAwMDAwMSJ9.{secrets.token_urlsafe(40)}.{secrets.token_urlsafe(32)}"
    expires_at = clock.wall() + timedelta(seconds=expires_in)
    store.put(PROVIDER, "token", text, {"scope": scope, "expires_at": expires_at.isoformat()})
    store.put(PROVIDER, "active token", "latest", {"token": text})
    return {
        "access_token": text,
        "token_type": "bearer",
        "expires_in": expires_in,
        "scope": scope,
        "api_url": root().rstrip("/"),
    }


def bearer() -> str | None:
    """The token in the request's header."""
    given = flask.request.authorization
    return given.token if given is not None and given.type == "bearer" else None


def scopes_of_caller(text: str | None = None) -> set[str]:
    """The scopes of a token, the request's own where none is given.

    Raises ZoomError when it is none of ours or too old.
    """
    text = text or bearer()
    if not text:
        raise ZoomError(401, 124, "Requires an access token.")  # unconfirmed: the punctuation
    found = store.get(PROVIDER, "token", text)
    if found is None or not _is_active(text):
        raise bad_token()
    if datetime.fromisoformat(found["expires_at"]) <= clock.wall():
        raise ZoomError(401, 124, "Access token is expired.")
    return set(found["scope"].split())


def _is_active(text: str) -> bool:
    if not store.switch(PROVIDER, "single_active_token"):
        return True
    latest = store.get(PROVIDER, "active token", "latest")
    return latest is None or latest["token"] == text


def _credentials_are_right() -> bool:
    zoom, given = ZoomSettings.current(), flask.request.authorization
    right = {"username": zoom.client_id, "password": zoom.client_secret}
    return given is not None and given.type == "basic" and given.parameters == right


def _refused(reason: str, error: str) -> flask.Response:
    return json_answer({"reason": reason, "error": error}, 400)


def bad_token() -> ZoomError:
    return ZoomError(401, 124, "Invalid access token.")


def lacks_scope(scope: str) -> ZoomError:
    message = f"Invalid access token, does not contain scopes:[{scope}, {scope}:admin]."
    return ZoomError(400, 4711, message)


def too_fast() -> ZoomError:
    message = "You have reached the maximum per-second rate limit for this API. Try again later."
    return ZoomError(429, 429, message, headers={"X-RateLimit-Type": "QPS"})


def used_up() -> ZoomError:
    """The host's changes of the day are used up; there is no Retry-After."""
    return ZoomError(
        429,
        429,
        f"You have exceeded the daily rate limit ({wire.CHANGES_PER_HOST_AND_DAY}) of Meeting "
        "Create/Update API requests permitted for this particular user. You may resume these "
        "requests at GMT 00:00:00.",
    )


def body() -> Data:
    """The JSON object of the request; nothing at all counts as an empty one. Raises ZoomError."""
    if not flask.request.get_data().strip():
        return {}
    found = json_object()
    if found is None:
        raise ZoomError(400, 300, "Request Body should be a valid JSON object.")
    return found


def note(*, recipient: str | None = None, effect_id: str | None = None, **facts: Any) -> None:
    """Add to what the journal will say of this request; None changes nothing."""
    if recipient is not None:
        flask.g.recipient = recipient
    if effect_id is not None:
        flask.g.effect_id = effect_id
    flask.g.facts = {**flask.g.get("facts", {}), **facts}


def keep_journal(response: flask.Response) -> flask.Response:
    """Write the act down, whatever its answer."""
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
