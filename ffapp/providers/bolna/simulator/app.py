"""A Bolna of our own, over HTTP: placing, reading, listing and stopping calls, and recordings."""

import hmac
import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from ffapp.core import clock, config
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.settings import BolnaSettings
from ffapp.providers.bolna.simulator import calls, scenarios, speech
from ffapp.providers.bolna.simulator.scenarios import PROVIDER
from ffapp.providers.simulating import faults, store
from ffapp.providers.simulating.answers import json_answer, json_object
from ffapp.providers.simulating.descriptor import Magic, Simulator

E164 = re.compile(r"\+[1-9]\d{6,14}")
SOONEST = timedelta(minutes=2)
SIGNED = "signed"  # the last part of the recording's own address, which needs no key
LARGEST_PAGE = 50
WALLET_CENTS = 4242


def create_simulator(settings: config.Settings) -> Flask:
    """The simulator as a Flask application; its credentials are those of the settings."""
    own = settings.of(BolnaSettings)
    app = faults.create_app(
        own,
        limited=lambda: json_answer({"message": "Too many requests"}, 429),  # unconfirmed
        unauthorised=_wrong_key,
        static_folder=None,
    )

    @app.before_request
    def check_key() -> Response | None:
        given = request.headers.get("Authorization", "")
        is_open = request.path.endswith(f"/{SIGNED}")
        is_ours = hmac.compare_digest(given.encode(), f"Bearer {own.api_key}".encode())
        return None if is_open or is_ours else _wrong_key()

    agents, ids = own.agents, set(own.agents.values())
    app.add_url_rule(wire.ME_PATH, "me", _me)
    app.add_url_rule(wire.CALL_PATH, "place", lambda: _place(ids), methods=["POST"])
    app.add_url_rule(f"{wire.CALL_PATH}/<execution_id>/stop", "stop", _stop, methods=["POST"])
    app.add_url_rule("/executions/<execution_id>", "get", _get)
    app.add_url_rule("/v2/agent/all", "agents", lambda: _agents(agents))
    app.add_url_rule("/v2/agent/<agent_id>/executions", "list", _list)
    app.add_url_rule("/recordings/call/<execution_id>", "recording", _recording)
    app.add_url_rule(f"/recordings/files/<execution_id>/{SIGNED}", "file", _file)
    app.register_error_handler(HTTPException, _http_error)
    return app


def _me() -> Response:
    concurrency = {"max": 10, "current": 0}
    account = {"id": "ffapp-simulator", "name": "Simulated", "email": "simulated@example.com"}
    return json_answer({**account, "wallet": WALLET_CENTS, "concurrency": concurrency})


def _place(agent_ids: Collection[str]) -> Response:
    body = json_object()
    if body is None:
        wrong = {"loc": ["body"], "msg": "value is not a valid dict", "type": "type_error.dict"}
        return _no_call(422, {"detail": [wrong]})  # unconfirmed
    for name in ("agent_id", "recipient_phone_number"):
        if not isinstance(body.get(name), str) or not body[name]:
            return _no_call(400, {"error": 1001, "message": f"{name} is required"})
    if body["agent_id"] not in agent_ids:
        return _no_call(404, {"error": "Agent not found"})  # unconfirmed
    number = body["recipient_phone_number"]
    if not E164.fullmatch(number):
        # unconfirmed: that it is refused here, and the words
        return _no_call(400, {"error": 1001, "message": "recipient_phone_number is invalid"})
    if store.switch(PROVIDER, scenarios.TRIAL):
        return _no_call(403, {"message": wire.NOT_VERIFIED})
    at = body.get("scheduled_at")
    if at is not None and str(at).upper().endswith("Z"):
        return _no_call(500, {"message": "Internal Server Error"})
    starts_at = wire.instant(at)
    if at is not None and (starts_at is None or datetime.fromisoformat(at).tzinfo is None):
        return _no_call(400, {"message": "scheduled_at cannot be parsed"})  # unconfirmed
    if starts_at and starts_at < clock.now() + SOONEST:
        return _no_call(400, {"error": 1001, "message": wire.TOO_SOON})
    execution_id = calls.place(body, starts_at)
    return json_answer({"message": "done", "status": wire.QUEUED, "execution_id": execution_id})


def _no_call(status: int, answer: dict[str, Any]) -> Response:
    body = json_object() or {}
    number, data = body.get("recipient_phone_number"), body.get("user_data")
    store.record(
        PROVIDER,
        "call.refused",
        status=status,
        effect_id=data.get(wire.EFFECT) if isinstance(data, dict) else None,
        recipient=number if isinstance(number, str) else None,
        answer=answer,
    )
    return json_answer(answer, status)


def _stop(execution_id: str) -> Response:
    stopped = calls.stop(execution_id)
    if stopped is None:
        return _unknown()
    if not stopped:  # unconfirmed: the status and the words
        return json_answer({"message": "Call is not queued or scheduled"}, 400)
    answer = {"message": "done", "status": wire.STOPPED, "execution_id": execution_id}
    return json_answer(answer)


def _get(execution_id: str) -> Response:
    call = store.get(PROVIDER, calls.CALL, execution_id)
    return json_answer(calls.described(call)) if call else _unknown()


def _agents(agents: Mapping[str, str]) -> Response:
    rows = [{"id": agent_id, "agent_name": name} for name, agent_id in agents.items()]
    return json_answer([{**row, "agent_status": "processed"} for row in rows])


def _list(agent_id: str) -> Response:
    asked = request.args
    since, until = wire.instant(asked.get("from")), wire.instant(asked.get("to"))
    if since is None or until is None:
        return json_answer({"error": 1001, "message": "from and to are required"}, 400)
    if until - since > timedelta(days=7):
        return json_answer({"error": 1001, "message": "The range exceeds 7 days"}, 400)
    number = max(1, asked.get("page_number", 1, type=int))
    size = min(max(1, asked.get("page_size", 20, type=int)), LARGEST_PAGE)
    found = [
        call
        for call in store.find(PROVIDER, calls.CALL, agent_id=agent_id)
        if since <= datetime.fromisoformat(call["created_at"]) <= until
    ]
    rows = found[::-1][(number - 1) * size : number * size]
    return json_answer(
        {
            "page_number": number,
            "page_size": size,
            "total": len(found),
            "has_more": number * size < len(found),
            "data": [calls.trimmed(call) for call in rows],
        }
    )


def _recording(execution_id: str) -> AnyResponse:
    """unconfirmed: that it redirects, and that it needs the key."""
    call = store.get(PROVIDER, calls.CALL, execution_id)
    if call is None or not calls.described(call)["telephony_data"]["recording_url"]:
        return _unknown()
    base = BolnaSettings.current().base_url
    return redirect(f"{base}/recordings/files/{execution_id}/{SIGNED}", 302)


def _file(execution_id: str) -> Response:
    known = store.get(PROVIDER, calls.CALL, execution_id) is not None
    return Response(speech.sound(), 200, mimetype="audio/wav") if known else _unknown()


def _unknown() -> Response:
    return json_answer({"message": "Execution not found"}, 404)  # unconfirmed: the words


def _wrong_key() -> Response:
    if store.switch(PROVIDER, scenarios.DENIES):
        return json_answer({"error": 401, "message": wire.ACCESS_DENIED}, 401)
    return json_answer({"detail": wire.WRONG_KEY}, 403)


def _http_error(error: HTTPException) -> Response:
    """An address that is not served, as the framework behind Bolna says it."""
    return json_answer({"detail": error.name}, error.code or 500)


SIMULATOR = Simulator(
    settings=BolnaSettings,
    create_app=create_simulator,
    delivery=calls.delivery_policy,
    how="Give a person such a phone number, and call them: its last six digits count.",
    magic=(
        *(Magic(scenarios.example(each.ending), each.what) for each in scenarios.SCENARIOS),
        Magic("+91 98765 43210", scenarios.ORDINARY.what),
    ),
    switches=scenarios.SWITCHES,
)
