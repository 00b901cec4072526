"""The attendance of one class: the sheet, its file, who is nobody's, and asking Zoom again."""

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
from ffapp.web.admin.attendance import csv_file
from ffapp.web.admin.attendance.labels import KNOWN_BY, LABELS, word_of
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit import listing
from ffapp.web.kit.idempotency import new_key
from ffapp.web.kit.page import page, see


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
    def narrowed(self) -> Any:
        """The lines that the filter in the address asks for."""
        wanted = listing.query_str("came")
        if wanted not in set(AttendanceStatus):
            return self.lines
        return [line for line in self.lines if line.attendance.came == wanted]

    @cached_property
    def pager(self) -> listing.Page:
        return listing.page_of(len(self.narrowed))

    @property
    def shown(self) -> Any:
        """Those of them that stand on the page."""
        return self.narrowed[self.pager.offset :][: self.pager.per_page]

    def page_url(self, number: int) -> str:
        return listing.current_url("admin.class_attendance", page=number)

    @property
    def here(self) -> str:
        """The page as it is narrowed, to come back to."""
        number = self.pager.number
        return (
            self.page_url(number) if number > 1 else listing.current_url("admin.class_attendance")
        )

    @property
    def chips(self) -> list[dict[str, Any]]:
        words = {str(each): self.word_of(each) for each in LABELS if str(each) in self.counts}
        options = [(value, label) for value, label in words.items() if label]
        return listing.chips("came", options, self.counts, "admin.class_attendance")

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


@admin.get("/classes/<int:class_id>/attendance.csv")
def class_register(class_id: int) -> flask.typing.ResponseReturnValue:
    """The whole sheet as a file, whatever the page is narrowed to."""
    session = class_or_404(class_id)
    lines = attendance_sheet.sheet(session, clock.now())
    return flask.Response(
        csv_file.write(session, lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{csv_file.name_of(session)}"'},
    )


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
    return page(
        "admin/classes/attendance.html",
        fragments=("attendance_sheet",),
        status=status,
        this=AttendancePage(session),
        session=session,
        **more,
    )
