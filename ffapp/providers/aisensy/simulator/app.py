"""An AiSensy of our own, over HTTP: the Campaign API's send and campaign-details."""

import time
from functools import partial
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
from ffapp.providers.simulating.descriptor import Magic, Simulator

PREFIX = "/campaign/t1/api"


def create_simulator(settings: config.Settings) -> Flask:
    """The simulator as a Flask application; its credentials are those of the settings."""
    own = settings.of(AiSensySettings)
    app = faults.create_app(
        own,
        limited=lambda: _no(429, "Too many requests"),  # unconfirmed
        unauthorised=_wrong_key,
        static_folder=None,
    )
    known = campaigns.used(own)
    views = {wire.SEND_PATH: _send, wire.OLD_SEND_PATH: _send, wire.DETAILS_PATH: _details}
    for path, view in views.items():
        app.add_url_rule(PREFIX + path, path or "v1", partial(view, own, known), methods=["POST"])
    app.register_error_handler(HTTPException, _not_found)
    return app


def _send(settings: AiSensySettings, known: dict[str, Template]) -> Response:
    try:
        send = wire.Send.model_validate(json_object())
    except ValidationError:
        return _no(400, "Bad Request")  # unconfirmed
    number, template = messages.read_number(send.destination), known.get(send.campaign_name)
    refusal = _refusal(send, settings, number, template)
    if refusal is not None or number is None or template is None:
        refusal = refusal or _no(400, wire.INVALID_NUMBER)
        store.record(
            PROVIDER,
            "whatsapp.refused",
            status=refusal.status_code,
            recipient=send.destination,
            campaign=send.campaign_name,
            answer=refusal.get_data(as_text=True),
        )
        return refusal
    time.sleep(store.delay(f"send:{send.source or number}", 0.5, 2))
    return _yes({"submitted_message_id": messages.accept(send, number, template)})


def _details(settings: AiSensySettings, known: dict[str, Template]) -> Response:
    """unconfirmed: the answer beyond `requestBody`, and what stands in the list."""
    body = json_object() or {}
    if body.get("apiKey") != settings.api_key:
        return _wrong_key()
    template = known.get(str(body.get("campaignName")))
    if template is None:
        return _no(400, wire.NO_CAMPAIGN)
    places = [f"{{{{{number}}}}}" for number, _ in enumerate(template.params, 1)]
    return _yes({"requestBody": {"templateParams": places}})


def _refusal(
    send: wire.Send, settings: AiSensySettings, number: str | None, template: Template | None
) -> Response | None:
    """unconfirmed: the order in which AiSensy finds fault; the one here is the likeliest."""
    scenario = scenarios.scenario_of(number or "")
    if send.api_key != settings.api_key:
        return _wrong_key()
    if store.switch(PROVIDER, scenarios.NO_PLAN):
        return _account_no(400, wire.NO_PLAN)
    if scenario.refused == scenarios.EMPTY_WALLET or store.switch(PROVIDER, scenarios.NO_CREDITS):
        return _account_no(402, wire.NO_CREDITS)
    if template is None:
        return _no(400, wire.NO_CAMPAIGN)
    if store.switch(PROVIDER, scenarios.NOT_LIVE):
        return _no(400, wire.NOT_LIVE)  # unconfirmed: the status
    if number is None or scenario.refused == scenarios.BAD_NUMBER:
        return _no(400, wire.INVALID_NUMBER)
    if len(send.template_params) != len(template.params):
        return _no(400, wire.PARAMS_DIFFER)
    return None


def _yes(values: dict[str, Any]) -> Response:
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
