"""Who opened the recordings of a class, how often and last when; and who did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import BigInteger, Select, Text, and_, case, column, func, or_, select
from sqlalchemy.orm import Bundle

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.models import Person, Role, User
from ffapp.programme.models import Enrolment, is_enrolled
from ffapp.recordings.models import Recording, RecordingView

# What `viewers` has of each: columns that can be sorted by and asked for.
PERSON_ID, NAME = column("id", BigInteger), column("name", Text)
TIMES, LAST_AT = column("times", BigInteger), column("last_at")
HAS_WATCHED = case((TIMES > 0, "watched"), else_="not-yet")


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


def viewers(session: ClassSession) -> Select[Any]:
    """The students of the class, each with `id`, `name`, `is_enrolled` (False for one who watched
    and has left), `times`, `files` (how many they opened) and `last_at`."""
    every = _students(session)
    return select(Bundle("viewer", *every.c)).select_from(every)


def count_watched(session: ClassSession) -> tuple[int, int]:
    """How many have watched, of how many."""
    every = _students(session)
    row = db.session.execute(
        select(func.count().filter(every.c.times > 0), func.count()).select_from(every)
    ).one()
    return row[0], row[1]


def _students(session: ClassSession) -> Any:
    views = (
        select(
            RecordingView.person_id,
            func.count().label("times"),
            func.count(RecordingView.recording_id.distinct()).label("files"),
            func.max(RecordingView.at).label("last_at"),
        )
        .join(Recording, Recording.id == RecordingView.recording_id)
        .where(Recording.session_id == session.id)
        .group_by(RecordingView.person_id)
        .subquery()
    )
    return (
        select(
            Person.id,
            Person.name,
            Enrolment.id.is_not(None).label("is_enrolled"),
            func.coalesce(views.c.times, 0).label("times"),
            func.coalesce(views.c.files, 0).label("files"),
            views.c.last_at,
        )
        .join(User, and_(User.person_id == Person.id, User.role == Role.STUDENT))
        .outerjoin(Enrolment, is_enrolled(Person.id, session.cohort_id))
        .outerjoin(views, views.c.person_id == Person.id)
        .where(or_(Enrolment.id.is_not(None), views.c.times > 0))
        .subquery()
    )
