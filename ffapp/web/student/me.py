"""A student's own settings (language, time zone, what to be told and how, quiet hours),
their calendar link, and a class as a calendar file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import flask
import wtforms
from wtforms.fields import SelectChoice

from ffapp.classes import calendar
from ffapp.classes import calendar_feed as feeds
from ffapp.classes.permissions import CLASSES
from ffapp.core import clock, config, i18n, signing
from ffapp.core.db import transaction
from ffapp.core.events import diff, record
from ffapp.core.i18n import LANGUAGES, gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.notifications import choices, quiet
from ffapp.people.age import is_adult
from ffapp.people.consent import Purpose, consent_of
from ffapp.people.models import Person
from ffapp.web import auth, language
from ffapp.web.auth import student
from ffapp.web.kit.forms import Form, Required, TimeField, ZoneField
from ffapp.web.kit.page import page, remember, see
from ffapp.web.kit.queries import get_or_404

KEPT_IN = "calendar_link"  # the session's key


class MeForm(Form):
    language = wtforms.SelectField(
        _("Language"), choices=[SelectChoice(*each) for each in LANGUAGES.items()]
    )
    time_zone = ZoneField(_("Your time zone"))
    quiet_from = TimeField(_("Quiet from"), [Required(_("Enter a time, such as 21:00."))])
    quiet_until = TimeField(_("Until"), [Required(_("Enter a time, such as 08:00."))])


@student.route("/me", methods=["GET", "POST"])
def me() -> flask.typing.ResponseReturnValue:
    person = auth.me()
    begins, ends = quiet.hours_of([person.id])[person.id]
    form = MeForm(
        language=i18n.known(person.language),
        time_zone=person.time_zone or "",
        quiet_from=begins,
        quiet_until=ends,
    )
    if form.validate_on_submit():
        transaction(_save, form)
        with i18n.language(form.language.data):
            flask.flash(gettext("Saved"))
        response = see(flask.url_for("student.me"))
        remember(response, language.COOKIE, form.language.data)
        return response
    wanted = _ticked() if form.is_submitted() else _wanted(person)
    return page(
        "student/me.html",
        form=form,
        person=person,
        zones=sorted(clock.zone_names()),
        default_zone=config.current().time_zone,
        kinds=choices.KINDS,
        channels=choices.CHANNELS,
        wanted=wanted,
        calendar=link_of(person),
        is_adult=is_adult(person),
        whatsapp_agreed=consent_of(person, Purpose.WHATSAPP),
        status=422 if form.is_submitted() else 200,
    )


def _save(form: MeForm) -> None:
    person = auth.me()
    wanted = {"time_zone": form.time_zone.data or None, "language": form.language.data}
    before = {"time_zone": person.time_zone, "language": i18n.known(person.language)}
    if changed := diff(before, wanted):
        record("person_changed", by=person, on=person, changed=changed)
    person.time_zone, person.language = wanted["time_zone"], wanted["language"]
    ticked = _ticked()
    for kind, channel in _choosable():
        choices.choose(person, kind, channel, (kind, channel) in ticked)
    quiet.set_hours(person, form.quiet_from.data or time(), form.quiet_until.data or time())


def _choosable() -> Iterator[tuple[str, str]]:
    for name, kind in choices.KINDS.items():
        if not kind.always:
            yield from ((name, channel) for channel in choices.CHANNELS)


def _wanted(person: Person) -> set[tuple[str, str]]:
    return set(_choosable()) - choices.declined_by(person)


def _ticked() -> set[tuple[str, str]]:
    """The boxes that were ticked; each is named `<kind>:<channel>`."""
    sent: Any = flask.request.form.getlist("wanted")
    return {(kind, channel) for kind, channel in _choosable() if f"{kind}:{channel}" in sent}


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
        gettext("The old link has stopped working")
        if again
        else gettext("Your calendar link is ready")
    )
    return see(flask.url_for("student.me", _anchor="calendar"))


@student.post("/me/calendar-link/end")
def end_calendar_link() -> flask.typing.ResponseReturnValue:
    transaction(feeds.switch_off, auth.me())
    flask.session.pop(KEPT_IN, None)
    flask.flash(gettext("Your calendar link is switched off"))
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
