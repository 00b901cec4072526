"""Calling a class off."""

import flask
import wtforms

from ffapp.classes import phase
from ffapp.classes.cancel_many import CannotCancel, cancel_many
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.programme.cohorts import enrolled_count
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.edit_conflict import EditConflictNote, edit_conflict
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit.forms import Form, Length, TextField
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page, see
from ffapp.web.kit.undo import flash_with_undo


class CancellationForm(Form):
    because = TextField("Reason", [Length(300)])
    revision = wtforms.IntegerField(widget=wtforms.widgets.HiddenInput(), default=0)


@admin.route("/classes/<int:class_id>/cancellation", methods=["GET", "POST"])
def class_cancellation(class_id: int) -> flask.typing.ResponseReturnValue:
    session = class_or_404(class_id)
    form = CancellationForm(revision=session.revision)
    if not form.validate_on_submit():
        if (refusal := _why_not(session)) is not None:
            return _back(session, refusal)
        return _show(form, session, 422 if form.is_submitted() else 200)
    typed = form.revision.data or 0
    try:
        return submit(form.submission.data, lambda: _cancel(session, form, typed))
    except CannotCancel:
        db.session.refresh(session)
        if session.is_cancelled:
            return _back(session, "Somebody has cancelled this class already.")
        form.revision.raw_data, form.revision.data = None, session.revision
        return _show(form, session, 409, edit_conflict(session, typed))


def _cancel(session: ClassSession, form: CancellationForm, revision: int) -> str:
    batch = cancel_many({session.id: revision}, form.because.data or "", auth.me())
    flash_with_undo(f"{session.title} is cancelled. We tell the students in a minute.", batch)
    return flask.url_for("admin.class_show", class_id=session.id)


def _why_not(session: ClassSession) -> str | None:
    if session.is_cancelled:
        return f"{session.title} is cancelled already."
    if phase.phase_of(session, clock.now()) is phase.Phase.ENDED and session.ends_at <= clock.now():
        return f"{session.title} is over, so there is nothing to cancel."
    return None


def _back(session: ClassSession, why: str) -> flask.Response:
    flask.flash(why, "warn")
    return see(flask.url_for("admin.class_show", class_id=session.id))


def _show(
    form: CancellationForm,
    session: ClassSession,
    status: int,
    meanwhile: EditConflictNote | None = None,
) -> flask.Response:
    return page(
        "admin/classes/cancellation.html",
        status=status,
        form=form,
        session=session,
        meanwhile=meanwhile,
        students=enrolled_count(session.cohort),
        is_live=phase.phase_of(session, clock.now()) is phase.Phase.LIVE,
    )
