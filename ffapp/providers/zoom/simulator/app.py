"""The simulated Zoom as one WSGI app: OAuth, the API under `/v2`, and the pages of the browser."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask
from werkzeug.exceptions import HTTPException

from ffapp.core.config import Settings, current
from ffapp.providers.simulating import faults
from ffapp.providers.simulating.answers import message
from ffapp.providers.simulating.descriptor import Simulator
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import (
    api,
    events,
    host_portal,
    hosts,
    meeting_pages,
    meetings,
    past_meetings,
    recordings,
    registrants,
    scenarios,
)
from ffapp.providers.zoom.simulator.answers import ZoomError, not_recognized

PARTS: tuple[Any, ...] = (api, hosts, recordings, registrants, past_meetings, meetings)
PARTS += (host_portal, meeting_pages)
CHECKOUT = Path(__file__).parents[4]


def create_simulator(settings: Settings) -> flask.Flask:
    """Zoom, simulated. Mounted anywhere, it finds its own addresses from how it is called.

    Its credentials are those of the process's settings.
    """
    app = faults.create_app(
        settings.of(ZoomSettings),
        limited=lambda: api.too_fast().response(),
        unauthorised=lambda: api.bad_token().response(),
        template_folder=str(CHECKOUT / "templates" / "simulators" / "zoom"),
        static_folder=str(CHECKOUT / "static" / "simulators"),
        static_url_path="/static",
    )
    # A UUID in a path may contain “//”, which must not be joined; libraries add slashes at the end.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.after_request(api.keep_journal)  # before the fault that acts and then breaks off
    for part in PARTS:
        app.register_blueprint(part.blueprint)
    app.register_error_handler(ZoomError, lambda error: error.response())
    app.register_error_handler(HTTPException, _in_zooms_words)
    return app


def _in_zooms_words(error: HTTPException) -> flask.Response:
    """What is not there: JSON under `/v2`, a page elsewhere."""
    if flask.request.path.startswith("/v2"):
        return not_recognized().response()
    if error.code != 404:
        return message(error.name, error.description or "", error.code or 500, "wrong")
    return message("Not found", "This meeting or recording does not exist.", 404, "gone")


SIMULATOR = Simulator(
    settings=ZoomSettings,
    create_app=create_simulator,
    delivery=events.delivery_policy,
    how="Give a class such a host (or set ZOOM_HOST_EMAIL): the part before the @ counts.",
    magic=scenarios.MAGIC,
    switches=scenarios.SWITCHES,
    validate=events.validate_address,
    portal=lambda: (
        f"{current().simulators_url}/zoom/portal?{urlencode({'key': host_portal.key()})}"
    ),
)
