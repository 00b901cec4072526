"""Addresses to which SendGrid no longer sends, and the endpoints that list and forget them."""

from collections.abc import Collection
from typing import Any

from flask import Blueprint, Response, request

from ffapp.core import clock
from ffapp.providers.sendgrid.simulator.answers import empty, json_of, refusal
from ffapp.providers.sendgrid.simulator.magic import Scenario, dropped
from ffapp.providers.simulating import store

# list → the reason with which later mails are dropped; what was only blocked is tried again
LISTS = {
    "bounces": "Bounced Address",
    "blocks": None,
    "spam_reports": "Spam Reporting Address",
}
blueprint = Blueprint("suppressions", __name__)


def suppress(scenario: Scenario, address: str, created: int) -> None:
    """Put `address` on the list that its scenario leads to, from the unix second `created` on."""
    row: dict[str, Any] = {"created": created, "email": address}
    if scenario.suppression == "spam_reports":
        row["ip"] = scenario.steps[1].facts["ip"]
    else:
        row |= {"reason": scenario.steps[-1].facts["reason"], "status": scenario.status}
    store.put("sendgrid", scenario.suppression or "", address.lower(), row)


def suppressed(addresses: Collection[str]) -> dict[str, Scenario]:
    """Those of the addresses (lower case) that will be dropped now, and how."""
    found: dict[str, Scenario] = {}
    for name, reason in LISTS.items():
        if reason:
            rows = store.get_many("sendgrid", name, addresses)
            found |= {key: dropped(reason) for key, row in rows.items() if _is_past(row)}
    return found


@blueprint.get("/v3/suppression/<any(bounces, blocks, spam_reports):name>")
def listed(name: str) -> Response:
    numbers = {
        key: request.args.get(key, default, type=int)
        for key, default in (("start_time", 0), ("end_time", 2**40), ("limit", 500), ("offset", 0))
    }
    wanted = request.args.get("email", "").lower()
    rows = [
        row
        for row in reversed(store.find("sendgrid", name))
        if _is_past(row)
        and numbers["start_time"] <= row["created"] <= numbers["end_time"]
        and wanted in row["email"].lower()
    ]
    return json_of(rows[numbers["offset"] :][: numbers["limit"]])


@blueprint.delete("/v3/suppression/<any(bounces, blocks, spam_reports):name>")
def forget_many(name: str) -> Response:
    body = request.get_json(silent=True)
    body = body if isinstance(body, dict) else {}
    emails, everything = body.get("emails"), body.get("delete_all") is True
    if everything == isinstance(emails, list):
        return refusal(400, "Provide either emails or delete_all")  # unconfirmed
    if everything:
        emails = [row["email"] for row in store.find("sendgrid", name)]
    for email in emails:
        store.remove("sendgrid", name, str(email).lower())
    return empty(204)


@blueprint.get("/v3/suppression/<any(bounces, blocks, spam_reports):name>/<email>")
def one(name: str, email: str) -> Response:
    row = store.get("sendgrid", name, email.lower())
    return json_of([row] if row and _is_past(row) else [])


@blueprint.delete("/v3/suppression/<any(bounces, blocks, spam_reports):name>/<email>")
def forget(name: str, email: str) -> Response:
    store.remove("sendgrid", name, email.lower())
    return empty(204)


def _is_past(row: dict[str, Any]) -> bool:
    return int(row["created"]) <= clock.now().timestamp()
