"""The simulated Zoom as one WSGI app: OAuth, the API under `/v2`, and the pages of the browser."""

from pathlib import Path
from urllib.parse import urlencode

import flask
from werkzeug.exceptions import HTTPException

from ffapp.core.config import Settings, current
from ffapp.providers.simulating import faults
from ffapp.providers.simulating.descriptor import Magic, Simulator, Switch, refuse_if_real
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import (
    api,
    callbacks,
    desk,
    downloads,
    hosts,
    limits,
    meetings,
    oauth,
    past,
    recordings,
    registrants,
    room,
    trash,
    watch,
)
from ffapp.providers.zoom.simulator.answers import (
    ZoomError,
    no_meeting,
    no_recording,
    not_recognized,
)
from ffapp.providers.zoom.simulator.pages import message
from ffapp.providers.zoom.simulator.state import PROVIDER

CHECKOUT = Path(__file__).parents[4]


def create_simulator(settings: Settings) -> flask.Flask:
    """Zoom, simulated. Mounted anywhere, it finds its own addresses from how it is called.

    Its credentials are those of the process's settings. Raises SettingError where Zoom is real:
    credentials of the real one must not open a simulator.
    """
    refuse_if_real(settings.of(ZoomSettings))
    app = flask.Flask(
        "zoom_simulator",
        template_folder=str(CHECKOUT / "templates" / "simulators" / "zoom"),
        static_folder=str(CHECKOUT / "static" / "simulators"),
        static_url_path="/static",
    )
    # A UUID in a path may contain “//”, which must not be joined; libraries add slashes at the end.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    # A connection that a fault breaks off is an exception for the server, not an error page.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    faults.install(
        app,
        PROVIDER,
        limited=lambda: limits.too_fast().response(),
        unauthorised=lambda: oauth.bad_token().response(),
    )
    app.after_request(api.keep_journal)  # before the fault that acts and then breaks off
    parts = (
        *(oauth, hosts, recordings, trash, past, registrants),
        *(meetings, room, watch, downloads, desk),
    )
    for part in parts:
        app.register_blueprint(part.blueprint)
    app.register_error_handler(ZoomError, lambda error: error.response())
    app.register_error_handler(HTTPException, _in_zooms_words)
    return app


def _in_zooms_words(error: HTTPException) -> flask.Response:
    """Unknown addresses: JSON under `/v2`, a page elsewhere."""
    path = flask.request.path
    if not path.startswith("/v2"):
        status = error.code or 500
        return message("Zoom", f"{status} {error.name}", status, "error")
    if path.startswith("/v2/meetings//"):
        # A UUID with a leading slash that was encoded once: nothing is found under what is left.
        name = path.removeprefix("/v2/meetings/")
        found = no_recording() if name.endswith("/recordings") else no_meeting(name)
        return found.response()
    return not_recognized().response()


MAGIC = (
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
SWITCHES = (
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


SIMULATOR = Simulator(
    settings=ZoomSettings,
    create_app=create_simulator,
    delivery=callbacks.delivery_policy,
    how="Give a class such a host (or set ZOOM_HOST_EMAIL): the part before the @ counts.",
    magic=MAGIC,
    switches=SWITCHES,
    portal=lambda: f"{current().simulators_url}/zoom/desk?{urlencode({'key': desk.key()})}",
)
