"""The control pages: a look into the simulated providers, and a way to switch faults on.

A small Flask application of its own, which the programme mounts behind its admin guard. The guard
also checks the CSRF token; the pages only put it into their forms.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
from sqlalchemy import func, select

from ffapp.core import clock, config
from ffapp.providers.simulating import faults, journal_pages, lists, mailbox, phone_page
from ffapp.providers.simulating.descriptor import Simulator
from ffapp.providers.simulating.store import callbacks, journal, open_store, switch_values

ROOT = Path(__file__).parents[3]
CSRF_TOKEN = "ffapp.csrf_token"
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def create(settings: config.Settings, providers: Sequence[Simulator]) -> flask.Flask:
    """The control pages for these providers; times are shown in the zone of the settings."""
    app = flask.Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static" / "simulators"),
        static_url_path="/static",
    )
    app.extensions["providers"] = providers
    app.jinja_env.filters["when"] = lambda instant: _when(instant, settings.time_zone)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(lambda: _shared(settings))
    app.add_url_rule("/", "index", _index)
    for page in (mailbox, phone_page, journal_pages, faults):
        app.register_blueprint(page.blueprint)
    app.register_blueprint(journal_pages.callbacks_blueprint)
    app.register_error_handler(404, _missing)
    app.wsgi_app = _with_form(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _index() -> str:
    with open_store().connect() as connection:
        acts = connection.execute(
            select(
                journal.c.provider,
                journal.c.act,
                func.count().label("count"),
                func.max(journal.c.at).label("last"),
            )
            .group_by(journal.c.provider, journal.c.act)
            .order_by(journal.c.provider, func.max(journal.c.at).desc())
        ).all()
        posts = connection.execute(
            select(callbacks.c.provider, callbacks.c.state, func.count().label("count"))
            .group_by(callbacks.c.provider, callbacks.c.state)
            .order_by(callbacks.c.provider, callbacks.c.state)
        ).all()
    return flask.render_template(
        "simulators/index.html", acts=acts, posts=posts, switches=switch_values()
    )


def _missing(error: Exception) -> tuple[str, int]:
    return flask.render_template("simulators/missing.html"), 404


def _shared(settings: config.Settings) -> dict[str, Any]:
    return {
        "providers": flask.current_app.extensions["providers"],
        "csrf_token": flask.request.environ.get(CSRF_TOKEN, ""),
        "business_now": clock.now(),
        "speed": settings.simulator_speed,
        "done": flask.request.args.get("done", ""),
        "page_url": _page_url,
        "asked": lists.filters(),
    }


def _page_url(**changes: Any) -> str:
    """This page's address with some of its filters changed."""
    request = flask.request
    return flask.url_for(
        str(request.endpoint), **(request.view_args or {}), **{**lists.filters(), **changes}
    )


def _when(instant: datetime, zone: str) -> str:
    local = clock.local(instant, zone)
    hour = local.hour % 12 or 12
    half = "am" if local.hour < 12 else "pm"
    return f"{local:%a} {local.day} {local:%b}, {hour}:{local:%M:%S} {half} {local.tzname()}"


def _with_form(app: WsgiApp) -> WsgiApp:
    """Hand on a form that the programme around us has read already (to check its CSRF token)."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        outer = environ.get("werkzeug.request")
        if outer is not None and environ["REQUEST_METHOD"] == "POST":
            body = urlencode(list(outer.form.items(multi=True))).encode()
            environ = {
                **environ,
                "wsgi.input": io.BytesIO(body),
                "CONTENT_LENGTH": str(len(body)),
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
            }
        return app(environ, start_response)

    return wrapped
