"""Who attended a class: from when, how long, how late; an admin's override counts before Zoom."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import joinedload

from ffapp.attendance import time_spans
from ffapp.attendance.models import AttendanceOverride, ParticipantCheck, ParticipantSession
from ffapp.attendance.time_spans import Span
from ffapp.classes import phase
from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.classes.phase import Phase
from ffapp.core import config
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment

# Five minutes' grace, because the host admits people one by one.
LATE_AFTER = timedelta(minutes=5)
# Who left so long before the end has left early, and who was in for less was there briefly.
A_WHILE = timedelta(minutes=5)


class AttendanceStatus(StrEnum):
    """What a person's attendance of a class is called."""

    EXPECTED = "expected"
    ENROLLED_LATER = "enrolled later"  # was not enrolled yet when it was held
    HERE = "here"
    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left early"  # there too short to be present, and gone before the end
    BRIEFLY = "briefly"  # there too short to be present
    ABSENT = "absent"
    NOT_COUNTED = "not counted"  # over, and Zoom has told nothing about who was there


@dataclass(frozen=True)
class Attendance:
    """One person's attendance; `zoom_minutes` is what Zoom counted, whatever an admin says."""

    status: AttendanceStatus
    minutes: int = 0
    zoom_minutes: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    late_by: timedelta | None = None
    times: int = 0
    sources: tuple[str, ...] = ()
    disputed: bool = False  # Zoom's webhooks and its list name different times
    matched_by: tuple[str, ...] = ()
    override: AttendanceOverride | None = None

    @property
    def is_present(self) -> bool:
        present = (AttendanceStatus.HERE, AttendanceStatus.PRESENT, AttendanceStatus.LATE)
        return self.status in present


def attendance_of(session: ClassSession, now: datetime) -> dict[int, Attendance]:
    """Person id → attendance, for everybody who has one; two queries."""
    return {person_id: found for (_, person_id), found in _known([session], now).items()}


def own_attendance(
    person: Person, sessions: Sequence[ClassSession], now: datetime
) -> dict[int, Attendance]:
    """Class id → this person's attendance, of the classes that were counted; four queries.

    Nobody was absent from a class that was held before they were enrolled.
    """
    known = _known(sessions, now, person_id=person.id)
    own = {class_id: found for (class_id, _), found in known.items()}
    counted = counted_classes([each.id for each in sessions])
    enrolled = select(Enrolment.cohort_id, Enrolment.enrolled_at).filter_by(person_id=person.id)
    enrolled_at = {row.cohort_id: row.enrolled_at for row in db.session.execute(enrolled)}
    for each in sessions:
        is_counted = each.id in counted and each.id not in own
        if is_counted and not enrolled_later(each, enrolled_at.get(each.cohort_id)):
            own[each.id] = _attendance(each, [], None, now)
    return own


def counted_classes(session_ids: Sequence[int]) -> set[int]:
    """Of which of the classes Zoom has told who was there, even if nobody was; one query."""
    listed = (
        select(ParticipantCheck.session_id)
        .join(ClassSession, ClassSession.id == ParticipantCheck.session_id)
        .where(
            ParticipantCheck.session_id.in_(session_ids),
            ParticipantCheck.asked_at.is_not(None),
            ParticipantCheck.problem.is_(None),
            ClassSession.ended_at.is_not(None),
        )
    )
    seen = select(ParticipantSession.session_id).where(
        ParticipantSession.session_id.in_(session_ids), ~was_apart()
    )
    return set(db.session.scalars(seen.union(listed)))


def was_apart() -> ColumnElement[bool]:
    """In a query over participant sessions: it was in a meeting that was not the class."""
    return exists().where(
        MeetingInstance.zoom_uuid == ParticipantSession.meeting_uuid, ~MeetingInstance.is_counted
    )


def has_begun(session: ClassSession, now: datetime) -> bool:
    """Whether anybody can have come: it is or was held, or ought to be."""
    begun = (Phase.LIVE, Phase.ENDED)
    return session.starts_at <= now or phase.phase_of(session, now) in begun


def enrolled_later(session: ClassSession, enrolled_at: datetime | None) -> bool:
    """Whether somebody who was enrolled then was not yet when the class was held."""
    return enrolled_at is not None and enrolled_at > phase.ended_at(session)


def unknown(session: ClassSession, now: datetime) -> Attendance:
    """The attendance of a person without participant sessions or overrides."""
    status = _status(session, [], None, now)
    if status is AttendanceStatus.ABSENT and not counted_classes([session.id]):
        status = AttendanceStatus.NOT_COUNTED
    return Attendance(status)


def count_spans(
    session: ClassSession, visits: Iterable[ParticipantSession], now: datetime
) -> list[tuple[ParticipantSession, list[Span]]]:
    """Each participant session in the class and its spans; meetings kept apart are left out.

    One without an end ends with its meeting, or with the class.
    """
    meetings = {each.zoom_uuid: each for each in session.instances}
    is_over = phase.phase_of(session, now) is Phase.ENDED
    closes_at = phase.ended_at(session) if is_over else now
    found = []
    for visit in visits:
        meeting = meetings.get(visit.meeting_uuid)
        spans = time_spans.spans_of(visit, (meeting and meeting.ended_at) or closes_at)
        if not spans:
            continue
        # A meeting that is known by its participants alone was when they were in it.
        if meeting.is_counted if meeting else phase.would_count(session, *_ends(spans)):
            found.append((visit, spans))
    return found


def _ends(spans: Sequence[Span]) -> Span:
    return spans[0][0], spans[-1][1]


def _attendance(
    session: ClassSession,
    visits: Sequence[ParticipantSession],
    override: AttendanceOverride | None,
    now: datetime,
) -> Attendance:
    counted = count_spans(session, visits, now)
    visits = [visit for visit, _ in counted]
    spans = time_spans.union(span for _, found in counted for span in found)
    zoom_minutes = minutes = time_spans.minutes(time_spans.length(spans))
    late_by = _late_by(session, spans)
    status = _status(session, spans, late_by, now)
    if override is not None:
        status = AttendanceStatus.PRESENT if override.present else AttendanceStatus.ABSENT
        said = minutes if override.minutes is None else override.minutes
        minutes = said if override.present else 0
    return Attendance(
        status=status,
        minutes=minutes,
        zoom_minutes=zoom_minutes,
        first_at=spans[0][0] if spans else None,
        last_at=spans[-1][1] if spans else None,
        late_by=late_by,
        times=len(visits),
        sources=time_spans.sources(visits),
        disputed=any(time_spans.disagree(each) for each in visits),
        matched_by=tuple(sorted({each.matched_by for each in visits if each.matched_by})),
        override=override,
    )


def _status(
    session: ClassSession, spans: Sequence[Span], late_by: timedelta | None, now: datetime
) -> AttendanceStatus:
    """What Zoom counted is called."""
    current = phase.phase_of(session, now)
    if not spans:
        return AttendanceStatus.ABSENT if current is Phase.ENDED else AttendanceStatus.EXPECTED
    if current is Phase.LIVE and spans[-1][1] >= now:
        return AttendanceStatus.HERE
    there = time_spans.length(spans)
    if there < needed(session, now):
        ended_at = now if current is Phase.LIVE else phase.ended_at(session)
        left_early = there >= A_WHILE and spans[-1][1] <= ended_at - A_WHILE
        return AttendanceStatus.LEFT_EARLY if left_early else AttendanceStatus.BRIEFLY
    return AttendanceStatus.LATE if late_by else AttendanceStatus.PRESENT


def needed(session: ClassSession, now: datetime) -> timedelta:
    """How long somebody must have been in the class to be present: a share of what was held of it,
    and no more than some minutes; the educator sets both."""
    held = time_spans.union(
        (each.started_at, max(each.started_at, each.ended_at or now))
        for each in session.instances
        if each.is_counted
    )
    length = time_spans.length(held) or timedelta(minutes=session.duration_minutes)
    settings = config.current()
    share = length * settings.present_percent / 100
    return min(share, timedelta(minutes=settings.present_minutes))


def _late_by(session: ClassSession, spans: Sequence[Span]) -> timedelta | None:
    """How long after the class began they came; None within the grace.

    Nobody is late to a class that the host has not begun.
    """
    if not spans:
        return None
    late = spans[0][0] - max(session.starts_at, session.started_at or session.starts_at)
    return late if late > LATE_AFTER else None


def _known(
    sessions: Sequence[ClassSession], now: datetime, **who: int
) -> dict[tuple[int, int], Attendance]:
    """(class id, person id) → attendance, where Zoom or an admin tells of one; two queries."""
    classes = {each.id: each for each in sessions}
    visits: dict[Any, list[ParticipantSession]] = defaultdict(list)
    for visit in db.session.scalars(
        select(ParticipantSession)
        .filter_by(**who)
        .where(
            ParticipantSession.session_id.in_(classes), ParticipantSession.person_id.is_not(None)
        )
        .order_by(ParticipantSession.id)
    ):
        visits[visit.session_id, visit.person_id].append(visit)
    rows = db.session.scalars(
        select(AttendanceOverride)
        .filter_by(**who, revoked_at=None)
        .where(AttendanceOverride.session_id.in_(classes))
        .options(joinedload(AttendanceOverride.by))
    )
    overrides = {(each.session_id, each.person_id): each for each in rows}
    return {
        key: _attendance(classes[key[0]], visits.get(key, []), overrides.get(key), now)
        for key in {*visits, *overrides}
    }
