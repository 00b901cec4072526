"""Batches: ids under which scheduled mails can be paused, sent after all, or cancelled."""

import secrets
from typing import Any

import flask

from ffapp.providers.sendgrid.simulator.answers import Refusal, body
from ffapp.providers.simulating import callbacks, store
from ffapp.providers.simulating.answers import empty_answer, json_answer

PROVIDER, BATCH = "sendgrid", "batch"
PAUSE, CANCEL = "pause", "cancel"
blueprint = flask.Blueprint("batches", __name__, url_prefix="/v3")


def is_batch(batch_id: str) -> bool:
    return store.get(PROVIDER, BATCH, batch_id) is not None


def add_mail(batch_id: str, message_id: str) -> None:
    """A mail of the batch was taken; what was said of the batch holds for it as well."""

    def change(found: dict[str, Any]) -> None:
        found["messages"].append(message_id)

    found = store.edit(PROVIDER, BATCH, batch_id, change)
    if found and found["status"]:
        _obey(found)


@blueprint.post("/mail/batch")
def make() -> flask.Response:
    batch_id = secrets.token_urlsafe(40)
    row = {"batch_id": batch_id, "status": None, "messages": []}
    store.put(PROVIDER, BATCH, batch_id, row)
    return json_answer({"batch_id": batch_id}, 201)


@blueprint.get("/mail/batch/<batch_id>")
def check(batch_id: str) -> flask.Response:
    return json_answer({"batch_id": _found(batch_id)["batch_id"]})


@blueprint.post("/user/scheduled_sends")
def set_status() -> flask.Response:
    asked = body()
    found = _found(str(asked.get("batch_id")))
    if found["status"]:
        # unconfirmed: the words
        raise Refusal(400, "a status for this batch id exists already, try PATCH", "batch_id")
    return json_answer(_said(_set(found, asked)), 201)


@blueprint.get("/user/scheduled_sends")
def show_all() -> flask.Response:
    return json_answer([_said(each) for each in store.find(PROVIDER, BATCH) if each["status"]])


@blueprint.get("/user/scheduled_sends/<batch_id>")
def show(batch_id: str) -> flask.Response:
    found = store.get(PROVIDER, BATCH, batch_id)
    return json_answer([_said(found)] if found and found["status"] else [])


@blueprint.patch("/user/scheduled_sends/<batch_id>")
def change_status(batch_id: str) -> flask.Response:
    _set(_with_status(batch_id), body())
    return empty_answer(204)


@blueprint.delete("/user/scheduled_sends/<batch_id>")
def remove_status(batch_id: str) -> flask.Response:
    """What was paused goes out after all."""
    found = {**_with_status(batch_id), "status": None}
    store.put(PROVIDER, BATCH, batch_id, found)
    _obey(found)
    return empty_answer(204)


def _set(found: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    if asked.get("status") not in {PAUSE, CANCEL}:
        raise Refusal(400, "status must be either cancel or pause", "status")  # unconfirmed
    found = {**found, "status": asked["status"]}
    store.put(PROVIDER, BATCH, found["batch_id"], found)
    _obey(found)
    return found


def _obey(found: dict[str, Any]) -> None:
    """Hold, drop or let go what is still to be told of the batch's mails."""
    state = {PAUSE: "held", CANCEL: "given_up"}.get(found["status"], "due")
    for message_id in found["messages"]:
        callbacks.hold(PROVIDER, message_id, state)


def _found(batch_id: str) -> dict[str, Any]:
    found = store.get(PROVIDER, BATCH, batch_id)
    if found is None:
        raise Refusal(400, "invalid batch id")
    return found


def _with_status(batch_id: str) -> dict[str, Any]:
    found = store.get(PROVIDER, BATCH, batch_id)
    if found is None or not found["status"]:
        raise Refusal(404, "batch id not found")  # unconfirmed
    return found


def _said(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("batch_id", "status")}
