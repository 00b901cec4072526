"""The front page: where each person belongs; health, colours, and the calendar feed."""

import hashlib

import flask

from ffapp.classes import calendar_feed as feeds
from ffapp.core.db import transaction
from ffapp.core.i18n import LANGUAGES
from ffapp.web import auth, health, language
from ffapp.web.auth import public
from ffapp.web.kit.page import remember, see


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
    response = see(auth.back_or(flask.url_for("public.front")))
    chosen = flask.request.form.get("theme", "")
    remember(response, "theme", chosen if chosen in ("light", "dark") else "")
    return response


@public.post("/language")
def choose_language() -> flask.typing.ResponseReturnValue:
    """The language of a visitor's pages, kept in a cookie; a student chooses on Me."""
    response = see(auth.back_or(flask.url_for("public.front")))
    code = flask.request.form.get("language")
    if code in LANGUAGES:
        remember(response, language.COOKIE, code)
    return response


@public.get("/calendar/<token>.ics")
def calendar_feed(token: str) -> flask.typing.ResponseReturnValue:
    """It needs no sign-in: who knows the link reads it; an old link is 404 at once.

    The token stands in the path and nowhere in our logs, which name the rule.
    """
    feed = feeds.find(token)
    if feed is None:
        flask.abort(404)
    content = feeds.content_of(feed)
    response = flask.Response(content, content_type="text/calendar; charset=utf-8")
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.last_modified = transaction(feeds.changed_with, feed, content)
    # The browser may keep it, and asks each time: a link that was replaced shows nothing.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response.make_conditional(flask.request)
