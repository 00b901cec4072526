"""Cancelling classes, one or several, with one reason."""

from collections.abc import Mapping, Sequence

import flask
from sqlalchemy import select

from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.classes.undoable import CannotCancel, cancel_many
from ffapp.core import clock
from ffapp.core.db import EditConflict, db
from ffapp.programme.cohorts import enrolled_count
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.form import back_to_class, edits_of
from ffapp.web.admin.classes.list import CLASSES, class_or_404
from ffapp.web.kit.bulk_actions import (
    Changed,
    Confirmation,
    Line,
    Outcome,
    back_to,
    selected_ids,
)
from ffapp.web.kit.forms import Length, TextField
from ffapp.web.kit.page import page
from ffapp.web.kit.resource import ResourceForm, respond
from ffapp.web.kit.undo import UndoView, counted, flash_with_undo, show_undo_as

HINT = "Students read this sentence. For example: The teacher is ill; we go on next week."


class CancellationForm(ResourceForm):
    because = TextField("Reason", [Length(300)], description=HINT)


@admin.route("/classes/<int:class_id>/cancellation", methods=["GET", "POST"])
def class_cancellation(class_id: int) -> flask.typing.ResponseReturnValue:
    session = class_or_404(class_id)
    form = CancellationForm(revision=str(session.revision))
    if not form.is_submitted() and (refusal := _why_not(session)) is not None:
        return back_to_class(session, refusal)

    def save() -> str:
        revisions = {session.id: form.typed_revision}
        try:
            batch = cancel_many(revisions, form.because.data or "", auth.me())
        except CannotCancel as error:
            raise EditConflict from error
        flash_with_undo(f"{session.title} is cancelled. We tell the students in a minute.", batch)
        return flask.url_for("admin.class_show", class_id=session.id)

    def show(status: int, conflict: int | None = None) -> flask.Response:
        if session.is_cancelled:
            return back_to_class(session, "Somebody has cancelled this class already.")
        return page(
            "admin/classes/cancellation.html",
            status=status,
            form=form,
            session=session,
            conflict=edits_of(session, conflict),
            students=enrolled_count(session.cohort),
            is_live=phase.phase_of(session, clock.now()) is phase.Phase.LIVE,
        )

    return respond(form, save, show, session)


def _why_not(session: ClassSession) -> str | None:
    if session.is_cancelled:
        return f"{session.title} is cancelled already."
    if phase.phase_of(session, clock.now()) is phase.Phase.ENDED and session.ends_at <= clock.now():
        return f"{session.title} is over, so there is nothing to cancel."
    return None


@admin.route("/classes/cancellations", methods=["GET", "POST"])
def class_cancellations() -> flask.typing.ResponseReturnValue:
    back = back_to(flask.url_for("admin.class_index"))
    return CANCELLATION.respond(selected_ids(CLASSES.matching_ids), back)


def _load(ids: Sequence[int]) -> Sequence[ClassSession]:
    return db.session.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_(ids))
        .order_by(ClassSession.starts_at, ClassSession.id)
        .execution_options(populate_existing=True)
    ).all()


def _refusal(session: ClassSession) -> str | None:
    over = phase.phase_of(session, clock.now()) is phase.Phase.ENDED
    return "is cancelled already" if session.is_cancelled else "is over" if over else None


def _line(session: ClassSession) -> Line:
    return Line(
        session.id,
        session.title,
        flask.url_for("admin.class_show", class_id=session.id),
        about=session.cohort.name,
        when=(session.starts_at, session.time_zone),
        version=session.revision,
    )


def _cancel(
    sessions: Sequence[ClassSession], form: CancellationForm, versions: Mapping[int, int]
) -> Outcome:
    revisions = {each.id: versions.get(each.id, 0) for each in sessions}
    try:
        batch = cancel_many(revisions, form.because.data or "", auth.me())
    except CannotCancel as problem:
        raise Changed(problem.session.title) from problem
    named = "1 class is" if len(sessions) == 1 else f"{len(sessions)} classes are"
    return Outcome(f"{named} cancelled. We tell the students in a minute.", batch)


def _named(count: int) -> str:
    return "1 class" if count == 1 else f"{count} classes"


CANCELLATION = Confirmation(
    title=lambda count: f"Cancel {_named(count)}",
    button=lambda count: "Cancel class" if count == 1 else f"Cancel {count} classes",
    load=_load,
    line=_line,
    refusal=_refusal,
    act=_cancel,
    nothing="Choose classes that are still to come",
    notes=(
        "Enrolled students read it on their page at once. After a minute it goes out by e-mail, and"
        " on WhatsApp, where a guardian has agreed.",
        "Several classes of one cohort are one message with all their dates.",
        "Reminders that have not gone yet are taken back, and the Zoom meetings are deleted.",
    ),
    form=CancellationForm,
    keep="Keep them",
    danger=True,
)
show_undo_as(
    "cancel",
    UndoView(
        name="the cancelling of classes",
        done=lambda batch: counted("class was", "classes were", "cancelled")(
            len(batch.facts["class_ids"])
        ),
        things=counted("class is", "classes are", "held after all, as before"),
        page=lambda batch: flask.url_for("admin.class_index"),
    ),
)
