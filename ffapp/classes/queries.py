"""Looking for classes: what can be asked of them in a query, in the words of `live`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import selectinload

from ffapp.classes.models import ClassSession, FormerMeeting, MeetingInstance, RecordingState
from ffapp.classes.phase import LATE_START, ended_as_class
from ffapp.core.db import db
from ffapp.programme.models import Cohort

PERIODS = ("coming", "past", "all")


@dataclass(frozen=True)
class ClassFilters:
    """What is looked for; what is None, empty or False narrows nothing down."""

    now: datetime
    period: str = "all"
    cohort_id: int | None = None
    host: str = ""
    title: str = ""
    recording: str = ""
    more: Sequence[ColumnElement[bool]] = field(default=())

    def conditions(self) -> list[ColumnElement[bool]]:
        return [*self._period(), *self._rest(), *self.more]

    def _period(self) -> list[ColumnElement[bool]]:
        match self.period:
            case "coming":
                return [~over(self.now)]
            case "past":
                return [over(self.now)]
        return []

    def _rest(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.cohort_id is not None:
            found.append(ClassSession.cohort_id == self.cohort_id)
        if self.host:
            found.append(func.lower(ClassSession.zoom_host_email) == self.host.lower())
        if self.title:
            found.append(ClassSession.title.icontains(self.title, autoescape=True))
        if self.recording:
            found.append(recording_state(self.now) == self.recording)
        return found


def classes(wanted: ClassFilters, *, latest_first: bool) -> Select[tuple[ClassSession]]:
    """The classes, by time, with what `live` reads of each."""
    order = ClassSession.starts_at.desc() if latest_first else ClassSession.starts_at
    return (
        select(ClassSession)
        .where(*wanted.conditions())
        .order_by(order, ClassSession.id)
        .options(selectinload(ClassSession.instances))
    )


def count_by_period(wanted: ClassFilters) -> dict[str, int]:
    """How many are coming, past and all, with the other wishes kept."""
    is_over = over(wanted.now)
    row = db.session.execute(
        select(
            func.count().filter(~is_over).label("coming"),
            func.count().filter(is_over).label("past"),
            func.count().label("all"),
        )
        .select_from(ClassSession)
        .where(*replace(wanted, period="all").conditions())
    ).one()
    return dict(row._mapping)


def count_by_recording(wanted: ClassFilters) -> dict[str, int]:
    """How many classes are in each state of recording, with the other wishes kept."""
    state = recording_state(wanted.now).label("state")
    rows = db.session.execute(
        select(state, func.count())
        .where(*replace(wanted, recording="").conditions(), state.is_not(None))
        .group_by(state)
    )
    counts: dict[str, int] = {each.value: 0 for each in RecordingState}
    return counts | {row[0]: row[1] for row in rows}


def over(now: datetime) -> ColumnElement[bool]:
    """What `live.phase_of` calls ended; a cancelled class is over when it would have been."""
    cancelled = ClassSession.cancelled_at.is_not(None)
    return case((cancelled, ClassSession.ends_at <= now), else_=_ended(now))


def recording_state(now: datetime) -> ColumnElement[Any]:
    """What `live.recording_state` answers, in SQL."""
    ended = and_(ClassSession.cancelled_at.is_(None), _ended(now))
    unsaid = case(
        (and_(ended, ClassSession.zoom_meeting_id.is_(None)), RecordingState.NONE.value),
        (ended, RecordingState.PROCESSING.value),
        else_=None,
    )
    return func.coalesce(ClassSession.recording_state, unsaid)


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
    """As `live.phase_of` says it: held (a rehearsal is not the class), or long past its time."""
    of_it = exists().where(MeetingInstance.session_id == ClassSession.id)
    running = of_it.where(MeetingInstance.ended_at.is_(None))
    held = of_it.where(ended_as_class())
    return and_(~running, or_(held, ClassSession.ends_at <= now - LATE_START))
