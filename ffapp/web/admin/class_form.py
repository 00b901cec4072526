"""Scheduling a class, and changing one."""

from typing import Any

import flask

from ffapp import clock, config
from ffapp.classes import find, zoom_state
from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import AlreadyCancelled, Plan, change, schedule
from ffapp.db import ChangedMeanwhile, db
from ffapp.programme.models import Cohort
from ffapp.web import guard, listing
from ffapp.web.admin.class_draft import ClassForm, Unanswered, check
from ffapp.web.admin.classes import class_or_404
from ffapp.web.admin.door import admin
from ffapp.web.admin.meanwhile import saved_meanwhile
from ffapp.web.once import submit
from ffapp.web.page import page, see

QUICK_MINUTES = (45, 60, 90)
FRAGMENTS = ("zone_note", "minutes_field")


@admin.route("/classes/new", methods=["GET", "POST"])
def class_new() -> flask.typing.ResponseReturnValue:
    form, cohort = _empty_form()
    if not form.validate_on_submit() or cohort is None:
        return _show(form, cohort=cohort, zone=cohort and cohort.time_zone)

    def work() -> str:
        # In here, so that the twin of a form that was saved is not asked about itself.
        return _schedule(cohort, check(form, cohort.time_zone, _confirmed()).answered())

    try:
        return submit(form.submission.data, work)
    except Unanswered as pause:
        return _show(form, cohort=cohort, zone=cohort.time_zone, checked=pause.checked)


@admin.route("/classes/<int:class_id>/edit", methods=["GET", "POST"])
def class_edit(class_id: int) -> flask.typing.ResponseReturnValue:
    session = class_or_404(class_id)
    if session.is_cancelled and flask.request.method == "GET":
        return _stays_cancelled(session)
    form, host = _form_of(session)
    shown: dict[str, Any] = {"session": session, "zone": session.time_zone, "host": host}
    if not form.validate_on_submit():
        return _show(form, **shown)
    typed = form.typed_revision

    def work() -> str:
        if session.revision != typed:
            raise ChangedMeanwhile  # told first: what is asked may not matter any more
        checked = check(form, session.time_zone, _confirmed(), host, session.id)
        return _change(session, checked.answered(), typed)

    try:
        return submit(form.submission.data, work)
    except Unanswered as pause:
        return _show(form, **shown, checked=pause.checked)
    except (ChangedMeanwhile, AlreadyCancelled):
        if session.is_cancelled:
            return _stays_cancelled(session)
        form.revision.data = str(session.revision)
        return _show(form, **shown, meanwhile=saved_meanwhile(session, typed), status=409)


def _empty_form() -> tuple[ClassForm, Cohort | None]:
    """The form and the cohort that is chosen in it."""
    cohorts = {each.id: each for each in find.cohorts()}
    only = next(iter(cohorts)) if len(cohorts) == 1 else None
    form = ClassForm(
        cohort_id=listing.number("cohort_id") or only,
        host=config.current().zoom.host_email,
        minutes=min(listing.number("minutes") or 60, 24 * 60),
    )
    form.cohort_id.choices = [("", "Choose a cohort")] if only is None else []
    form.cohort_id.choices += [
        (each.id, f"{each.name} · {each.time_zone.replace('_', ' ')}") for each in cohorts.values()
    ]
    return form, cohorts.get(form.cohort_id.data)


def _form_of(session: ClassSession) -> tuple[ClassForm, str | None]:
    """The form of a class, and its host where that is settled."""
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
    del form.cohort_id
    if not zoom_state.host_is_settled(session, zoom_state.standing_of(session)):
        return form, None
    del form.host
    return form, session.zoom_host_email


def _show(form: ClassForm, *, status: int = 200, **context: Any) -> flask.Response:
    defaults = {"session": None, "host": None, "checked": None, "meanwhile": None}
    return page(
        "admin/classes/form.html",
        fragments=FRAGMENTS,
        status=422 if form.is_submitted() and status == 200 else status,
        form=form,
        hosts=find.hosts(),
        quick_minutes=QUICK_MINUTES,
        now=clock.now(),
        **{**defaults, **context},
    )


def _confirmed() -> str:
    """Which questions the admin has read; the button “anyway” brings it."""
    return flask.request.form.get("confirmed", "")


def _schedule(cohort: Cohort, wish: Plan) -> str:
    session = schedule(cohort, wish, guard.me())
    when = clock.spell(session.starts_at, session.time_zone)
    flask.flash(f"{session.title} is scheduled for {when}. Its students are told.")
    return flask.url_for("admin.class_show", class_id=session.id)


def _change(session: ClassSession, wish: Plan, revision: int) -> str:
    event = change(session, wish, revision, guard.me())
    when = clock.spell(session.starts_at, session.time_zone)
    words = {
        "class_moved": f"{session.title} is moved to {when}. We tell the students.",
        "class_renamed": f"The class is called {session.title} now. We tell the students.",
        "class_edited": "Saved. Nothing changes for the students, so we do not write to them.",
    }
    flask.flash(words[event.name] if event else "Nothing was different, so nothing was saved.")
    if flask.request.form.get("host", wish.host_email).strip().lower() != wish.host_email.lower():
        why = "the meeting was made while you were editing"
        flask.flash(f"The host is still {wish.host_email}: {why}.", "warn")
    return flask.url_for("admin.class_show", class_id=session.id)


def _stays_cancelled(session: ClassSession) -> flask.Response:
    db.session.rollback()
    flask.flash(f"{session.title} is cancelled, and stays as it was.", "warn")
    return see(flask.url_for("admin.class_show", class_id=session.id))
