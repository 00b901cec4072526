"""The attendance of a class as a list: everybody who has a seat, and whoever else was there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ffapp.classes import attendance
from ffapp.classes.attendance import Attendance, Came
from ffapp.classes.models import ClassSession
from ffapp.classes.roster import Seat, roster


@dataclass(frozen=True)
class Line:
    seat: Seat
    attendance: Attendance


def sheet(session: ClassSession, now: datetime) -> Sequence[Line]:
    """One line a person, by name; four queries."""
    known = attendance.attendance_of(session, now)
    absent = attendance.unknown(session, now)
    later = replace(absent, came=Came.ENROLLED_LATER)

    def of(seat: Seat) -> Attendance:
        nothing = later if attendance.came_later(session, seat.enrolled_at) else absent
        return known.get(seat.person_id, nothing)

    return [Line(seat, of(seat)) for seat in roster(session)]


def seats(lines: Iterable[Line]) -> int:
    """How many had a seat when the class was held."""
    later = Came.ENROLLED_LATER
    return sum(line.seat.has_seat and line.attendance.came != later for line in lines)


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How many lines there are of each word for attendance."""
    return dict(Counter(str(line.attendance.came) for line in lines))


def is_counted(lines: Iterable[Line]) -> bool:
    """Whether anything is known of who was there."""
    return all(line.attendance.came != Came.NOT_COUNTED for line in lines)


def came(lines: Iterable[Line]) -> int:
    """How many of those who have a seat came."""
    return sum(line.seat.has_seat and line.attendance.is_present for line in lines)
