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
from ffapp.providers.simulating import addresses, callbacks, control
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
        if each.validate:
            addresses.validate_by(each.key, each.validate)


def create_control(settings: config.Settings) -> flask.Flask:
    """The control pages. Their mount lets only admins in and checks the CSRF token."""
    return control.create(settings, all_simulators())


def describe(settings: config.Settings) -> list[dict[str, Any]]:
    """What a client or a receiver of a simulated provider needs: one dict for each of them."""
    found = []
    for each in _active(settings):
        own = settings.of(each.settings)
        fields = each.settings.model_fields.items()
        values = {field.alias: getattr(own, name) for name, field in fields if field.alias}
        variables = {
            name: value for name, value in values.items() if value and isinstance(value, str)
        }
        found.append(
            {
                "provider": each.key,
                "title": each.title,
                "base_url": own.base_url,
                "variables": variables,
                "webhook": {
                    "url": addresses.address_of(each.key),
                    "verified_with": [name for name in variables if "WEBHOOK" in name],
                },
                "pages": each.portal() if each.portal else None,
                "how": each.how,
                "magic": {magic.example: magic.what for magic in each.magic},
                "switches": {switch.name: switch.what for switch in each.switches},
            }
        )
    return found


def in_words(found: list[dict[str, Any]]) -> str:
    """What `describe` answers, for a terminal."""
    lines = []
    for each in found:
        lines += [f"{each['title']} at {each['base_url']}", ""]
        lines += [f"  {name}={value}" for name, value in each["variables"].items()]
        lines += ["", f"  Webhooks go to {each['webhook']['url']}"]
        lines += [f"  Its own pages: {each['pages']}"] if each["pages"] else []
        lines += ["", f"  {each['how']}"]
        lines += [f"  {value:30}{what}" for value, what in each["magic"].items()] + [""]
    return "\n".join(lines) if lines else "No provider is simulated."


def set_webhook_address(settings: config.Settings, key: str, url: str) -> None:
    """Let a simulated provider post to `url` (empty: to us). Raises ValueError."""
    found = next((each for each in _active(settings) if each.key == key), None)
    if found is None:
        raise ValueError(f"{key} is not simulated here.")
    addresses.set_address(key, url)
    if found.validate:
        found.validate()


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
