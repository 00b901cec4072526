"""What a student may watch and read, found by words and filters: nothing else can be found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import selectinload

from ffapp.classes import permissions
from ffapp.classes.models import ClassSession
from ffapp.core import matching
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Cohort
from ffapp.recordings.files import segments
from ffapp.recordings.models import (
    LANGUAGE,
    TRANSCRIPT,
    Recording,
    RecordingView,
    Transcript,
    TranscriptState,
)
from ffapp.recordings.permissions import is_watchable_class, may_be_read

MOST_WORDS = 8  # of a search that are looked for one by one


@dataclass(frozen=True)
class Part:
    """One stretch of a class: its videos side by side, and what was said in it where that is known.

    Watching never stops being possible because a transcript is missing.
    """

    starts_at: datetime
    videos: Sequence[Recording]
    transcript_id: int | None

    @property
    def duration(self) -> timedelta | None:
        return max(filter(None, (each.duration for each in self.videos)), default=None)

    @property
    def minutes(self) -> int:
        """How long it is, in whole minutes and at least one."""
        return max(1, round((self.duration or timedelta()) / timedelta(minutes=1)))


def classes(person: Person) -> Select[tuple[ClassSession]]:
    """The classes with something for this person to watch."""
    return (
        permissions.classes_of(person.id)
        .where(is_watchable_class())
        .options(selectinload(ClassSession.recordings))
    )


def choices(person: Person) -> Sequence[tuple[int, str, int, str]]:
    """What can be chosen in the filters: (cohort id, its name, class id, its title), in order."""
    rows = db.session.execute(
        classes(person)
        .with_only_columns(Cohort.id, Cohort.name, ClassSession.id, ClassSession.title)
        .join(Cohort, Cohort.id == ClassSession.cohort_id)
        .order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
    )
    return [tuple(row) for row in rows]


def parts(session: ClassSession) -> list[Part]:
    """What a student may watch of a class, in the order in which it was recorded."""
    found = []
    for files in segments(session.recordings):
        videos = [each for each in files if each.is_watchable]
        texts = [each for each in files if each.file_type == TRANSCRIPT and each.is_available]
        said = [each.id for each in texts if each.visible is not False]
        if videos:
            found.append(Part(files[0].starts_at, videos, said[0] if said else None))
    return found


def readable(recording_ids: Sequence[int]) -> set[int]:
    """Which of these transcript files have been fetched."""
    return set(
        db.session.scalars(
            select(Transcript.recording_id).where(
                Transcript.recording_id.in_(recording_ids),
                Transcript.state == TranscriptState.READY,
            )
        )
    )


def watched(person: Person, recording_ids: Sequence[int]) -> dict[int, datetime]:
    """Recording id → when the person opened it last."""
    rows = db.session.execute(
        select(RecordingView.recording_id, func.max(RecordingView.at))
        .where(RecordingView.person_id == person.id, RecordingView.recording_id.in_(recording_ids))
        .group_by(RecordingView.recording_id)
    )
    return {row[0]: row[1] for row in rows}


def transcript_of(person: Person, recording_id: int) -> Transcript | None:
    """A transcript that the person may read: they may watch the stretch in which it was said."""
    return db.session.scalar(
        select(Transcript)
        .join(Recording, Recording.id == Transcript.recording_id)
        .where(
            Transcript.recording_id == recording_id,
            Transcript.state == TranscriptState.READY,
            Recording.session_id.in_(
                permissions.classes_of(person.id).with_only_columns(ClassSession.id)
            ),
            may_be_read(Recording),
        )
    )


def mentions(words: str) -> ColumnElement[bool]:
    """The words are in the title, the name of the cohort and what was said, or start words of them.

    What was said counts in a stretch that may be read; quotes and a minus mean what they do.
    """
    of_class = select(Cohort.name).where(Cohort.id == ClassSession.cohort_id)
    cohort = of_class.correlate(ClassSession).scalar_subquery()
    named = func.to_tsvector(LANGUAGE, ClassSession.title + " " + cohort)
    said = exists().where(
        Recording.session_id == ClassSession.id,
        Transcript.recording_id == Recording.id,
        Transcript.state == TranscriptState.READY,
        named.op("||")(Transcript.words).op("@@")(func.websearch_to_tsquery(LANGUAGE, words)),
        may_be_read(Recording),
    )
    return or_(
        said,
        and_(
            *(
                matching.mentions(ClassSession.title, word) | matching.mentions(cohort, word)
                for word in words.split()[:MOST_WORDS]
            )
        ),
    )
