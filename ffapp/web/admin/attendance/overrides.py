"""An admin's word on one student's attendance, and taking it back."""

from typing import Any

import flask
import wtforms
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf

from ffapp.attendance import attendance
from ffapp.attendance.attendance import Attendance
from ffapp.attendance.attendance_overrides import override_attendance, revoke_override
from ffapp.attendance.roster import roster
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit.forms import Form, Length, NumberField, Required, TextField
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page, see

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
    session = class_or_404(class_id)
    person = _on_the_roster(session, person_id)
    now = attendance.attendance_of(session, clock.now()).get(person_id)
    form = CorrectionForm(**_standing(now))
    back = auth.safe_path(flask.request.values.get("next")) or _sheet(class_id)
    valid = form.validate_on_submit()
    if valid and not attendance.has_begun(session, clock.now()):
        form.refuse("was", "The class has not begun: nobody can have come yet.")
        valid = False
    if not valid:
        return page(
            "admin/classes/correction.html",
            form=form,
            session=session,
            person=person,
            it=now,
            back=back,
            is_counted=bool(attendance.counted_classes([session.id])),
            status=422 if form.is_submitted() else 200,
        )

    def work() -> str:
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

    return submit(form.submission.data, work)


@admin.post("/classes/<int:class_id>/attendance/<int:person_id>/removals")
def class_uncorrect(class_id: int, person_id: int) -> flask.typing.ResponseReturnValue:
    """Let Zoom's word count again; twice is once."""
    session = class_or_404(class_id)
    person = _on_the_roster(session, person_id)
    if transaction(revoke_override, session, person, auth.me()):
        flask.flash(f"Of {person.name} Zoom’s word counts again")
    else:
        flask.flash("This correction was undone already", "warn")
    return see(auth.back_or(_sheet(class_id)))


def _on_the_roster(session: ClassSession, person_id: int) -> Person:
    if person_id not in {seat.person_id for seat in roster(session)}:
        flask.abort(404)
    return db.session.get_one(Person, person_id)


def _standing(now: Attendance | None) -> dict[str, Any]:
    """What the form begins with: the correction that stands, or else what Zoom says."""
    if now is None or now.correction is None:
        return {}
    said = now.correction
    was = PRESENT if said.present else ABSENT
    return {"was": was, "minutes": said.minutes, "reason": said.reason}


def _sheet(class_id: int) -> str:
    return flask.url_for("admin.class_attendance", class_id=class_id)
