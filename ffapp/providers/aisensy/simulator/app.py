"""An AiSensy of our own, over HTTP: the Campaign API's send and campaign-details."""

import json
import re
import time
from typing import Any

from flask import Flask, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from ffapp.core import clock, config
from ffapp.providers.aisensy import campaigns, wire
from ffapp.providers.aisensy.campaigns import Template
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator import messages, scenarios, webhooks
from ffapp.providers.aisensy.simulator.answers import account_no, assumed, no, yes
from ffapp.providers.aisensy.simulator.messages import accept
from ffapp.providers.aisensy.simulator.scenarios import PROVIDER
from ffapp.providers.aisensy.simulator.webhooks import AiSensyDelivery
from ffapp.providers.simulating import faults, store
from ffapp.providers.simulating.descriptor import Magic, Simulator, refuse_if_real

PREFIX = "/campaign/t1/api"
Json = dict[str, Any]
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def create_simulator(settings: config.Settings) -> Flask:
    """The simulator as a Flask application; its credentials are those of the settings.

    Raises SettingError where AiSensy is real: real credentials must not open a simulator.
    """
    own = settings.of(AiSensySettings)
    refuse_if_real(own)
    known = campaigns.used(own)
    app = Flask(__name__, static_folder=None)
    # A connection that a fault breaks off is an exception for the server, not an error page.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    faults.install(
        app,
        PROVIDER,
        limited=lambda: assumed("rate_limit"),
        unauthorised=lambda: assumed("bad_key"),
    )
    for path, view in ((wire.SEND_PATH, _send), (wire.DETAILS_PATH, _details)):
        app.add_url_rule(
            PREFIX + path,
            endpoint=path,
            view_func=lambda view=view: view(own, known),
            methods=["POST"],
        )
    app.register_error_handler(HTTPException, _in_express_words)
    return app


def _send(settings: AiSensySettings, known: dict[str, Template]) -> Response:
    """unconfirmed: the order in which AiSensy finds fault; the one here is the likeliest."""
    body, on = _json(), scenarios.read_switches()
    template = known.get(_text(body, "campaignName"))
    fault = _account_fault(body, settings, on) or _campaign_fault(template, on)
    if template is not None:
        fault = fault or _message_fault(body, template, on)
    if fault is not None:
        store.record(
            PROVIDER,
            "whatsapp.refused",
            status=fault.status_code,
            recipient=_text(body, "destination"),
            campaign=_text(body, "campaignName"),
            answer=fault.get_data(as_text=True),
        )
        return fault
    send = wire.Send.model_validate(body)
    number = messages.read_number(send.destination)
    assert number is not None, "a number that cannot be read is a fault of the message"
    assert template is not None, "an unknown campaign is a fault"
    time.sleep(store.delay(f"send:{send.source or number}", 0.5, 2))
    return yes({"submitted_message_id": accept(send, number, template)})


def _details(settings: AiSensySettings, known: dict[str, Template]) -> Response:
    """unconfirmed: the answer beyond `requestBody`, and what stands in the list."""
    body = _json()
    if _text(body, "apiKey") != settings.api_key:
        return assumed("bad_key")
    template = known.get(_text(body, "campaignName"))
    if template is None:
        return no(400, wire.NO_CAMPAIGN)
    places = [f"{{{{{number}}}}}" for number, _ in enumerate(template.params, 1)]
    return yes({"requestBody": {"templateParams": places}})


def _account_fault(body: Json, settings: AiSensySettings, on: Json) -> Response | None:
    if not body:
        return no(400, "Bad Request")  # unconfirmed
    if _text(body, "apiKey") != settings.api_key:
        return assumed("bad_key")
    limit = on.get(scenarios.RATE_LIMIT)
    second = f"{clock.wall():%Y-%m-%dT%H:%M:%S}"
    if limit is not None and store.count(PROVIDER, scenarios.RATE_LIMIT, second) > limit:
        return assumed("rate_limit")
    if on.get(scenarios.NO_PLAN):
        return account_no(400, wire.NO_PLAN)
    number = messages.read_number(_text(body, "destination")) or ""
    empty = scenarios.scenario_of(number).refused == scenarios.EMPTY_WALLET
    if empty or on.get(scenarios.NO_CREDITS):
        return account_no(402, wire.NO_CREDITS)
    return None


def _campaign_fault(template: Template | None, on: Json) -> Response | None:
    if template is None:
        return no(400, wire.NO_CAMPAIGN)
    if on.get(scenarios.NOT_LIVE):
        return no(400, wire.NOT_LIVE)  # unconfirmed: the status
    return None


def _message_fault(body: Json, template: Template, on: Json) -> Response | None:
    number = messages.read_number(_text(body, "destination"))
    if number is None or scenarios.scenario_of(number).refused == scenarios.BAD_NUMBER:
        return no(400, wire.INVALID_NUMBER)
    if webhooks.has_opted_out(number) and on.get(scenarios.REFUSE_OPTED_OUT):
        return assumed("opted_out")
    params = body.get("templateParams", [])
    if not isinstance(params, list) or len(params) != len(template.params):
        return no(400, wire.PARAMS_DIFFER)
    if on.get(scenarios.BUTTON) and not body.get("buttons"):
        return no(400, wire.NO_BUTTON)  # unconfirmed: the status
    if on.get(scenarios.MEDIA) and not body.get("media"):
        return assumed("no_media")
    try:
        wire.Send.model_validate(body)
    except ValidationError as error:
        first = ".".join(map(str, error.errors()[0]["loc"]))
        return no(400, f"{first} is required")  # unconfirmed
    return None


def _json() -> Json:
    """The body's object; an empty one when it is something else."""
    raw = request.get_data()
    try:
        body = json.loads(raw)
        # Letters that no message can carry; our own store could not keep them either.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) and not NUL.search(raw.decode()) else {}


def _text(body: Json, key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _in_express_words(error: HTTPException) -> Response:
    """An address that is not served, as the framework behind AiSensy says it."""  # unconfirmed
    page = f"<pre>Cannot {request.method} {request.path}</pre>"
    return Response(f"<!DOCTYPE html><html><body>{page}</body></html>", 404, mimetype="text/html")


SIMULATOR = Simulator(
    settings=AiSensySettings,
    create_app=create_simulator,
    delivery=AiSensyDelivery,
    how="Give a person such a phone number: its last six digits count. What they read, and answer, "
    "is on the phone.",
    magic=(
        *(Magic(scenarios.example(each.ending), each.what) for each in scenarios.SCENARIOS),
        Magic(
            scenarios.example("132015"),
            "The same with every other failure code of Meta's that we know.",
        ),
        Magic("+91 98765 43210", scenarios.ORDINARY.what),
    ),
    switches=scenarios.SWITCHES,
    reply=messages.write_back,
)
