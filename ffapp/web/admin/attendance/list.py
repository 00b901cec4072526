"""The attendance sheet of a class as a list: one line a student."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import flask

from ffapp.attendance.attendance import Attendance, AttendanceStatus
from ffapp.attendance.sheet import Line
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.web import rendering
from ffapp.web.kit.cells import Chip, Link, Press, RowLink, When, lines
from ffapp.web.kit.filters import Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage

if TYPE_CHECKING:
    from ffapp.web.admin.attendance.pages import AttendancePage


@dataclass(frozen=True)
class AttendanceRow:
    line: Line
    page: "AttendancePage"

    @property
    def it(self) -> Attendance:
        return self.line.attendance

    @property
    def correction(self) -> Any:
        return self.it.correction

    @property
    def session(self) -> ClassSession:
        return self.page.session

    @property
    def name(self) -> Any:
        seat = self.line.seat
        url = flask.url_for("admin.person_show", person_id=seat.person_id)
        left = "" if seat.has_seat else "Not enrolled any more"
        return lines(RowLink(seat.name, url), seat.email, left)

    @property
    def came(self) -> Any:
        if not self.page.word_of(self.it.came):
            return None
        late = (
            f"{rendering.span(self.it.late_by)} late"
            if self.it.came is AttendanceStatus.LATE
            else ""
        )
        return lines(Chip("attendance", self.it.came), late, self._corrected)

    @property
    def _corrected(self) -> str:
        found = self.it.correction
        if found is None:
            return ""
        at = rendering.local_time(found.at, self.session.time_zone)
        return f"{found.by.name}, {at}: {found.reason}"

    @property
    def first_in(self) -> Any:
        if self.it.first_at is None:
            return None
        at = clock.spell_time(self.it.first_at, self.session.time_zone)
        times = self.it.times
        return lines(at, f"came in {times} times" if times > 1 else "")

    @property
    def minutes(self) -> Any:
        it = self.it
        corrected = it.correction and it.zoom_minutes != it.minutes
        shown = it.minutes if it.is_present or it.minutes else None
        return lines(shown, f"Zoom: {it.zoom_minutes}" if corrected else "")

    @property
    def source(self) -> Any:
        it = self.it
        if not it.sources:
            return it.correction.by.name if it.correction else None
        differ = "They differ; all that either says is counted." if it.disputed else ""
        told = f"Zoom’s {' and its '.join(it.sources)}"
        return lines(told, self.page.known_by(it.matched_by), differ)

    @property
    def correct(self) -> Any:
        if not self.page.has_begun:
            return None
        about = {"class_id": self.session.id, "person_id": self.line.seat.person_id}
        url = flask.url_for("admin.class_correction", **about, next=self.page.list.here)
        return Link("Correct", url, f"the attendance of {self.line.seat.name}")

    @property
    def undo(self) -> Press | None:
        if self.it.correction is None:
            return None
        about = {"class_id": self.session.id, "person_id": self.line.seat.person_id}
        url = flask.url_for("admin.class_uncorrect", **about)
        name = self.line.seat.name
        return Press("Take back", url, describe=f"Take the correction of {name} back")

    def at(self, instant: datetime | None) -> When | None:
        """The instant in the zone of the class, for the file."""
        return When(instant, self.session.time_zone) if instant else None


def _by_name(line: Line) -> str:
    return line.seat.name.casefold()


def _zone(page: "AttendancePage") -> str:
    return clock.zone_label(page.session.starts_at, page.session.time_zone)


def _file_name(page: "AttendancePage") -> str:
    """`attendance-class-12-2026-12-05`: in ASCII, which every browser keeps."""
    day = clock.local(page.session.starts_at, page.session.time_zone).date()
    return f"attendance-class-{page.session.id}-{day.isoformat()}"


def _rows(found: Sequence[Line], page: "AttendancePage") -> list[AttendanceRow]:
    return [AttendanceRow(each, page) for each in found]


def _file_minutes(row: AttendanceRow) -> int | str:
    return "" if row.it.came is AttendanceStatus.NOT_COUNTED else row.it.minutes


def _minutes_late(row: AttendanceRow) -> int | str:
    return int(row.it.late_by.total_seconds() // 60) if row.it.late_by else ""


ATTENDANCE = ListPage(
    name="attendance",
    caption="Attendance",
    noun=("student", "students"),
    rows=lambda page: page.lines,
    key=lambda line: line.seat.person_id,
    load=_rows,
    filters=Filters(
        (
            Choice(
                "came",
                "Attendance",
                lambda asked: asked.of[0].options,
                lambda line: line.attendance.came,
                style="chips",
                rare=tuple(AttendanceStatus),
            ),
        ),
        Search("Name or e-mail", (lambda line: line.seat.name, lambda line: line.seat.email)),
    ),
    columns=(
        Column("Student", lambda it: it.name, _by_name, in_file=False),
        Column("Name", lambda it: it.line.seat.name, on_page=False),
        Column("E-mail", lambda it: it.line.seat.email, on_page=False),
        Column("Enrolled", lambda it: "yes" if it.line.seat.has_seat else "no", on_page=False),
        Column("Attendance", lambda it: it.came, on_phone=True),
        Column("First in", lambda it: it.first_in, in_file=False),
        Column("First in", lambda it: it.at(it.it.first_at), unit=_zone, on_page=False),
        Column("Last out", lambda it: it.at(it.it.last_at), unit=_zone, on_page=False),
        Column("Minutes", lambda it: it.minutes, end=True, on_phone=True, in_file=False),
        Column("Minutes", _file_minutes, on_page=False),
        Column("Minutes late", _minutes_late, on_page=False),
        Column("Times in", lambda it: it.it.times or "", on_page=False),
        Column("Told by", lambda it: it.source, in_file=False),
        Column("Told by", lambda it: " and ".join(it.it.sources), on_page=False),
        Column("Corrected by", lambda it: it.correction and it.correction.by.name, on_page=False),
        Column("Corrected at", lambda it: it.correction and it.at(it.correction.at), on_page=False),
        Column("Reason", lambda it: it.correction and it.correction.reason, on_page=False),
        Column("Correct", lambda it: it.correct, fit=True, is_hidden_label=True, in_file=False),
        Column("Take back", lambda it: it.undo, fit=True, is_hidden_label=True, in_file=False),
    ),
    has_row_buttons=True,
    file_name=_file_name,
    empty=("Nobody is enrolled", "Students of the cohort appear here."),
    no_match="Nobody",
    template="admin/classes/attendance.html",
)
