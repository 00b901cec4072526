"""The attendance of one class: the sheet, who is nobody's, and asking Zoom again."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import flask

from ffapp.attendance import attendance, participant_check, unmatched_participants
from ffapp.attendance import sheet as attendance_sheet
from ffapp.attendance.attendance import AttendanceStatus
from ffapp.attendance.participant_assignment import assignments
from ffapp.classes import phase as live
from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import transaction
from ffapp.web import auth
from ffapp.web.admin.attendance.labels import KNOWN_BY, LABELS, word_of
from ffapp.web.admin.attendance.list import ATTENDANCE
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit.idempotency import new_key
from ffapp.web.kit.list_view import ListView
from ffapp.web.kit.page import see


class AttendancePage:
    """What the page shows of a class; each part is looked up once."""

    def __init__(self, session: ClassSession) -> None:
        self.session = session
        self.now = clock.now()

    @cached_property
    def lines(self) -> Any:
        return attendance_sheet.sheet(self.session, self.now)

    @cached_property
    def counts(self) -> dict[str, int]:
        return attendance_sheet.counts(self.lines)

    @cached_property
    def list(self) -> ListView:
        """The lines as the address asks for them, also where the page answers a post."""
        path = flask.url_for("admin.class_attendance", class_id=self.session.id)
        return ATTENDANCE.view(self, path=path)

    @property
    def options(self) -> Sequence[tuple[AttendanceStatus, str]]:
        """What can be asked for: each word that can stand on the sheet."""
        return [(each, word) for each in LABELS if (word := self.word_of(each))]

    @property
    def seats(self) -> int:
        return attendance_sheet.count_enrolled(self.lines)

    @property
    def came(self) -> int:
        return attendance_sheet.count_present(self.lines)

    @property
    def is_counted(self) -> bool:
        return attendance_sheet.is_counted(self.lines)

    @cached_property
    def unknowns(self) -> Any:
        return unmatched_participants.unmatched_participants(self.session, self.now)

    @cached_property
    def hints(self) -> dict[str, str]:
        """Identity → a sentence on who it may be."""
        names = {line.seat.person_id: line.seat.name for line in self.lines}
        found = unmatched_participants.likely_matches(self.unknowns, names)
        return {identity: each.sentence for identity, each in found.items()}

    @cached_property
    def assignments(self) -> Any:
        return assignments(self.session)

    @cached_property
    def check(self) -> Any:
        return participant_check.check_of(self.session)

    @cached_property
    def phase(self) -> Phase:
        return live.phase_of(self.session, self.now)

    @property
    def has_begun(self) -> bool:
        """Before that nobody can have come."""
        return attendance.has_begun(self.session, self.now)

    @property
    def can_check(self) -> bool:
        """Whether Zoom has a meeting that is over, of which it can say who was in it."""
        return self.session.zoom_meeting_id is not None and self.phase is Phase.ENDED

    @property
    def submission(self) -> str:
        return new_key()

    def word_of(self, came: AttendanceStatus) -> str:
        return word_of(self.session, came)

    def known_by(self, words: tuple[str, ...]) -> str:
        return " and ".join(KNOWN_BY[each] for each in words if each in KNOWN_BY)


@admin.get("/classes/<int:class_id>/attendance")
def class_attendance(class_id: int) -> flask.typing.ResponseReturnValue:
    return show(class_or_404(class_id))


@admin.post("/classes/<int:class_id>/participant-checks")
def class_recount(class_id: int) -> flask.typing.ResponseReturnValue:
    """Have Zoom asked now who was in the class; pressing twice asks once."""
    session = class_or_404(class_id)
    if AttendancePage(session).can_check:
        transaction(participant_check.ask_for_participants, session)
        flask.flash("Zoom is being asked. What it lists appears here in a moment.")
    else:
        flask.flash("Zoom lists the participants of a class when it is over.", "warn")
    return see(auth.back_or(flask.url_for("admin.class_attendance", class_id=class_id)))


def show(session: ClassSession, status: int = 200, **more: Any) -> flask.Response:
    this = AttendancePage(session)
    return this.list.respond(ATTENDANCE.template, status=status, this=this, session=session, **more)
