"""Templates and their versions, and how a mail is made of one.

A dynamic one (`d-…`) puts `dynamic_template_data` where `{{name}}` or `{{outer.name}}` stands;
blocks such as `{{#each}}` are left as they are. A legacy one has `<%subject%>` and `<%body%>`.
"""

import html
import re
import secrets
import uuid
from typing import Any

import flask

from ffapp.core import clock
from ffapp.providers.sendgrid.simulator.answers import Refusal, body
from ffapp.providers.simulating import store
from ffapp.providers.simulating.answers import empty_answer, json_answer

PROVIDER, TEMPLATE = "sendgrid", "template"
PLACE = re.compile(r"\{\{\{\s*([\w.]+)\s*\}\}\}|\{\{\s*([\w.]+)\s*\}\}")
TEXTS = ("name", "subject", "html_content", "plain_content")
blueprint = flask.Blueprint("templates", __name__, url_prefix="/v3/templates")


def active_version(template_id: str) -> dict[str, Any] | None:
    """The version that mails are made of; None without a template, or an active version of it."""
    found = store.get(PROVIDER, TEMPLATE, template_id)
    versions = found["versions"] if found else []
    return next((each for each in versions if each["active"]), None)


def is_dynamic(template_id: str) -> bool:
    return template_id.startswith("d-")


def fill(text: str, data: dict[str, Any], *, escape: bool = False) -> str:
    """A dynamic template's text with the data in it; what is missing is empty."""

    def value(place: re.Match[str]) -> str:
        found: Any = data
        for name in (place[1] or place[2]).split("."):
            found = found.get(name, "") if isinstance(found, dict) else ""
        return html.escape(str(found)) if escape and place[2] else str(found)

    return PLACE.sub(value, text)


@blueprint.post("")
def make() -> flask.Response:
    asked = body()
    generation = asked.get("generation", "legacy")
    if not isinstance(asked.get("name"), str) or generation not in {"legacy", "dynamic"}:
        raise Refusal(400, "name and generation must be valid", "name")  # unconfirmed
    template_id = f"d-{secrets.token_hex(16)}" if generation == "dynamic" else str(uuid.uuid4())
    about = {"id": template_id, "name": asked["name"], "generation": generation}
    found = {**about, "updated_at": _now(), "versions": []}
    store.put(PROVIDER, TEMPLATE, template_id, found)
    return json_answer(found, 201)


@blueprint.get("")
def show_all() -> flask.Response:
    """Query: `generations`, legacy where nothing is said."""
    wanted = flask.request.args.get("generations", "legacy").split(",")
    found = [each for each in store.find(PROVIDER, TEMPLATE) if each["generation"] in wanted]
    if "page_size" in flask.request.args:
        return json_answer({"result": found, "_metadata": {"count": len(found)}})
    return json_answer({"templates": found})


@blueprint.get("/<template_id>")
def show(template_id: str) -> flask.Response:
    return json_answer(_found(template_id))


@blueprint.patch("/<template_id>")
def rename(template_id: str) -> flask.Response:
    changed = {**_found(template_id), "name": str(body().get("name", "")), "updated_at": _now()}
    store.put(PROVIDER, TEMPLATE, template_id, changed)
    return json_answer(changed)


@blueprint.delete("/<template_id>")
def delete(template_id: str) -> flask.Response:
    _found(template_id)
    store.remove(PROVIDER, TEMPLATE, template_id)
    return empty_answer(204)


@blueprint.post("/<template_id>/versions")
def make_version(template_id: str) -> flask.Response:
    asked, found = body(), _found(template_id)
    texts = {name: str(asked.get(name) or "") for name in TEXTS}
    version_id = str(uuid.uuid4())
    version = {"id": version_id, "template_id": template_id, "active": 0, **texts}
    version |= {"editor": "code", "updated_at": _now()}
    found["versions"].append(version)
    if asked.get("active", 1) or len(found["versions"]) == 1:
        _activate(found, version_id)
    store.put(PROVIDER, TEMPLATE, template_id, found)
    return json_answer(version, 201)


@blueprint.post("/<template_id>/versions/<version_id>/activate")
def activate(template_id: str, version_id: str) -> flask.Response:
    found = _found(template_id)
    _activate(found, version_id)
    store.put(PROVIDER, TEMPLATE, template_id, found)
    return json_answer(_version(found, version_id))


@blueprint.get("/<template_id>/versions/<version_id>")
def show_version(template_id: str, version_id: str) -> flask.Response:
    return json_answer(_version(_found(template_id), version_id))


@blueprint.patch("/<template_id>/versions/<version_id>")
def change_version(template_id: str, version_id: str) -> flask.Response:
    asked, found = body(), _found(template_id)
    version = _version(found, version_id)
    version.update({name: str(asked[name]) for name in TEXTS if name in asked})
    version["updated_at"] = _now()
    if asked.get("active"):
        _activate(found, version_id)
    store.put(PROVIDER, TEMPLATE, template_id, found)
    return json_answer(version)


@blueprint.delete("/<template_id>/versions/<version_id>")
def delete_version(template_id: str, version_id: str) -> flask.Response:
    found = _found(template_id)
    found["versions"].remove(_version(found, version_id))
    store.put(PROVIDER, TEMPLATE, template_id, found)
    return empty_answer(204)


def _activate(found: dict[str, Any], version_id: str) -> None:
    _version(found, version_id)
    for each in found["versions"]:
        each["active"] = int(each["id"] == version_id)


def _found(template_id: str) -> dict[str, Any]:
    found = store.get(PROVIDER, TEMPLATE, template_id)
    if found is None:
        raise Refusal(404, "Template not found")  # unconfirmed
    return found


def _version(found: dict[str, Any], version_id: str) -> dict[str, Any]:
    for each in found["versions"]:
        if each["id"] == version_id:
            return each  # type: ignore[no-any-return]
    raise Refusal(404, "Version not found")  # unconfirmed


def _now() -> str:
    return f"{clock.now():%Y-%m-%d %H:%M:%S}"
