"""The attendance sheet of a class as a list: one line a student."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flask

from ffapp.attendance.attendance import AttendanceStatus
from ffapp.attendance.models import AttendanceOverride
from ffapp.attendance.roster import Line
from ffapp.core import clock
from ffapp.web import rendering
from ffapp.web.kit.cells import Chip, Link, Press, RowLink, When, lines
from ffapp.web.kit.filters import Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage

KNOWN_BY = {
    "link": "known by their personal link",
    "email": "known by their e-mail address",
    "admin": "assigned by hand",
}


@dataclass(frozen=True)
class Row:
    """One line of the sheet, as its columns read it."""

    line: Line
    page: Any  # the AttendancePage, which stands above

    def __getattr__(self, name: str) -> Any:
        """What the person's attendance has: status, minutes, override …"""
        return getattr(self.line.attendance, name)

    @property
    def student(self) -> Any:
        member = self.line.member
        url = flask.url_for("admin.person_show", person_id=member.person_id)
        left = "" if member.is_enrolled else "Not enrolled any more"
        return lines(RowLink(member.name, url), member.email, left)

    @property
    def chip(self) -> Any:
        if self.page.is_moot(self.status):
            return None
        is_late = self.status is AttendanceStatus.LATE
        late = f"{rendering.span(self.late_by)} late" if is_late else ""
        said: AttendanceOverride | None = self.override
        at = said and rendering.local_time(said.at, self.page.session.time_zone)
        by = f"{said.by.name}, {at}: {said.reason}" if said else ""
        return lines(Chip("attendance", self.status), late, by)

    @property
    def first_in(self) -> Any:
        if self.first_at is None:
            return None
        at = clock.spell_time(self.first_at, self.page.session.time_zone)
        return lines(at, f"came in {self.times} times" if self.times > 1 else "")

    @property
    def counted(self) -> Any:
        is_changed = self.override and self.zoom_minutes != self.minutes
        shown = self.minutes if self.is_present or self.minutes else None
        return lines(shown, f"Zoom: {self.zoom_minutes}" if is_changed else "")

    @property
    def source(self) -> Any:
        if not self.sources:
            return self.override.by.name if self.override else None
        differ = "They differ; all that either says is counted." if self.disputed else ""
        known_by = " and ".join(KNOWN_BY[each] for each in self.matched_by if each in KNOWN_BY)
        return lines(f"Zoom’s {' and its '.join(self.sources)}", known_by, differ)

    @property
    def correct(self) -> Link | None:
        url = self._url("admin.class_correction", next=self.page.list.here)
        about = f"the attendance of {self.line.member.name}"
        return Link("Correct", url, about) if self.page.has_begun else None

    @property
    def undo(self) -> Press | None:
        about = f"Undo the correction of {self.line.member.name}"
        press = Press("Undo", self._url("admin.class_uncorrect"), describe=about)
        return press if self.override else None

    def _url(self, endpoint: str, **more: str) -> str:
        about = {"class_id": self.page.session.id, "person_id": self.line.member.person_id}
        return flask.url_for(endpoint, **about, **more)

    def at(self, instant: datetime | None) -> When | None:
        """The instant in the zone of the class, for the file."""
        return When(instant, self.page.session.time_zone) if instant else None


def _zone(page: Any) -> str:
    return clock.zone_label(page.session.starts_at, page.session.time_zone)


def _file_name(page: Any) -> str:
    """`attendance-class-12-2026-12-05`: in ASCII, which every browser keeps."""
    day = clock.local(page.session.starts_at, page.session.time_zone).date()
    return f"attendance-class-{page.session.id}-{day.isoformat()}"


def _rows(found: Sequence[Line], page: Any) -> list[Row]:
    return [Row(each, page) for each in found]


def _file_minutes(row: Row) -> int | str:
    return "" if row.status is AttendanceStatus.NOT_COUNTED else row.minutes


def _minutes_late(row: Row) -> int | str:
    return int(row.late_by.total_seconds() // 60) if row.late_by else ""


ATTENDANCE = ListPage(
    name="attendance",
    heading="Attendance",
    noun=("student", "students"),
    rows=lambda page: page.roster.lines,
    key=lambda line: line.member.person_id,
    load=_rows,
    filters=Filters(
        (
            Choice(
                "came",
                "Attendance",
                lambda asked: asked.of[0].options,
                lambda line: line.attendance.status,
                style="chips",
                rare=tuple(AttendanceStatus),
            ),
        ),
        Search("Name or e-mail", (lambda line: line.member.name, lambda line: line.member.email)),
    ),
    columns=(
        Column(
            "Student", lambda it: it.student, lambda it: it.member.name.casefold(), in_file=False
        ),
        Column("Name", lambda it: it.line.member.name, on_page=False),
        Column("E-mail", lambda it: it.line.member.email, on_page=False),
        Column("Enrolled", lambda it: "yes" if it.line.member.is_enrolled else "no", on_page=False),
        Column("Attendance", lambda it: it.chip, on_phone=True),
        Column("First in", lambda it: it.first_in, in_file=False),
        Column("First in", lambda it: it.at(it.first_at), unit=_zone, on_page=False),
        Column("Last out", lambda it: it.at(it.last_at), unit=_zone, on_page=False),
        Column("Minutes", lambda it: it.counted, end=True, on_phone=True, in_file=False),
        Column("Minutes", _file_minutes, on_page=False),
        Column("Minutes late", _minutes_late, on_page=False),
        Column("Times in", lambda it: it.times or "", on_page=False),
        Column("Told by", lambda it: it.source, in_file=False),
        Column("Told by", lambda it: " and ".join(it.sources), on_page=False),
        Column("Corrected by", lambda it: it.override and it.override.by.name, on_page=False),
        Column("Corrected at", lambda it: it.override and it.at(it.override.at), on_page=False),
        Column("Reason", lambda it: it.override and it.override.reason, on_page=False),
        Column("Correct", lambda it: it.correct, fit=True, is_hidden_label=True, in_file=False),
        Column("Undo", lambda it: it.undo, fit=True, is_hidden_label=True, in_file=False),
    ),
    has_row_buttons=True,
    file_name=_file_name,
    empty=("Nobody is enrolled", "Students of the cohort appear here."),
    no_match="Nobody",
    template="admin/classes/attendance.html",
)
