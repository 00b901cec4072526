"""The simulated providers under one roof: their APIs, their callbacks, their control pages.

The only place that knows the simulators. `gunicorn 'ffapp.simulators:application()'` serves the
APIs; the worker calls `register_timetables`; the programme mounts `create_control` for its admins.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from ffapp.core import config, jobs
from ffapp.providers.aisensy.simulator import app as aisensy
from ffapp.providers.aisensy.simulator import describe as aisensy_pages
from ffapp.providers.aisensy.simulator import project as aisensy_project
from ffapp.providers.aisensy.simulator.delivery import Delivery as AiSensyDelivery
from ffapp.providers.sendgrid.simulator import app as sendgrid
from ffapp.providers.sendgrid.simulator import describe as sendgrid_pages
from ffapp.providers.sendgrid.simulator import events as sendgrid_events
from ffapp.providers.simulating import callbacks, control
from ffapp.providers.simulating.catalogue import Magic, Provider, Switch
from ffapp.providers.simulating.store import open_store
from ffapp.providers.zoom.simulator import app as zoom
from ffapp.providers.zoom.simulator import callbacks as zoom_callbacks
from ffapp.providers.zoom.simulator import desk as zoom_desk

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

ZOOM_MAGIC = (
    Magic("nobody@example.com", "Zoom knows no such user (404, code 1001)."),
    Magic("elsewhere@example.com", "The user belongs to another account (code 1010)."),
    Magic("pending@example.com", "The user has not been activated (code 1008)."),
    Magic("invited@example.com", "The user's invitation ran out (code 1120)."),
    Magic("unlicensed@example.com", "May not host meetings (code 3161)."),
    Magic("daily-limit@example.com", "The 100 changes of the day are used up (429)."),
    Magic("missing-scope@example.com", "The app lacks the scope (code 4711)."),
    Magic("norecording@example.com", "A Basic user: no cloud recording."),
    Magic("educator@example.com", "Any other address: a licensed host."),
)
ZOOM_SWITCHES = (
    Switch("webhooks.drop", "Lose webhooks", "No event is posted at all."),
    Switch("webhooks.duplicate", "Duplicate webhooks", "Each event is posted twice."),
    Switch("webhooks.reorder", "Reorder webhooks", "Every other event comes late."),
    Switch("webhooks.delay_seconds", "Delay webhooks", "Events come later.", unit="seconds"),
    Switch("plan", "Plan", "Rate limits as on this plan.", choices=("free", "pro")),
    Switch("expires_in", "Short tokens", "New tokens live so long.", unit="seconds"),
    Switch("single_active_token", "One token", "A new token ends the one before."),
    Switch("client_credentials", "Wrong grant", "Tokens that nothing accepts."),
    Switch("no_transcripts", "No transcripts", "What was said is not written down."),
    Switch("no_permission", "No permission", "Recordings: HTTP 200 with the code 200."),
    Switch(
        "recordings_hidden",
        "Hidden recordings",
        "A meeting's finished recordings are 404 so many more times.",
        unit="times",
    ),
    Switch(
        "participants_hidden",
        "Hidden participants",
        "A past meeting's participants are 404 so many more times.",
        unit="times",
    ),
    Switch("xml_errors", "XML errors", "Errors are XML for who does not ask for JSON."),
    Switch("language", "Language", "Errors in Spanish.", choices=("es",)),
)


def application() -> WsgiApp:
    """What gunicorn serves; settings come from the environment."""
    settings = config.read(os.environ)
    config.use(settings)
    jobs.connect(settings.libpq_url)
    return create_api(settings)


def create_api(settings: config.Settings) -> WsgiApp:
    """`/sendgrid`, `/zoom`, `/aisensy` (each only if it is simulated) and `/healthz`."""
    mounts: dict[str, WsgiApp] = {}
    if settings.sendgrid.simulated:
        mounts["/sendgrid"] = sendgrid.create_simulator(settings)
    if settings.zoom.simulated:
        mounts["/zoom"] = zoom.create_simulator(settings)
    if settings.aisensy.simulated:
        mounts["/aisensy"] = aisensy.create_simulator(settings)
    root = flask.Flask(__name__, static_folder=None)
    root.add_url_rule("/healthz", "healthz", _healthz)
    return DispatcherMiddleware(root, mounts)


def register_timetables(settings: config.Settings) -> None:
    """Let this process (the worker) deliver the callbacks of the simulated providers."""
    if settings.sendgrid.simulated:
        callbacks.deliver_by("sendgrid", sendgrid_events.timetable(settings))
    if settings.zoom.simulated:
        callbacks.deliver_by("zoom", zoom_callbacks.timetable(settings))
    if settings.aisensy.simulated:
        callbacks.deliver_by("aisensy", AiSensyDelivery(settings))


def create_control(settings: config.Settings) -> flask.Flask:
    """The control pages. Whoever mounts them lets only admins in and checks the CSRF token."""
    providers = [
        sendgrid_pages.describe(settings),
        aisensy_pages.describe(settings),
        _zoom(settings),
    ]
    app = control.create(settings, providers)
    if settings.aisensy.simulated:
        app.register_blueprint(aisensy_project.blueprint)
    return app


def _healthz() -> tuple[str, int]:
    try:
        with open_store().connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return "the database does not answer\n", 503
    return "ok\n", 200


def _zoom(settings: config.Settings) -> Provider:
    """Zoom's entry in the catalogue."""
    return Provider(
        key="zoom",
        title="Zoom",
        simulated=settings.zoom.simulated,
        base_url=settings.zoom.base_url,
        how="Give a class such a host (or set ZOOM_HOST_EMAIL): the part before the @ counts.",
        magic=ZOOM_MAGIC,
        switches=ZOOM_SWITCHES,
        portal=lambda: f"{settings.simulators_url}/zoom/desk?{urlencode({'key': zoom_desk.key()})}",
    )
