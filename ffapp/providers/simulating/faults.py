"""Bad days of a provider, switched on by the control page or by a test.

The switch `fault` of a provider is a dict: `kind` (below), `times` (how many requests it still
hits; None for all), `seconds` (for the slow ones), `path` (only paths that contain it), `method`.

    down          503 with an HTML page, nothing done
    html          200 with an HTML page where JSON is due, nothing done
    error         500 with an HTML page, nothing done
    limited       429, in the provider's own words, nothing done
    unauthorised  401, in the provider's own words, nothing done
    slow          waits, then acts and answers
    slow_after    acts, then waits, then answers
    drop_before   the connection breaks, nothing done
    drop_after    acts, then the connection breaks
"""

import socket
import time
from collections.abc import Callable
from typing import Any

import flask

from ffapp.providers.simulating.store import set_switch, switch

HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
Answer = Callable[[], flask.Response]


def install(app: flask.Flask, provider: str, *, limited: Answer, unauthorised: Answer) -> None:
    """Let the provider's simulator have bad days; the two answers are in its own words."""

    @app.before_request
    def before() -> Any:
        flask.g.fault = fault = _next_fault(provider)
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
