"""The simulators' control pages under `/simulators/`, for admins only."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import flask
from flask_wtf.csrf import generate_csrf

METHODS = ("GET", "POST")
Application = Callable[..., Iterable[bytes]]


def mount(create_control: Callable[[], Application]) -> flask.Blueprint:
    """A blueprint that answers with the control application, which knows no sessions of ours.

    It is created when somebody opens it first.
    """
    control = cache(create_control)
    simulators = flask.Blueprint("simulators", __name__, url_prefix="/simulators")

    @simulators.route("/", defaults={"path": ""}, methods=METHODS)
    @simulators.route("/<path:path>", methods=METHODS)
    def pages(path: str) -> flask.Response:
        environ: dict[str, Any] = {
            **flask.request.environ,
            "SCRIPT_NAME": flask.request.environ.get("SCRIPT_NAME", "") + "/simulators",
            "PATH_INFO": "/" + path,
            "ffapp.csrf_token": generate_csrf(),
        }
        return flask.Response.from_app(control(), environ)

    return simulators
