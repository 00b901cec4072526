"""Which recordings a person may see: permission is a query, so nothing else can be found."""

from typing import Any

from sqlalchemy import ColumnElement, and_, select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment
from ffapp.recordings.models import FileState, Recording


def recording_of(person: Person, recording_id: int) -> Recording | None:
    """A recording that the person may watch, or None."""
    return db.session.scalar(
        select(Recording)
        .join(Recording.session)
        .join(Enrolment, Enrolment.cohort_id == ClassSession.cohort_id)
        .where(
            Recording.id == recording_id,
            may_be_seen(Recording),
            Enrolment.person_id == person.id,
            Enrolment.withdrawn_at.is_(None),
        )
    )


def may_be_seen(recording: Any) -> ColumnElement[bool]:
    """In SQL: a file that no admin has hidden and that is where it was (an entity or an alias)."""
    return and_(recording.visible.is_(True), recording.state == FileState.AVAILABLE)


def may_be_watched(recording: Any) -> ColumnElement[bool]:
    """The same of a video that is finished."""
    return and_(may_be_seen(recording), recording.is_video)


def watchable(session: ClassSession) -> list[Recording]:
    """The visible videos of a class, in the order in which they were recorded."""
    return [each for each in session.recordings if each.visible and each.is_video]
