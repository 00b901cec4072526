"""Scheduling a class, and changing one."""

from collections.abc import Sequence
from typing import Any

import flask

from ffapp.classes import queries
from ffapp.classes.change_undo import KIND, change_class
from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import AlreadyCancelled, Plan
from ffapp.classes.series import schedule_weekly
from ffapp.core import clock
from ffapp.core.db import EditConflict, db
from ffapp.meetings import meeting_status
from ffapp.programme.models import Cohort
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.draft import ClassForm, Unanswered, check
from ffapp.web.admin.classes.edit_conflict import edit_conflict
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit import listing
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page, see
from ffapp.web.kit.undo import UndoView, counted, flash_with_undo, show_undo_as

QUICK_MINUTES = (45, 60, 90)
FRAGMENTS = ("zone_note", "minutes_field")


@admin.route("/classes/new", methods=["GET", "POST"])
def class_new() -> flask.typing.ResponseReturnValue:
    form, cohort = _empty_form()
    if not form.validate_on_submit() or cohort is None:
        return _show(form, cohort=cohort, zone=cohort and cohort.time_zone)

    def work() -> str:
        # In here, so that the twin of a form that was saved is not asked about itself.
        checked = check(form, cohort, cohort.time_zone, _confirmed())
        return _schedule(cohort, checked.answered())

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
            raise EditConflict  # told first: what is asked may not matter any more
        zone, cohort = session.time_zone, session.cohort
        (wish,) = check(form, cohort, zone, _confirmed(), host, session.id).answered()
        return _change(session, wish, typed)

    try:
        return submit(form.submission.data, work)
    except Unanswered as pause:
        return _show(form, **shown, checked=pause.checked)
    except (EditConflict, AlreadyCancelled):
        if session.is_cancelled:
            return _stays_cancelled(session)
        form.revision.data = str(session.revision)
        return _show(form, **shown, meanwhile=edit_conflict(session, typed), status=409)


def _empty_form() -> tuple[ClassForm, Cohort | None]:
    """The form and the cohort that is chosen in it."""
    cohorts = {each.id: each for each in queries.cohorts()}
    only = next(iter(cohorts)) if len(cohorts) == 1 else None
    form = ClassForm(
        cohort_id=listing.query_int("cohort_id") or only,
        host=ZoomSettings.current().host_email,
        minutes=min(listing.query_int("minutes") or 60, 24 * 60),
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
    del form.cohort_id, form.times
    if not meeting_status.host_is_settled(session, meeting_status.meeting_status_of(session)):
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
        hosts=queries.hosts(),
        quick_minutes=QUICK_MINUTES,
        now=clock.now(),
        **{**defaults, **context},
    )


def _confirmed() -> str:
    """Which questions the admin has read; the button “anyway” brings it."""
    return flask.request.form.get("confirmed", "")


def _schedule(cohort: Cohort, wishes: Sequence[Plan]) -> str:
    sessions = schedule_weekly(cohort, wishes, auth.me())
    first = clock.spell(sessions[0].starts_at, sessions[0].time_zone)
    if len(sessions) == 1:
        flask.flash(f"{sessions[0].title} is scheduled for {first}. Its students are told.")
        return flask.url_for("admin.class_show", class_id=sessions[0].id)
    many = len(sessions)
    flask.flash(f"{many} weekly classes are scheduled from {first}. One message tells of them all.")
    return flask.url_for("admin.class_index", cohort=cohort.id)


def _change(session: ClassSession, wish: Plan, revision: int) -> str:
    event, batch = change_class(session, wish, revision, auth.me())
    when = clock.spell(session.starts_at, session.time_zone)
    words = {
        "class_moved": f"{session.title} is moved to {when}. Students are told in a minute.",
        "class_renamed": f"The class is called {session.title} now. Students are told in a minute.",
        "class_edited": "Saved. Nothing changes for the students, so we do not write to them.",
    }
    if event is None or batch is None:
        flask.flash("Nothing was different, so nothing was saved.")
    else:
        flash_with_undo(words[event.name], batch)
    if flask.request.form.get("host", wish.host_email).strip().lower() != wish.host_email.lower():
        why = "the meeting was made while you were editing"
        flask.flash(f"The host is still {wish.host_email}: {why}.", "warn")
    return flask.url_for("admin.class_show", class_id=session.id)


def _stays_cancelled(session: ClassSession) -> flask.Response:
    db.session.rollback()
    flask.flash(f"{session.title} is cancelled, and stays as it was.", "warn")
    return see(flask.url_for("admin.class_show", class_id=session.id))


show_undo_as(
    KIND,
    UndoView(
        name="a change of a class",
        done=lambda batch: {
            "class_moved": "The class was moved",
            "class_renamed": "The class was renamed",
        }.get(batch.facts["event"], "The class was edited"),
        things=counted("class is", "classes are", "as before"),
        page=lambda batch: flask.url_for("admin.class_show", class_id=batch.facts["class_id"]),
    ),
)
