"""Faults of a provider, switched on by the control page or by a test, and the page itself.

The switch `fault` of a provider is a dict: `kind` (one of FAULTS), `times` (how many requests it
still hits; None for all), `seconds` (for the slow ones); tests also set `path` (only paths that
contain it) and `method`.
"""

import socket
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import flask
from werkzeug.wrappers import Response

from ffapp.core.config import SettingError
from ffapp.providers.kit.settings import ProviderSettings
from ffapp.providers.simulating.addresses import own_address, set_address
from ffapp.providers.simulating.descriptor import Simulator
from ffapp.providers.simulating.store import set_switch, switch, switch_values

FAULTS = {
    "down": "503 with an HTML page; nothing is done",
    "error": "500 with an HTML page; nothing is done",
    "html": "200 with an HTML page where JSON is due; nothing is done",
    "limited": "429 in the provider's own words; nothing is done",
    "unauthorised": "401 in the provider's own words; nothing is done",
    "slow": "waits, then acts and answers",
    "slow_after": "acts, then waits, then answers",
    "drop_before": "the connection breaks; nothing is done",
    "drop_after": "acts, then the connection breaks",
}
LONGEST_SECONDS = 3600
blueprint = flask.Blueprint("faults", __name__)


@blueprint.get("/faults")
def shown() -> str:
    return flask.render_template(
        "simulators/faults.html",
        values=switch_values(),
        faults=FAULTS,
        own_address=own_address,
        wrong=flask.request.args.get("wrong", ""),
    )


@blueprint.post("/faults/<key>/fault")
def save_fault(key: str) -> Response:
    """Form: `kind` (empty: none), `times` (empty: for ever), `seconds`."""
    provider, form = _provider(key), flask.request.form
    try:
        value = _read_fault(form) if form.get("kind") else None
    except ValueError:
        return _back(key, wrong=key)
    set_switch(provider.key, "fault", value)
    return _back(key, done="on" if value else "off")


@blueprint.post("/faults/<key>/switches/<name>")
def save_switch(key: str, name: str) -> Response:
    """Form: `value`: `on`, `off`, or what the switch wants instead of `on`."""
    provider = _provider(key)
    found = next((each for each in provider.switches if each.name == name), None)
    known = found or flask.abort(404)
    try:
        stored, value = known.changed(switch_values()[key], flask.request.form.get("value", ""))
    except ValueError:
        return _back(key, wrong=key)
    set_switch(provider.key, stored, value)
    return _back(key, done="off" if flask.request.form["value"] == "off" else "on")


@blueprint.post("/faults/<key>/webhook")
def save_address(key: str) -> Response:
    """Form: `url`, where its webhooks go from now on (empty: to us); it is validated at once."""
    provider = _provider(key)
    try:
        set_address(provider.key, flask.request.form.get("url", "").strip())
    except ValueError:
        return _back(key, wrong=f"{key}-webhook")
    if provider.validate:
        provider.validate()
    return _back(key, done="saved")


@blueprint.post("/faults/<key>/validate")
def validate_address(key: str) -> Response:
    validate = _provider(key).validate or flask.abort(404)
    validate()
    return _back(key, done="validated")


def _provider(key: str) -> Simulator:
    providers = flask.current_app.extensions["providers"]
    found = next((each for each in providers if each.key == key and each.is_active), None)
    return found or flask.abort(404)


def _read_fault(form: Mapping[str, str]) -> dict[str, Any]:
    """The value of the switch `fault`; raises ValueError for what the form does not offer."""
    kind = form["kind"]
    if kind not in FAULTS:
        raise ValueError(kind)
    value: dict[str, Any] = {"kind": kind}
    if form.get("times"):
        value["times"] = int(_between(form["times"], 1, 10_000))
    if kind.startswith("slow"):
        value["seconds"] = _between(form.get("seconds") or "10", 0, LONGEST_SECONDS)
    return value


def _between(text: str, low: float, high: float) -> float:
    number = float(text)
    if not low <= number <= high:  # nor is “nan” between them
        raise ValueError(text)
    return number


def _back(key: str, **said: str) -> Response:
    return flask.redirect(flask.url_for("faults.shown", _anchor=key, **said), 303)


HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
Answer = Callable[[], flask.Response]


def create_app(
    settings: ProviderSettings,
    *,
    limited: Answer,
    unauthorised: Answer,
    phrases: Mapping[int, str] | None = None,
    **options: Any,
) -> flask.Flask:
    """The application of a provider's simulator, with its faults; the answers are in its own words.

    Reason phrases are spelled “Bad Request”; `phrases` are those that differ.
    `options` are those of Flask. Raises SettingError where the provider is real: its credentials
    must not open a simulator.
    """
    if not settings.simulated:
        raise SettingError(
            f"{settings.key.upper()}_MODE is real; a simulated {settings.title} must not run beside"
            " it."
        )
    app = flask.Flask(f"{settings.key}_simulator", **options)
    # A connection that a fault breaks off is an exception for the server, not an error page.
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.after_request
    def spell(response: flask.Response) -> flask.Response:
        code = response.status_code
        response.status = f"{code} {(phrases or {}).get(code) or HTTPStatus(code).phrase}"
        return response

    _add_faults(app, settings.key, limited, unauthorised)
    return app


def _add_faults(app: flask.Flask, key: str, limited: Answer, unauthorised: Answer) -> None:
    @app.before_request
    def before() -> Any:
        flask.g.fault = fault = _next_fault(key)
        match fault.get("kind"):
            case "down":
                return HTML.format("503 Service Unavailable"), 503
            case "error":
                return HTML.format("500 Internal Server Error"), 500
            case "html":
                return HTML.format("Scheduled maintenance"), 200
            case "limited":
                return limited()
            case "unauthorised":
                return unauthorised()
            case "slow":
                time.sleep(fault["seconds"])
            case "drop_before":
                _drop_connection()
        return None

    @app.after_request
    def after(response: flask.Response) -> flask.Response:
        match flask.g.get("fault", {}).get("kind"):
            case "slow_after":
                time.sleep(flask.g.fault["seconds"])
            case "drop_after":
                _drop_connection()
        return response


def _next_fault(provider: str) -> dict[str, Any]:
    fault = switch(provider, "fault")
    request = flask.request
    if (
        not fault
        or fault.get("path", "") not in request.path
        or fault.get("method", request.method) != request.method
    ):
        return {}
    times = fault.get("times")
    if times is not None:
        set_switch(provider, "fault", {**fault, "times": times - 1} if times > 1 else None)
    return dict(fault)


def _drop_connection() -> None:
    """Break the socket off without an answer; in process, as an exception of the network."""
    environ = flask.request.environ
    peer = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if peer is not None:
        peer.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("the simulated provider broke the connection off")
