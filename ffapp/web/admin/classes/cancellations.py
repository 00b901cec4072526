"""Calling several classes off with one reason."""

from collections.abc import Sequence

import flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ffapp.classes import phase
from ffapp.classes.cancel_many import CannotCancel, cancel_many
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.batches import Batch
from ffapp.web import auth
from ffapp.web.admin.batches import flash_with_undo
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import CLASSES
from ffapp.web.kit.bulk_actions import selected_ids
from ffapp.web.kit.forms import Form, Length, TextField
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import form_ids


class CancellationsForm(Form):
    because = TextField("Reason", [Length(300)])


@admin.get("/classes/cancellations")
def class_cancellations() -> flask.typing.ResponseReturnValue:
    """Which of the chosen classes can be called off, and the question why."""
    return _show(CancellationsForm(formdata=None), selected_ids(CLASSES.matching_ids))


@admin.post("/classes/cancellations")
def class_cancel_many() -> flask.typing.ResponseReturnValue:
    form = CancellationsForm()
    ids = form_ids("class_id")
    if not form.validate_on_submit():
        return _show(form, ids, status=422)

    def work() -> str:
        # In here, behind the key of the form: its twin would find all of them cancelled already.
        revisions = {each.id: _shown_at(each) for each in _coming(_classes(ids))}
        if revisions:
            batch = cancel_many(revisions, form.because.data or "", auth.me())
            _say(len(revisions), batch)
        else:
            _say_none_is_coming()
        return _back()

    try:
        return submit(form.submission.data, work)
    except CannotCancel as problem:
        return _show(form, ids, changed=problem.session.title, status=409)


def _say(count: int, batch: Batch) -> None:
    named = "1 class is" if count == 1 else f"{count} classes are"
    flash_with_undo(f"{named} cancelled. We tell the students in a minute.", batch)


def _say_none_is_coming() -> None:
    flask.flash("Choose classes that are still to come", "warn")


def _show(
    form: CancellationsForm, ids: Sequence[int], *, changed: str | None = None, status: int = 200
) -> flask.Response:
    chosen = _classes(ids)
    coming = _coming(chosen)
    if not coming:
        _say_none_is_coming()
        return see(_back())
    return page(
        "admin/classes/cancellations.html",
        form=form,
        sessions=coming,
        back=_back(),
        left_out=[each for each in chosen if each not in coming],
        changed=changed,
        status=status,
    )


def _back() -> str:
    """To the list as it was narrowed when they were chosen."""
    asked = auth.safe_path(flask.request.values.get("next"))
    return asked or flask.url_for("admin.class_index")


def _classes(ids: Sequence[int]) -> Sequence[ClassSession]:
    return db.session.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_(ids))
        .order_by(ClassSession.starts_at, ClassSession.id)
        .options(selectinload(ClassSession.instances))
        .execution_options(populate_existing=True)
    ).all()


def _coming(sessions: Sequence[ClassSession]) -> list[ClassSession]:
    """Those that can be called off: not cancelled, and not over."""
    now = clock.now()
    over = (phase.Phase.CANCELLED, phase.Phase.ENDED)
    return [each for each in sessions if phase.phase_of(each, now) not in over]


def _shown_at(session: ClassSession) -> int:
    """The revision at which the page showed the class; 0 when it does not say."""
    text = flask.request.form.get(f"revision-{session.id}", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
