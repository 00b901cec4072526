"""Queries over classes: which are over or upcoming, their hosts and their meetings."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import lazyload

from ffapp.classes.models import LONGEST, ClassSession, FormerMeeting
from ffapp.classes.phase import LATE_START
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.programme.models import Cohort


def over(now: datetime) -> ColumnElement[bool]:
    """What `phase_of` calls ended; a cancelled class is over when it would have been."""
    never_began = ClassSession.started_at.is_(None)
    missed = and_(never_began, ClassSession.ends_at <= now - LATE_START)
    return case(
        (ClassSession.cancelled_at.is_not(None), ClassSession.ends_at <= now),
        else_=or_(ClassSession.ended_at.is_not(None), missed),
    )


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


def hosts() -> Sequence[str]:
    """The hosts used so far, those used last first."""
    email = func.lower(ClassSession.zoom_host_email)
    return db.session.scalars(
        select(email).group_by(email).order_by(func.max(ClassSession.id).desc()).limit(50)
    ).all()


def cohorts() -> Sequence[Cohort]:
    """All cohorts, the newest first."""
    return db.session.scalars(
        select(Cohort).order_by(Cohort.starts_on.desc(), Cohort.id.desc())
    ).all()


def meeting_ids(session: ClassSession) -> list[int]:
    """The Zoom meetings that the class has and had."""
    former = select(FormerMeeting.zoom_meeting_id).where(FormerMeeting.session_id == session.id)
    now = [session.zoom_meeting_id] if session.zoom_meeting_id is not None else []
    return [*db.session.scalars(former.order_by(FormerMeeting.id)), *now]


def _coming() -> Select[tuple[ClassSession]]:
    now, starts, ends = clock.now(), ClassSession.starts_at, ClassSession.ends_at
    return (
        select(ClassSession)
        .options(lazyload(ClassSession.cohort))
        .where(ClassSession.cancelled_at.is_(None), starts > now - LONGEST, ends > now)
    )
