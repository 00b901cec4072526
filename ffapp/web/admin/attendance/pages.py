"""The attendance of a class: the sheet, corrections, unmatched participants, asking Zoom again."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import flask
import wtforms
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf

from ffapp.attendance import attendance, participant_check, unmatched_participants
from ffapp.attendance.attendance import AttendanceStatus
from ffapp.attendance.attendance_overrides import override_attendance, revoke_override
from ffapp.attendance.roster import Roster, members
from ffapp.attendance.unmatched_participants import (
    assign_participant,
    assignments,
    release_participant,
)
from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase, phase_of
from ffapp.core import clock
from ffapp.core.db import FieldError, db, transaction
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.admin.attendance.list import ATTENDANCE
from ffapp.web.auth import admin
from ffapp.web.kit.forms import Form, Length, NumberField, Required, TextField
from ffapp.web.kit.idempotency import new_key
from ffapp.web.kit.list_view import ListView
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.resource import respond
from ffapp.web.kit.status_badges import states_of

PRESENT, ABSENT = "present", "absent"
MOST_TICKED = 1000


class AttendancePage:
    """What the page shows of a class; each part is looked up once."""

    def __init__(self, session: ClassSession) -> None:
        self.session = session
        self.now = clock.now()
        self.roster = Roster(session, self.now)
        self.phase = phase_of(session, self.now)
        # Before that nobody can have come.
        self.has_begun = attendance.has_begun(session, self.now)
        # Whether Zoom has a meeting that is over, of which it can say who was in it.
        self.can_check = session.zoom_meeting_id is not None and self.phase is Phase.ENDED

    @cached_property
    def list(self) -> ListView:
        """The lines as the address asks for them, also where the page answers a post."""
        path = flask.url_for("admin.class_attendance", class_id=self.session.id)
        return ATTENDANCE.view(self, path=path)

    @property
    def options(self) -> Sequence[tuple[str, str]]:
        """What can be asked for: each status that can be on the sheet."""
        return [(each, label) for each, label in states_of("attendance") if not self.is_moot(each)]

    def is_moot(self, status: str) -> bool:
        """Nobody is expected in a class that was cancelled."""
        return self.session.is_cancelled and status == AttendanceStatus.EXPECTED

    @cached_property
    def unknowns(self) -> Any:
        return unmatched_participants.unmatched_participants(self.session, self.now)

    @cached_property
    def hints(self) -> dict[str, str]:
        """Identity → a sentence on who it may be."""
        names = {line.member.person_id: line.member.name for line in self.roster.lines}
        found = unmatched_participants.likely_matches(self.unknowns, names)
        return {identity: each.sentence for identity, each in found.items()}

    @cached_property
    def assignments(self) -> Any:
        return assignments(self.session)

    @cached_property
    def check(self) -> Any:
        return participant_check.check_of(self.session)

    @property
    def submission(self) -> str:
        return new_key()


@admin.get("/classes/<int:class_id>/attendance")
def class_attendance(class_id: int) -> flask.typing.ResponseReturnValue:
    return _show(get_or_404(ClassSession, class_id))


@admin.post("/classes/<int:class_id>/participant-checks")
def class_recount(class_id: int) -> flask.typing.ResponseReturnValue:
    """Have Zoom asked now who was in the class; pressing twice asks once."""
    session = get_or_404(ClassSession, class_id)
    if AttendancePage(session).can_check:
        transaction(participant_check.ask_for_participants, session)
        flask.flash("Zoom is being asked. What it lists appears here in a moment.")
    else:
        flask.flash("Zoom lists the participants of a class when it is over.", "warn")
    return see(auth.back_or(_url(class_id)))


@admin.post("/classes/<int:class_id>/assignments")
def class_assign(class_id: int) -> flask.typing.ResponseReturnValue:
    """Those who are ticked are one student, or guests."""
    session = get_or_404(ClassSession, class_id)
    ticked = flask.request.form.getlist("identity")[:MOST_TICKED]
    as_guests = "guest" in (flask.request.form.get("whose"), flask.request.form.get("person_id"))
    chosen = _student(session)
    person = None if as_guests else chosen
    if not ticked:
        return _show(session, 422, trouble="Tick the participants first.", chosen=chosen)
    if person is None and not as_guests:
        return _show(session, 422, trouble="Choose which student they are.", ticked=ticked)
    names = transaction(assign_participant, session, ticked, person, auth.me())
    told = " and ".join(dict.fromkeys(names))
    if not names:
        flask.flash("Zoom lists nobody by that name in this class.", "warn")
    elif person is None:
        guests = "marked as a guest" if len(names) == 1 else "marked as guests"
        flask.flash(f"{told}: {guests}")
    else:
        flask.flash(f"{told}: counted as {person.name}")
    return see(auth.back_or(_url(class_id)))


@admin.post("/classes/<int:class_id>/assignments/<int:assignment_id>/removals")
def class_release(class_id: int, assignment_id: int) -> flask.typing.ResponseReturnValue:
    """Undo an assignment; twice is once."""
    session = get_or_404(ClassSession, class_id)
    if transaction(release_participant, session, assignment_id, auth.me()):
        flask.flash("Undone")
    else:
        flask.flash("This was undone already", "warn")
    return see(_url(class_id))


def _student(session: ClassSession) -> Person | None:
    """The one who was chosen; only people of the roster can be."""
    text = flask.request.form.get("person_id", "")
    ids = {str(each.person_id) for each in members(session)}
    return db.session.get(Person, int(text)) if text in ids else None


def _show(session: ClassSession, status: int = 200, **more: Any) -> flask.Response:
    this = AttendancePage(session)
    return this.list.respond(ATTENDANCE.template, status=status, this=this, session=session, **more)


def _url(class_id: int) -> str:
    return flask.url_for("admin.class_attendance", class_id=class_id)


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
    back = auth.back_or(_url(class_id))

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
    return see(auth.back_or(_url(class_id)))


def _find(class_id: int, person_id: int) -> tuple[ClassSession, Person]:
    session = get_or_404(ClassSession, class_id)
    if person_id not in {each.person_id for each in members(session)}:
        flask.abort(404)
    return session, db.session.get_one(Person, person_id)
