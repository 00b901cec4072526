"""How often the recordings of a class were opened, and by whom last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import func, select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.models import Person, Role, User
from ffapp.recordings.models import Recording, RecordingView


@dataclass(frozen=True)
class Viewed:
    """How often one file was opened, by how many, and the last time."""

    times: int
    people: int
    last_at: datetime
    last_name: str


def viewed(session: ClassSession) -> dict[int, Viewed]:
    """Recording id → how it was viewed; a file that nobody opened is not in it."""
    mine = (
        select(
            RecordingView.recording_id,
            RecordingView.person_id,
            RecordingView.at,
            func.row_number()
            .over(partition_by=RecordingView.recording_id, order_by=RecordingView.id.desc())
            .label("rank"),
        )
        .join(Recording, Recording.id == RecordingView.recording_id)
        .where(Recording.session_id == session.id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            mine.c.recording_id,
            func.count(),
            func.count(mine.c.person_id.distinct()),
            func.max(mine.c.at),
            func.max(Person.name).filter(mine.c.rank == 1),
        )
        .join(Person, Person.id == mine.c.person_id)
        .group_by(mine.c.recording_id)
    )
    return {row[0]: Viewed(*row[1:]) for row in rows}


def viewer_counts(sessions: Sequence[ClassSession]) -> dict[int, int]:
    """Class id → how many students have opened its recording."""
    rows = db.session.execute(
        select(Recording.session_id, func.count(RecordingView.person_id.distinct()))
        .join(RecordingView, RecordingView.recording_id == Recording.id)
        .join(User, User.person_id == RecordingView.person_id)
        .where(Recording.session_id.in_([each.id for each in sessions]), User.role == Role.STUDENT)
        .group_by(Recording.session_id)
    )
    return {row[0]: row[1] for row in rows}


def record_view(recording: Recording, person: Person) -> str:
    """Write down the view; answers the address at Zoom, with its passcode where there is one."""
    db.session.add(RecordingView(recording_id=recording.id, person_id=person.id, at=clock.now()))
    url = recording.play_url or ""
    if recording.play_passcode:
        url += ("&" if "?" in url else "?") + "pwd=" + quote(recording.play_passcode, safe="")
    return url
