"""The simulated providers: their APIs, their webhooks, their control pages.

The only place that imports the simulators; each provider says where its own is. `gunicorn
'ffapp.simulators:application()'` serves the APIs, `python -m ffapp.simulators PORT` in one process;
the worker calls `register_deliveries`; the programme mounts `create_control` for its admins.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from pkgutil import resolve_name
from typing import Any

import flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from ffapp.core import config, jobs
from ffapp.notices.kit.registry import register_whatsapp_texts
from ffapp.providers import registry
from ffapp.providers.simulating import callbacks, control
from ffapp.providers.simulating.descriptor import Simulator
from ffapp.providers.simulating.store import open_store

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def application() -> WsgiApp:
    """What gunicorn serves; settings come from the environment."""
    settings = registry.read_settings(os.environ)
    config.use(settings)
    jobs.connect(settings.libpq_url)
    return create_api(settings)


def all_simulators() -> list[Simulator]:
    """The simulators of all providers, also of those that are real at the moment."""
    return [resolve_name(provider.simulator) for provider in registry.PROVIDERS]


def create_api(settings: config.Settings) -> WsgiApp:
    """`/KEY` of each provider that is simulated, and `/healthz`."""
    register_whatsapp_texts()
    mounts: dict[str, WsgiApp] = {
        f"/{each.key}": each.create_app(settings) for each in _active(settings)
    }
    root = flask.Flask(__name__, static_folder=None)
    root.add_url_rule("/healthz", "healthz", _healthz)
    return DispatcherMiddleware(root, mounts)


def register_deliveries(settings: config.Settings) -> None:
    """Let this process (the worker) deliver the webhooks of the simulated providers."""
    for each in _active(settings):
        callbacks.deliver_by(each.key, each.delivery(settings))


def create_control(settings: config.Settings) -> flask.Flask:
    """The control pages. Their mount lets only admins in and checks the CSRF token."""
    return control.create(settings, all_simulators())


def _active(settings: config.Settings) -> list[Simulator]:
    return [each for each in all_simulators() if settings.of(each.settings).simulated]


def _healthz() -> tuple[str, int]:
    try:
        with open_store().connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return "the database does not answer\n", 503
    return "ok\n", 200


if __name__ == "__main__":
    # One process: under gunicorn there are two, which take 20 MB more.
    port, listening = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # the journal has all requests
    make_server("127.0.0.1", port, application(), threaded=True, fd=listening).serve_forever()
