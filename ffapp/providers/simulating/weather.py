"""The weather: bad days of a provider, switched on and off by hand."""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import flask
from sqlalchemy import select
from werkzeug.wrappers import Response

from ffapp.providers.simulating.descriptor import Simulator
from ffapp.providers.simulating.store import open_store, set_switch, switches

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
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LONGEST_SECONDS = 3600
blueprint = flask.Blueprint("weather", __name__)


@blueprint.get("/weather")
def shown() -> str:
    return flask.render_template(
        "simulators/weather.html",
        values=_values(),
        faults=FAULTS,
        methods=METHODS,
        wrong=flask.request.args.get("wrong", ""),
    )


@blueprint.post("/weather/<key>/fault")
def fault(key: str) -> Response:
    """Form: `kind` (empty: none), `times` (empty: for ever), `seconds`, `path`, `method`."""
    provider, form = _provider(key), flask.request.form
    try:
        value = _fault(form) if form.get("kind") else None
    except ValueError:
        return _back(key, wrong=key)
    set_switch(provider.key, "fault", value)
    return _back(key, done="on" if value else "off")


@blueprint.post("/weather/<key>/switches/<name>")
def switch(key: str, name: str) -> Response:
    """Form: `value`: `on`, `off`, or what the switch wants instead of `on`."""
    provider = _provider(key)
    found = next((each for each in provider.switches if each.name == name), None)
    known = found or flask.abort(404)
    try:
        stored, value = known.changed(_values()[key], flask.request.form.get("value", ""))
    except ValueError:
        return _back(key, wrong=key)
    set_switch(provider.key, stored, value)
    return _back(key, done="off" if flask.request.form["value"] == "off" else "on")


def _values() -> dict[str, dict[str, Any]]:
    """All switches: provider → name → value."""
    values: dict[str, dict[str, Any]] = defaultdict(dict)
    with open_store().connect() as connection:
        for row in connection.execute(select(switches)):
            values[row.provider][row.name] = row.value
    return values


def _provider(key: str) -> Simulator:
    providers = flask.current_app.extensions["providers"]
    found = next((each for each in providers if each.key == key and each.is_active), None)
    return found or flask.abort(404)


def _fault(form: Mapping[str, str]) -> dict[str, Any]:
    """The value of the switch `fault`; raises ValueError for what the form does not offer."""
    kind = form["kind"]
    if kind not in FAULTS:
        raise ValueError(kind)
    value: dict[str, Any] = {"kind": kind}
    if form.get("times"):
        value["times"] = int(_between(form["times"], 1, 10_000))
    if kind.startswith("slow"):
        value["seconds"] = _between(form.get("seconds") or "10", 0, LONGEST_SECONDS)
    if form.get("path", "").strip():
        value["path"] = form["path"].strip()
    if form.get("method") in METHODS:
        value["method"] = form["method"]
    return value


def _between(text: str, low: float, high: float) -> float:
    number = float(text)
    if not (math.isfinite(number) and low <= number <= high):
        raise ValueError(text)
    return number


def _back(key: str, **said: str) -> Response:
    return flask.redirect(flask.url_for("weather.shown", _anchor=key, **said), 303)
