"""What the pages of the simulated Zoom share: their templates, and how strict a browser must be."""

import flask

from ffapp.core import clock
from ffapp.providers.zoom.simulator import state
from ffapp.providers.zoom.simulator.state import Data

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page(template: str, status: int = 200, **values: object) -> flask.Response:
    """The template's page; scripts and styles come only from the simulator's own files."""
    response = flask.Response(flask.render_template(template, **values), status)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def message(title: str, text: str, status: int, state_word: str) -> flask.Response:
    """A page that only says something."""
    return page("message.html", status, title=title, text=text, state=state_word)


def minutes_since(moment: str) -> int:
    return int((clock.now() - state.instant(moment)) / clock.minutes(1))


def number_with_spaces(meeting: Data) -> str:
    """`850 1234 5678`, as Zoom writes the number of a meeting."""
    digits = str(meeting["id"])
    return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
