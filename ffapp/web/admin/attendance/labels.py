"""How attendance is called, on its page and in its file."""

from ffapp.attendance.attendance import AttendanceStatus
from ffapp.classes.models import ClassSession

# In the order in which an admin wants to see them.
LABELS = {
    AttendanceStatus.HERE: "In the class",
    AttendanceStatus.PRESENT: "Present",
    AttendanceStatus.LATE: "Late",
    AttendanceStatus.ABSENT: "Absent",
    AttendanceStatus.NOT_COUNTED: "Not counted",
    AttendanceStatus.EXPECTED: "Expected",
    AttendanceStatus.ENROLLED_LATER: "Enrolled later",
}
KNOWN_BY = {
    "link": "known by their personal link",
    "email": "known by their e-mail address",
    "admin": "assigned by hand",
}


def word_of(session: ClassSession, came: AttendanceStatus) -> str:
    """The word; empty where there is none: nobody is expected in a class that was cancelled."""
    return "" if session.is_cancelled and came is AttendanceStatus.EXPECTED else LABELS[came]
