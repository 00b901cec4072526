"""An AiSensy of our own, over HTTP: the Campaign API's send and campaign-details."""

import time
from typing import Any

from flask import Flask, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from ffapp.core import config
from ffapp.providers.aisensy import campaigns, wire
from ffapp.providers.aisensy.campaigns import Template
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator import messages, scenarios
from ffapp.providers.aisensy.simulator.scenarios import PROVIDER
from ffapp.providers.simulating import faults, store
from ffapp.providers.simulating.answers import json_answer, json_object
from ffapp.providers.simulating.descriptor import Magic, Simulator, refuse_if_real

PREFIX = "/campaign/t1/api"
Json = dict[str, Any]


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
        limited=lambda: _no(429, "Too many requests"),  # unconfirmed
        unauthorised=_wrong_key,
    )
    for path, view in ((wire.SEND_PATH, _send), (wire.DETAILS_PATH, _details)):
        app.add_url_rule(
            PREFIX + path,
            endpoint=path,
            view_func=lambda view=view: view(own, known),
            methods=["POST"],
        )
    app.register_error_handler(HTTPException, _not_found)
    return app


def _send(settings: AiSensySettings, known: dict[str, Template]) -> Response:
    """unconfirmed: the order in which AiSensy finds fault; the one here is the likeliest."""
    body = json_object() or {}
    destination = _text(body, "destination")
    number = messages.read_number(destination)
    template = known.get(_text(body, "campaignName"))
    refusal = _account_refusal(body, settings, number) or _message_refusal(body, template, number)
    if refusal is not None or number is None or template is None:
        refusal = refusal or _no(400, wire.INVALID_NUMBER)
        store.record(
            PROVIDER,
            "whatsapp.refused",
            status=refusal.status_code,
            recipient=destination,
            campaign=_text(body, "campaignName"),
            answer=refusal.get_data(as_text=True),
        )
        return refusal
    send = wire.Send.model_validate(body)
    time.sleep(store.delay(f"send:{send.source or number}", 0.5, 2))
    return _yes({"submitted_message_id": messages.accept(send, number, template)})


def _details(settings: AiSensySettings, known: dict[str, Template]) -> Response:
    """unconfirmed: the answer beyond `requestBody`, and what stands in the list."""
    body = json_object() or {}
    if _text(body, "apiKey") != settings.api_key:
        return _wrong_key()
    template = known.get(_text(body, "campaignName"))
    if template is None:
        return _no(400, wire.NO_CAMPAIGN)
    places = [f"{{{{{number}}}}}" for number, _ in enumerate(template.params, 1)]
    return _yes({"requestBody": {"templateParams": places}})


def _account_refusal(body: Json, settings: AiSensySettings, number: str | None) -> Response | None:
    if not body:
        return _no(400, "Bad Request")  # unconfirmed
    if _text(body, "apiKey") != settings.api_key:
        return _wrong_key()
    if store.switch(PROVIDER, scenarios.NO_PLAN):
        return _account_no(400, wire.NO_PLAN)
    is_empty = scenarios.scenario_of(number or "").refused == scenarios.EMPTY_WALLET
    if is_empty or store.switch(PROVIDER, scenarios.NO_CREDITS):
        return _account_no(402, wire.NO_CREDITS)
    return None


def _message_refusal(body: Json, template: Template | None, number: str | None) -> Response | None:
    if template is None:
        return _no(400, wire.NO_CAMPAIGN)
    if store.switch(PROVIDER, scenarios.NOT_LIVE):
        return _no(400, wire.NOT_LIVE)  # unconfirmed: the status
    if number is None or scenarios.scenario_of(number).refused == scenarios.BAD_NUMBER:
        return _no(400, wire.INVALID_NUMBER)
    params = body.get("templateParams", [])
    if not isinstance(params, list) or len(params) != len(template.params):
        return _no(400, wire.PARAMS_DIFFER)
    try:
        wire.Send.model_validate(body)
    except ValidationError as error:
        first = ".".join(map(str, error.errors()[0]["loc"]))
        return _no(400, f"{first} is required")  # unconfirmed
    return None


def _text(body: Json, key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _yes(values: Json) -> Response:
    return json_answer({"success": "true", **values})  # the word, not a boolean


def _no(status: int, words: str) -> Response:
    """The shape of everything that concerns one message or campaign."""
    return json_answer({"message": words}, status)


def _account_no(status: int, words: str) -> Response:
    """The shape of what concerns the whole account."""
    names = {"name": f"ERR{status}", "errorCode": status, "errorMessage": words}
    return json_answer({"message": words, **names}, status)


def _wrong_key() -> Response:
    return _no(401, "Unauthorized")  # unconfirmed


def _not_found(error: HTTPException) -> Response:
    """An address that is not served, as the framework behind AiSensy says it."""  # unconfirmed
    page = f"<pre>Cannot {request.method} {request.path}</pre>"
    return Response(f"<!DOCTYPE html><html><body>{page}</body></html>", 404, mimetype="text/html")


SIMULATOR = Simulator(
    settings=AiSensySettings,
    create_app=create_simulator,
    delivery=messages.delivery_policy,
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
