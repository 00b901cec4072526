"""The campaigns of the simulated project: those of the settings, and those made on its page."""

import re

import flask
from werkzeug.wrappers import Response

from ffapp.providers.aisensy import campaigns
from ffapp.providers.aisensy.campaigns import PLACE, Template
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator.switches import PROVIDER
from ffapp.providers.simulating import store

KIND = "campaign"
LONGEST_NAME, LONGEST_TEXT = 200, 1024
blueprint = flask.Blueprint("campaigns", __name__)


def campaign_named(name: str, known: dict[str, Template]) -> Template | None:
    """The template that a campaign carries; `known` are those of the settings."""
    if name in known:
        return known[name]
    made = store.get(PROVIDER, KIND, name)
    return _template(made["text"]) if made else None


@blueprint.get("/campaigns")
def listed() -> str:
    known = campaigns.used(AiSensySettings.current())
    made = store.find(PROVIDER, KIND)
    return flask.render_template(
        "simulators/campaigns.html",
        made=made,
        known=sorted(known.items()),
        wrong=flask.request.args.get("wrong", ""),
        typed={name: flask.request.args.get(name, "") for name in ("name", "text")},
    )


@blueprint.post("/campaigns")
def make() -> Response:
    """Form: `name`, `text` (with {{1}} …). WhatsApp approves it at once, and it is live."""
    form = flask.request.form
    name = form.get("name", "").replace("\0", "").strip()
    text = form.get("text", "").replace("\0", "").replace("\r\n", "\n").strip()
    wrong = _wrong_with(name, text)
    if wrong:
        return _back(wrong=wrong, name=name[:LONGEST_NAME], text=text[:LONGEST_TEXT])
    store.put(PROVIDER, KIND, name, {"name": name, "text": text})
    return _back(done="made")


@blueprint.post("/campaigns/removals")
def remove() -> Response:
    """Form: `name`. From now on AiSensy knows no such campaign."""
    store.remove(PROVIDER, KIND, flask.request.form.get("name", ""))
    return _back(done="removed")


def _wrong_with(name: str, text: str) -> str:
    """Why WhatsApp would not approve the template, or AiSensy not take the campaign."""
    known = campaigns.used(AiSensySettings.current())
    numbers = [int(number) for number in PLACE.findall(text)]
    if not 0 < len(name) <= LONGEST_NAME:
        return f"Give a name of at most {LONGEST_NAME} letters."
    if name in known or store.get(PROVIDER, KIND, name):
        return "There is a campaign of that name already."
    if not 0 < len(text) <= LONGEST_TEXT:
        return f"Write a text of at most {LONGEST_TEXT} letters."
    if sorted(set(numbers)) != list(range(1, len(set(numbers)) + 1)):
        return "The variables have to be {{1}}, {{2}} and so on, without a gap."
    if PLACE.match(text) or re.search(PLACE.pattern + r"$", text):
        return "WhatsApp approves no text that begins or ends with a variable."
    return ""


def _template(text: str) -> Template:
    count = len(set(PLACE.findall(text)))
    return Template(text, tuple(str(number) for number in range(1, count + 1)))


def _back(**words: str) -> Response:
    return flask.redirect(flask.url_for("campaigns.listed", **words), 303)
