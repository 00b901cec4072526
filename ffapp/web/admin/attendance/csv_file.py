"""The attendance of a class as a CSV file that a spreadsheet opens as it is.

UTF-8 with a byte order mark: without it Excel takes नमस्ते for something else. What begins like a
formula gets an apostrophe before it, so that a name cannot compute.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from ffapp.attendance.attendance import Attendance, AttendanceStatus
from ffapp.attendance.sheet import Line
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.web.admin.attendance.labels import word_of

HEAD = (
    "Name",
    "E-mail",
    "Enrolled",
    "Attendance",
    "First in",
    "Last out",
    "Minutes",
    "Minutes late",
    "Times in",
    "Told by",
    "Corrected by",
    "Corrected at",
    "Reason",
)
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(session: ClassSession, lines: Iterable[Line]) -> bytes:
    """The file; times are in the zone of the class, which the head names."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    zone = clock.zone_label(session.starts_at, session.time_zone)
    rows.writerow(f"{each} ({zone})" if each in ("First in", "Last out") else each for each in HEAD)
    rows.writerows([_safe(cell) for cell in _cells(session, line)] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def name_of(session: ClassSession) -> str:
    """`attendance-class-12-2026-12-05.csv`: in ASCII, which every browser keeps."""
    day = clock.local(session.starts_at, session.time_zone).date()
    return f"attendance-class-{session.id}-{day.isoformat()}.csv"


def _cells(session: ClassSession, line: Line) -> list[object]:
    seat, it = line.seat, line.attendance
    return [
        seat.name,
        seat.email,
        "yes" if seat.has_seat else "no",
        word_of(session, it.came),
        _when(session, it.first_at),
        _when(session, it.last_at),
        "" if it.came is AttendanceStatus.NOT_COUNTED else it.minutes,
        int(it.late_by.total_seconds() // 60) if it.late_by else "",
        it.times or "",
        " and ".join(it.sources),
        *_correction(session, it),
    ]


def _correction(session: ClassSession, it: Attendance) -> list[object]:
    found = it.correction
    return [found.by.name, _when(session, found.at), found.reason] if found else ["", "", ""]


def _when(session: ClassSession, instant: datetime | None) -> str:
    if instant is None:
        return ""
    return f"{clock.local(instant, session.time_zone):%Y-%m-%d %H:%M:%S}"


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(STARTS_A_FORMULA):
        return f"'{cell}"
    return cell
