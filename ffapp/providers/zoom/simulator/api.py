"""What every endpoint of the simulated API has in common: token, limits, scope, journal."""

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import flask

from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import limits, oauth
from ffapp.providers.zoom.simulator.answers import ZoomError, tracking_id
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

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
            granted = oauth.scopes_of_caller()
            limits.spend(category)
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
