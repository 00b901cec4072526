"""The runs of the recording sync, and what they found, for whoever looks at them."""

from collections.abc import Sequence

from sqlalchemy import func, select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.recordings.models import Recording, SyncRun


def latest_runs(at_most: int) -> Sequence[SyncRun]:
    """The newest first."""
    return db.session.scalars(select(SyncRun).order_by(SyncRun.id.desc()).limit(at_most)).all()


def class_of(run: SyncRun) -> ClassSession | None:
    """The class that it is about; None for one that is about all."""
    return db.session.get(ClassSession, run.session_id) if run.session_id else None


def file_counts(sessions: Sequence[ClassSession]) -> dict[int, int]:
    """Class id → how many files its recording has."""
    rows = db.session.execute(
        select(Recording.session_id, func.count())
        .where(Recording.session_id.in_([each.id for each in sessions]))
        .group_by(Recording.session_id)
    )
    return {row[0]: row[1] for row in rows}
