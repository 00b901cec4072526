"""The attendance of a class as a list: everybody who has a seat, and whoever else was there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ffapp.attendance import attendance
from ffapp.attendance.attendance import Attendance, AttendanceStatus
from ffapp.attendance.roster import Seat, roster
from ffapp.classes.models import ClassSession


@dataclass(frozen=True)
class Line:
    seat: Seat
    attendance: Attendance


def sheet(session: ClassSession, now: datetime) -> Sequence[Line]:
    """One line a person, by name; four queries."""
    known = attendance.attendance_of(session, now)
    absent = attendance.unknown(session, now)
    later = replace(absent, came=AttendanceStatus.ENROLLED_LATER)

    def of(seat: Seat) -> Attendance:
        nothing = later if attendance.came_later(session, seat.enrolled_at) else absent
        return known.get(seat.person_id, nothing)

    return [Line(seat, of(seat)) for seat in roster(session)]


def count_enrolled(lines: Iterable[Line]) -> int:
    """How many had a seat when the class was held."""
    later = AttendanceStatus.ENROLLED_LATER
    return sum(line.seat.has_seat and line.attendance.came != later for line in lines)


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How many lines there are of each word for attendance."""
    return dict(Counter(str(line.attendance.came) for line in lines))


def is_counted(lines: Iterable[Line]) -> bool:
    """Whether anything is known of who was there."""
    return all(line.attendance.came != AttendanceStatus.NOT_COUNTED for line in lines)


def count_present(lines: Iterable[Line]) -> int:
    """How many of those who have a seat came."""
    return sum(line.seat.has_seat and line.attendance.is_present for line in lines)
