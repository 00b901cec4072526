"""An admin's override of one student's attendance, and undoing it."""

from typing import Any

import flask
import wtforms
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf

from ffapp.attendance import attendance
from ffapp.attendance.attendance_overrides import override_attendance, revoke_override
from ffapp.attendance.roster import members
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import FieldError, db, transaction
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit.forms import Form, Length, NumberField, Required, TextField
from ffapp.web.kit.page import page, see
from ffapp.web.kit.resource import respond

PRESENT, ABSENT = "present", "absent"


class CorrectionForm(Form):
    was = wtforms.RadioField(
        "Was the student there?",
        [AnyOf((PRESENT, ABSENT), message="Say whether the student was there.")],
        choices=[SelectChoice(PRESENT, "Present"), SelectChoice(ABSENT, "Absent")],
        validate_choice=False,
    )
    minutes = NumberField("Minutes", 0, 1440, " minutes")
    reason = TextField("Reason", [Required("Give the reason."), Length(300)])


@admin.route("/classes/<int:class_id>/attendance/<int:person_id>", methods=["GET", "POST"])
def class_correction(class_id: int, person_id: int) -> flask.typing.ResponseReturnValue:
    session, person = _find(class_id, person_id)
    now = attendance.attendance_of(session, clock.now()).get(person_id)
    said = now and now.override
    form = CorrectionForm(
        was=(PRESENT if said.present else ABSENT) if said else None,
        minutes=said and said.minutes,
        reason=said and said.reason,
    )
    back = auth.safe_path(flask.request.values.get("next")) or _sheet(class_id)

    def save() -> str:
        if not attendance.has_begun(session, clock.now()):
            raise FieldError("was", "The class has not begun: nobody can have come yet.")
        override_attendance(
            session,
            person,
            present=form.was.data == PRESENT,
            minutes=form.minutes.data,
            reason=form.reason.data or "",
            by=auth.me(),
        )
        flask.flash(f"{person.name} stands as {form.was.data}, whatever Zoom tells later")
        return back

    def show(**options: Any) -> flask.Response:
        return page(
            "admin/classes/correction.html",
            form=form,
            session=session,
            person=person,
            it=now,
            back=back,
            is_counted=bool(attendance.counted_classes([session.id])),
            **options,
        )

    return respond(form, save, show)


@admin.post("/classes/<int:class_id>/attendance/<int:person_id>/removals")
def class_uncorrect(class_id: int, person_id: int) -> flask.typing.ResponseReturnValue:
    """Let Zoom's word count again; twice is once."""
    session, person = _find(class_id, person_id)
    if transaction(revoke_override, session, person, auth.me()):
        flask.flash(f"Of {person.name} Zoom’s word counts again")
    else:
        flask.flash("This correction was undone already", "warn")
    return see(auth.back_or(_sheet(class_id)))


def _find(class_id: int, person_id: int) -> tuple[ClassSession, Person]:
    session = class_or_404(class_id)
    if person_id not in {each.person_id for each in members(session)}:
        flask.abort(404)
    return session, db.session.get_one(Person, person_id)


def _sheet(class_id: int) -> str:
    return flask.url_for("admin.class_attendance", class_id=class_id)
