"""The front page: where each person belongs, whether we are well, and how the page looks."""

from typing import Any

import flask

from ffapp.core import config
from ffapp.core.i18n import LANGUAGES
from ffapp.web import auth, health, language
from ffapp.web.kit.page import see
from ffapp.web.public.blueprint import public

YEAR_SECONDS = 365 * 24 * 3600


@public.get("/")
def front() -> flask.typing.ResponseReturnValue:
    person = auth.viewer()
    if person is None:
        return see(flask.url_for("public.sign_in"))
    return see(flask.url_for("admin.today" if person.user.is_admin else "student.home"))


@public.get("/healthz")
def healthz() -> flask.typing.ResponseReturnValue:
    """200 when the database answers, its migrations fit and a worker is alive; else 503."""
    troubles = health.troubles()
    return {"ok": not troubles, "troubles": troubles}, 503 if troubles else 200


@public.post("/theme")
def theme() -> flask.typing.ResponseReturnValue:
    """Light, dark, or as the device has it; kept in a cookie so that no page flashes."""
    form = flask.request.form
    response = see(auth.safe_path(form.get("next")) or flask.url_for("public.front"))
    kept: dict[str, Any] = {
        "samesite": "Lax",
        "httponly": True,
        "secure": config.current().secure,
    }
    if form.get("theme") in ("light", "dark"):
        response.set_cookie("theme", form["theme"], max_age=YEAR_SECONDS, **kept)
    else:
        response.delete_cookie("theme", **kept)
    return response


@public.post("/language")
def choose_language() -> flask.typing.ResponseReturnValue:
    """The language of a visitor's pages, kept in a cookie; a student chooses on Me."""
    response = see(auth.back_or(flask.url_for("public.front")))
    code = flask.request.form.get("language")
    if code in LANGUAGES:
        language.remember(response, code)
    return response
