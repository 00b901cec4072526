"""A class as a file for a calendar, and the student's private calendar link."""

from dataclasses import dataclass
from datetime import datetime

import flask

from ffapp.classes import calendar
from ffapp.classes import calendar_feed as feeds
from ffapp.classes.permissions import CLASSES
from ffapp.core import config, signing
from ffapp.core.db import transaction
from ffapp.core.i18n import gettext as _
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.kit.page import see
from ffapp.web.kit.queries import get_or_404
from ffapp.web.student.blueprint import student

KEPT_IN = "calendar_link"  # the session's key


@dataclass(frozen=True)
class Link:
    """What the page shows; `url` only in the browser in which the link was made."""

    made_at: datetime
    url: str | None

    @property
    def webcal_url(self) -> str | None:
        """The same for a program that follows calendars, which opens at this word."""
        return "webcal:" + self.url.partition(":")[2] if self.url else None


@student.get("/classes/<int:class_id>.ics")
def class_ics(class_id: int) -> flask.typing.ResponseReturnValue:
    """One class as a file, for those who are enrolled."""
    session = get_or_404(CLASSES, class_id)
    response = flask.Response(
        calendar.file_of(session), content_type="text/calendar; charset=utf-8"
    )
    name = calendar.file_name(session)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@student.post("/me/calendar-link")
def make_calendar_link() -> flask.typing.ResponseReturnValue:
    """Only the digest is stored, so the link itself stays in the session of who made it, sealed."""
    again = feeds.feed_of(auth.me()) is not None
    flask.session[KEPT_IN] = signing.encrypt(transaction(feeds.make_link, auth.me()))
    flask.flash(
        _("The old link has stopped working") if again else _("Your calendar link is ready")
    )
    return see(flask.url_for("student.me", _anchor="calendar"))


@student.post("/me/calendar-link/end")
def end_calendar_link() -> flask.typing.ResponseReturnValue:
    transaction(feeds.switch_off, auth.me())
    flask.session.pop(KEPT_IN, None)
    flask.flash(_("Your calendar link is switched off"))
    return see(flask.url_for("student.me", _anchor="calendar"))


def link_of(person: Person) -> Link | None:
    """The person's link, if there is one."""
    feed = feeds.feed_of(person)
    if feed is None:
        return None
    token = _kept_token()
    if token is None or not feed.is_of(token):
        return Link(feed.made_at, None)
    path = flask.url_for("public.calendar_feed", token=token)
    return Link(feed.made_at, config.current().public_url + path)


def _kept_token() -> str | None:
    sealed = flask.session.get(KEPT_IN)
    try:
        return signing.decrypt(sealed) if sealed else None
    except signing.BadLink:
        return None  # sealed with a SECRET_KEY that was replaced since
