"""Looking for classes: what can be asked of them in a query, in the words of `live`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    func,
    or_,
    select,
)

from ffapp.classes.models import ClassSession, FormerMeeting
from ffapp.classes.phase import LATE_START
from ffapp.core.db import db
from ffapp.programme.models import Cohort


def over(now: datetime) -> ColumnElement[bool]:
    """What `live.phase_of` calls ended; a cancelled class is over when it would have been."""
    cancelled = ClassSession.cancelled_at.is_not(None)
    return case((cancelled, ClassSession.ends_at <= now), else_=_ended(now))


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


def _ended(now: datetime) -> ColumnElement[bool]:
    """Held, or long past its time."""
    never_began = ClassSession.started_at.is_(None)
    missed = and_(never_began, ClassSession.ends_at <= now - LATE_START)
    return or_(ClassSession.ended_at.is_not(None), missed)
