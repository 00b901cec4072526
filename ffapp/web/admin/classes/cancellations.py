"""Cancelling classes, one or several, with one reason."""

from collections.abc import Mapping, Sequence

import flask
from sqlalchemy import select

from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.classes.undoable import CannotCancel, cancel_many
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.web import auth
from ffapp.web.admin.classes.list import CLASSES
from ffapp.web.auth import admin
from ffapp.web.kit.bulk_actions import (
    Changed,
    Confirmation,
    Line,
    Outcome,
    selected_ids,
)
from ffapp.web.kit.forms import Form, Length, TextField
from ffapp.web.kit.undo import UndoView, counted, show_undo_as

HINT = "Students read this sentence. For example: The teacher is ill; we go on next week."


class CancellationForm(Form):
    because = TextField("Reason", [Length(300)], description=HINT)


@admin.route("/classes/cancellations", methods=["GET", "POST"])
def class_cancellations() -> flask.typing.ResponseReturnValue:
    back = auth.back_or(flask.url_for("admin.class_index"))
    return CANCELLATION.respond(selected_ids(CLASSES.matching_ids), back)


def _load(ids: Sequence[int]) -> Sequence[ClassSession]:
    return db.session.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_(ids))
        .order_by(ClassSession.starts_at, ClassSession.id)
        .execution_options(populate_existing=True)
    ).all()


def _refusal(session: ClassSession) -> str | None:
    now = clock.now()
    if session.is_cancelled:
        return "is cancelled already"
    if phase.is_held(session, now):
        return "is live, so it cannot be cancelled" if session.is_live else "was held already"
    return "is over" if phase.phase_of(session, now) is phase.Phase.ENDED else None


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
    named = f"{sessions[0].title} is" if len(sessions) == 1 else f"{len(sessions)} classes are"
    return Outcome(f"{named} cancelled. We tell the students in a minute.", batch)


def _named(sessions: Sequence[ClassSession]) -> str:
    return sessions[0].title if len(sessions) == 1 else f"{len(sessions)} classes"


def _warning(sessions: Sequence[ClassSession]) -> str | None:
    now = clock.now()
    live = [each for each in sessions if phase.phase_of(each, now) is phase.Phase.LIVE]
    about = "is live now. Zoom deletes a meeting only when it has ended. End it first."
    return f"“{live[0].title}” {about}" if live else None


CANCELLATION = Confirmation(
    title=lambda sessions: f"Cancel {_named(sessions)}",
    button=lambda sessions: "Cancel class" if len(sessions) == 1 else f"Cancel {_named(sessions)}",
    load=_load,
    line=_line,
    refusal=_refusal,
    warning=_warning,
    act=_cancel,
    nothing="Choose classes that are still to come",
    notes=(
        "Enrolled students read it on their page at once. After a minute it goes out by e-mail, and"
        " on WhatsApp, where a guardian has agreed.",
        "Several classes of one cohort are one message with all their dates.",
        "Reminders that have not gone yet are taken back, and the Zoom meetings are deleted.",
    ),
    form=CancellationForm,
    keep="Go back",
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
