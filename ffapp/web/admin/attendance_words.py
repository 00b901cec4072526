"""How attendance is called, on its page and in its file."""

from ffapp.classes.attendance import Came
from ffapp.classes.models import ClassSession

# In the order in which an admin wants to see them.
LABELS = {
    Came.HERE: "In the class",
    Came.PRESENT: "Present",
    Came.LATE: "Late",
    Came.ABSENT: "Absent",
    Came.NOT_COUNTED: "Not counted",
    Came.EXPECTED: "Expected",
    Came.ENROLLED_LATER: "Enrolled later",
}
KNOWN_BY = {
    "link": "known by their personal link",
    "email": "known by their e-mail address",
    "admin": "assigned by hand",
}


def word_of(session: ClassSession, came: Came) -> str:
    """The word; empty where there is none: nobody is expected in a class that was cancelled."""
    return "" if session.is_cancelled and came is Came.EXPECTED else LABELS[came]
