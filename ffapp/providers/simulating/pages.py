"""Pages of a simulated provider that people open in a browser: a meeting, a checkout."""

import flask

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
