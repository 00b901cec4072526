"""Which recordings a person may see: permission is a query, so nothing else can be found."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from ffapp.classes.models import ClassSession
from ffapp.core.permissions import Permission
from ffapp.programme.models import Enrolment, is_enrolled
from ffapp.recordings.models import FileState, Recording


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
    """In SQL: a file that no admin has hidden and that is where it was (an entity or an alias)."""
    return and_(recording.visible.is_(True), recording.state == FileState.AVAILABLE)


def may_be_watched(recording: Any) -> ColumnElement[bool]:
    """The same of a video that is finished."""
    return and_(may_be_seen(recording), recording.is_video)


def watchable(session: ClassSession) -> list[Recording]:
    """The visible videos of a class, in the order in which they were recorded."""
    return [each for each in session.recordings if each.visible and each.is_video]
