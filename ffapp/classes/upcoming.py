"""Which classes are still to come."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import lazyload

from ffapp.classes.models import LONGEST, ClassSession
from ffapp.core import clock
from ffapp.core.db import db


def upcoming_classes(cohort_id: int, at_most: int) -> Sequence[ClassSession]:
    """The cohort's classes that are not over and not cancelled, the next first."""
    return db.session.scalars(
        _coming()
        .where(ClassSession.cohort_id == cohort_id)
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(at_most)
    ).all()


def next_classes(cohort_ids: Sequence[int]) -> dict[int, ClassSession]:
    """Cohort id → its next class, for these cohorts in one query."""
    rows = db.session.scalars(
        _coming()
        .where(ClassSession.cohort_id.in_(cohort_ids))
        .ext(distinct_on(ClassSession.cohort_id))
        .order_by(ClassSession.cohort_id, ClassSession.starts_at, ClassSession.id)
    )
    return {session.cohort_id: session for session in rows}


def _coming() -> Select[tuple[ClassSession]]:
    now, starts, ends = clock.now(), ClassSession.starts_at, ClassSession.ends_at
    return (
        select(ClassSession)
        .options(lazyload(ClassSession.cohort))
        .where(ClassSession.cancelled_at.is_(None), starts > now - LONGEST, ends > now)
    )
