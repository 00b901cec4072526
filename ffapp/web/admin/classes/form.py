"""Scheduling a class or a weekly series, and changing a class."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import flask
import wtforms

from ffapp.classes import queries, series
from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import AlreadyCancelled, Plan
from ffapp.classes.schedule_warnings import schedule_warnings
from ffapp.classes.undoable import CHANGE, change_class
from ffapp.core import clock
from ffapp.core.db import EditConflict, FieldError, db
from ffapp.meetings import meeting_status
from ffapp.programme.models import Cohort
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.web import auth
from ffapp.web.auth import admin
from ffapp.web.kit.forms import (
    DateField,
    EmailField,
    Length,
    LongTextField,
    NumberField,
    Required,
    TextField,
    TimeField,
)
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import get_or_404, query_int
from ffapp.web.kit.resource import ResourceForm, ask_first, respond
from ffapp.web.kit.timeline import edits_in_words
from ffapp.web.kit.undo import UndoView, counted, flash_with_undo, show_undo_as

DAY_MINUTES = 24 * 60
QUICK_MINUTES = (45, 60, 90)
FRAGMENTS = ("zone_note", "minutes_field")
SAVED = {
    "class_moved": "{0} is moved to {1}. Students are told in a minute.",
    "class_renamed": "The class is called {0} now. Students are told in a minute.",
    "class_edited": "Saved. Nothing changes for the students, so we do not write to them.",
}
DONE = {"class_moved": "The class was moved", "class_renamed": "The class was renamed"}


class ClassForm(ResourceForm):
    """A class that exists has no `cohort_id` and no `times`; with a meeting, it has no `host`."""

    cohort_id = wtforms.SelectField(
        "Cohort",
        coerce=lambda value: int(value) if str(value).isdecimal() else None,
        validate_choice=False,
    )
    title = TextField("Title", [Required("Give the class a title."), Length(150)])
    description = LongTextField("Description", [Length(1900)])
    day = DateField("Date", [Required("Choose a day.")])
    at = TimeField("Start", [Required("Give a time of day, such as 17:30.")])
    minutes = NumberField(
        "Duration in minutes",
        1,
        DAY_MINUTES,
        " minutes",
        validators=[Required("Say how many minutes it lasts.")],
        default=60,
    )
    times = NumberField("How many classes", 1, series.MOST, " classes", default=1)
    host = EmailField("Host", [Required("Give the e-mail address of the Zoom user who hosts.")])

    def validate_cohort_id(self, field: wtforms.Field) -> None:
        if field.data not in [value for value, _ in field.choices]:
            raise wtforms.ValidationError("Choose a cohort.")


@admin.route("/classes/new", methods=["GET", "POST"])
def class_new() -> flask.typing.ResponseReturnValue:
    form, cohort = _empty_form()
    zone = cohort.time_zone if cohort else ""

    def save() -> str:
        assert cohort is not None
        sessions = series.schedule_weekly(cohort, _plans(form, cohort, zone), auth.me())
        first = clock.spell(sessions[0].starts_at, sessions[0].time_zone)
        if (many := len(sessions)) == 1:
            flask.flash(f"{sessions[0].title} is scheduled for {first}. Its students are told.")
            return flask.url_for("admin.class_show", class_id=sessions[0].id)
        told = "One message tells of them all."
        flask.flash(f"{many} weekly classes are scheduled from {first}. {told}")
        return flask.url_for("admin.class_index", cohort=cohort.id)

    return respond(form, save, partial(_page, form, session=None, zone=zone, host=None))


@admin.route("/classes/<int:class_id>/edit", methods=["GET", "POST"])
def class_edit(class_id: int) -> flask.typing.ResponseReturnValue:
    session = get_or_404(ClassSession, class_id)
    if session.is_cancelled and flask.request.method == "GET":
        return _back(session, f"{session.title} is cancelled, and cannot be changed.")
    form, host = _form_of(session)

    def save() -> str:
        if session.revision != form.typed_revision:
            raise EditConflict  # first of all: the questions may not matter any more
        (plan,) = _plans(form, session.cohort, session.time_zone, host, session.id)
        event, batch = change_class(session, plan, form.typed_revision, auth.me())
        if event is None or batch is None:
            flask.flash("Nothing was different, so nothing was saved.")
        else:
            when = clock.spell(session.starts_at, session.time_zone)
            flash_with_undo(SAVED[event.name].format(session.title, when), batch)
        typed_host = flask.request.form.get("host", plan.host_email).strip().lower()
        if typed_host != plan.host_email.lower():
            why = "the meeting was made while you were editing"
            flask.flash(f"The host is still {plan.host_email}: {why}.", "warn")
        return _url(session)

    show = partial(_page, form, session=session, zone=session.time_zone, host=host)
    try:
        return respond(form, save, show, session)
    except AlreadyCancelled:
        return _back(session, f"{session.title} is cancelled, and cannot be changed.")


def _plans(
    form: ClassForm, cohort: Cohort, zone: str, host: str | None = None, class_id: int | None = None
) -> Sequence[Plan]:
    """The class or the series that was typed, read in `zone`.

    Raises FieldError for a time of one class that the clocks skip, and AskFirst where something is
    odd about the dates. `host` is that of a class whose form does not ask for it, `class_id` the
    one that is changed.
    """
    times = (form.times.data or 1) if "times" in form else 1
    starts = series.weekly(form.day.data, form.at.data, zone, times)
    if len(starts) == 1 and clock.local(starts[0], zone).time() != form.at.data:
        raise FieldError("at", "The clocks skip this time on that day. Choose another.")
    host, minutes = host or form.host.data, form.minutes.data
    plans = [
        Plan(
            title=series.numbered(form.title.data, number) if "times" in form else form.title.data,
            description=form.description.data,
            starts_at=each,
            duration_minutes=minutes,
            host_email=host,
        )
        for number, each in enumerate(starts, 1)
    ]
    questions = schedule_warnings(starts, minutes, host, cohort, zone, class_id)
    ask_first(questions, *starts, minutes, host)
    return plans


def _empty_form() -> tuple[ClassForm, Cohort | None]:
    """The form and the cohort that is chosen in it."""
    cohorts = {each.id: each for each in queries.cohorts()}
    only = next(iter(cohorts)) if len(cohorts) == 1 else None
    form = ClassForm(
        cohort_id=query_int("cohort_id") or only,
        host=ZoomSettings.current().host_email,
        minutes=min(query_int("minutes") or 60, DAY_MINUTES),
    )
    form.cohort_id.choices = [("", "Choose a cohort")] if only is None else []
    form.cohort_id.choices += [
        (each.id, f"{each.name} · {each.time_zone.replace('_', ' ')}") for each in cohorts.values()
    ]
    return form, cohorts.get(form.cohort_id.data)


def _form_of(session: ClassSession) -> tuple[ClassForm, str | None]:
    """The form of a class, and its host where that cannot be changed any more."""
    local = clock.local(session.starts_at, session.time_zone)
    form = ClassForm(
        title=session.title,
        description=session.description,
        day=local.date(),
        at=local.time(),
        minutes=session.duration_minutes,
        host=session.zoom_host_email,
        revision=str(session.revision),
    )
    del form.cohort_id, form.times
    if not meeting_status.host_is_settled(session):
        return form, None
    del form.host
    return form, session.zoom_host_email


def _page(
    form: ClassForm, *, session: ClassSession | None, conflict: int | None = None, **context: Any
) -> flask.Response:
    if session is not None and session.is_cancelled:
        raise AlreadyCancelled
    return page(
        "admin/classes/form.html",
        fragments=FRAGMENTS,
        form=form,
        session=session,
        conflict=edits_in_words(session, conflict, session and session.time_zone),
        hosts=queries.hosts(),
        quick_minutes=QUICK_MINUTES,
        now=clock.now(),
        **{"ask": None, **context},
    )


def _back(session: ClassSession, why: str) -> flask.Response:
    """The class's page, which says why its form is not shown."""
    db.session.rollback()
    flask.flash(why, "warn")
    return see(_url(session))


def _url(session: ClassSession) -> str:
    return flask.url_for("admin.class_show", class_id=session.id)


show_undo_as(
    CHANGE,
    UndoView(
        name="a change of a class",
        done=lambda batch: DONE.get(batch.facts["event"], "The class was edited"),
        things=counted("class is", "classes are", "as before"),
        page=lambda batch: flask.url_for("admin.class_show", class_id=batch.facts["class_id"]),
    ),
)
