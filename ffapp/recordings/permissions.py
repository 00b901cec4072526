"""Which recordings a person may see: permission is a query, so nothing else can be found."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.core.permissions import Permission
from ffapp.programme.models import Enrolment, is_enrolled
from ffapp.recordings.models import TRANSCRIPT, FileState, Recording


def recordings_of(person_id: Any) -> Select[tuple[Recording]]:
    """The recordings that the person (an id, or a parameter) may watch."""
    return (
        select(Recording)
        .join(Recording.session)
        .join(Enrolment, is_enrolled(person_id, ClassSession.cohort_id))
        .where(may_be_seen(Recording))
    )


RECORDINGS = Permission(Recording, recordings_of)


def may_be_seen(recording: Any) -> ColumnElement[bool]:
    """In SQL: whether students can open the file (an entity or an alias): a video that may be
    watched, or the transcript of one. Nothing else of a recording is shown to them."""
    return or_(recording.is_watchable, may_be_read(recording))


def may_be_read(recording: Any) -> ColumnElement[bool]:
    """The same of a transcript: it goes with its video, unless an admin has hidden it alone."""
    video = aliased(Recording)
    is_watched = exists().where(
        video.session_id == recording.session_id,
        video.meeting_uuid == recording.meeting_uuid,
        video.starts_at == recording.starts_at,
        video.is_watchable,
    )
    return and_(
        recording.file_type == TRANSCRIPT,
        recording.state == FileState.AVAILABLE,
        recording.visible.is_not(False),
        is_watched,
    )


def is_watchable_class() -> ColumnElement[bool]:
    """In a query over classes: whether its students find something to watch."""
    return exists().where(Recording.session_id == ClassSession.id, Recording.is_watchable)


def watchable(session: ClassSession) -> list[Recording]:
    """The videos of a class that students may watch, in the order in which they were recorded."""
    return [each for each in session.recordings if each.is_watchable]


def seen_by_students(session: ClassSession) -> set[int]:
    """The ids of the files of a class that its students can open."""
    asked = select(Recording.id).where(Recording.session_id == session.id, may_be_seen(Recording))
    return set(db.session.scalars(asked))
