"""Who came to a class: from when, how long, how late; and what an admin says instead."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import joinedload

from ffapp.attendance import time_spans
from ffapp.attendance.models import AttendanceOverride, ParticipantCheck, ParticipantSession
from ffapp.attendance.time_spans import Span
from ffapp.classes import phase as live
from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.classes.phase import Phase
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment

# The host lets people in one by one; whoever stands at the door by then is not late.
LATE_AFTER = timedelta(minutes=5)


class AttendanceStatus(StrEnum):
    """The one word for a person's attendance of a class."""

    EXPECTED = "expected"
    ENROLLED_LATER = "enrolled later"  # had no seat yet when it was held
    HERE = "here"
    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    NOT_COUNTED = "not counted"  # over, and Zoom has told nothing of who was there


@dataclass(frozen=True)
class Attendance:
    """One person's: by Zoom's word, and by that of an admin where there is one."""

    came: AttendanceStatus
    minutes: int
    zoom_minutes: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    late_by: timedelta | None = None
    times: int = 0
    sources: tuple[str, ...] = ()
    disputed: bool = False
    matched_by: tuple[str, ...] = ()
    correction: AttendanceOverride | None = None

    @property
    def is_present(self) -> bool:
        return self.came in (AttendanceStatus.HERE, AttendanceStatus.PRESENT, AttendanceStatus.LATE)


def attendance_of(session: ClassSession, now: datetime) -> dict[int, Attendance]:
    """Person id → attendance, for everybody of whom something is known; two queries."""
    visits: dict[int, list[ParticipantSession]] = defaultdict(list)
    for visit in _visits([session.id]):
        visits[visit.person_id or 0].append(visit)
    corrections = {each.person_id: each for each in _corrections([session.id])}
    return {
        person_id: _attendance(session, visits[person_id], corrections.get(person_id), now)
        for person_id in {*visits, *corrections}
    }


def own_attendance(
    person: Person, sessions: Sequence[ClassSession], now: datetime
) -> dict[int, Attendance]:
    """Class id → this person's attendance, of the classes that were counted; four queries.

    Nobody was absent from a class that was held before they had a seat.
    """
    ids = [each.id for each in sessions]
    visits: dict[int, list[ParticipantSession]] = defaultdict(list)
    for visit in _visits(ids, ParticipantSession.person_id == person.id):
        visits[visit.session_id].append(visit)
    corrections = {
        each.session_id: each
        for each in _corrections(ids, AttendanceOverride.person_id == person.id)
    }
    told = counted_classes(ids)
    seats = _seats_of(person)
    return {
        each.id: _attendance(each, visits[each.id], corrections.get(each.id), now)
        for each in sessions
        if each.id in visits
        or each.id in corrections
        or (each.id in told and not came_later(each, seats.get(each.cohort_id)))
    }


def counted_classes(session_ids: Sequence[int]) -> set[int]:
    """Of which of the classes Zoom has told who was there, be it that nobody was; one query."""
    held = exists().where(
        MeetingInstance.session_id == ParticipantCheck.session_id, live.ended_as_class()
    )
    listed = select(ParticipantCheck.session_id).where(
        ParticipantCheck.session_id.in_(session_ids),
        ParticipantCheck.asked_at.is_not(None),
        ParticipantCheck.problem.is_(None),
        held,
    )
    seen = select(ParticipantSession.session_id).where(
        ParticipantSession.session_id.in_(session_ids), ~was_at_rehearsal()
    )
    return set(db.session.scalars(seen.union(listed)))


def has_begun(session: ClassSession, now: datetime) -> bool:
    """Whether anybody can have come: it is, or was, held, or ought to be."""
    begun = (Phase.LIVE, Phase.ENDED)
    return session.starts_at <= now or live.phase_of(session, now) in begun


def was_at_rehearsal() -> ColumnElement[bool]:
    """Whether a visit was in a meeting that was the host's rehearsal, in a query over visits."""
    return exists().where(
        MeetingInstance.zoom_uuid == ParticipantSession.meeting_uuid, MeetingInstance.is_rehearsal
    )


def came_later(session: ClassSession, enrolled_at: datetime | None) -> bool:
    """Whether somebody with a seat since then had none yet when the class was held."""
    return enrolled_at is not None and enrolled_at > live.ended_at(session)


def unknown(session: ClassSession, now: datetime) -> Attendance:
    """The attendance of somebody of whom nothing is known."""
    nothing = _attendance(session, [], None, now)
    if nothing.came is AttendanceStatus.ABSENT and not counted_classes([session.id]):
        return replace(nothing, came=AttendanceStatus.NOT_COUNTED)
    return nothing


def counted(
    session: ClassSession, visits: Iterable[ParticipantSession], now: datetime
) -> list[tuple[ParticipantSession, list[Span]]]:
    """Each visit in the class and its spans; a rehearsal of the host's is not the class."""
    meetings = {each.zoom_uuid: each for each in session.instances}
    closing = _closing(session, now)
    found = []
    for visit in visits:
        meeting = meetings.get(visit.meeting_uuid)
        spans = time_spans.spans_of(visit, (meeting and meeting.ended_at) or closing)
        if not spans:
            continue
        # Of a meeting that we know of by its participants alone, they say when it was.
        if not (meeting.is_rehearsal if meeting else live.is_rehearsal(session, spans[-1][1])):
            found.append((visit, spans))
    return found


def _closing(session: ClassSession, now: datetime) -> datetime:
    """When a visit ends whose meeting, as far as we have heard, has not."""
    if live.phase_of(session, now) is Phase.ENDED:
        return live.ended_at(session)
    return now


def _attendance(
    session: ClassSession,
    visits: Sequence[ParticipantSession],
    correction: AttendanceOverride | None,
    now: datetime,
) -> Attendance:
    mine = counted(session, visits, now)
    visits = [visit for visit, _ in mine]
    spans = time_spans.union(span for _, found in mine for span in found)
    by_zoom = time_spans.minutes(time_spans.length(spans))
    late_by = _late_by(session, spans)
    word = _by_zoom(session, spans, late_by, now)
    minutes = by_zoom
    if correction is not None:
        word = AttendanceStatus.PRESENT if correction.present else AttendanceStatus.ABSENT
        minutes = by_zoom if correction.minutes is None else correction.minutes
        minutes = minutes if correction.present else 0
    return Attendance(
        came=word,
        minutes=minutes,
        zoom_minutes=by_zoom,
        first_at=spans[0][0] if spans else None,
        last_at=spans[-1][1] if spans else None,
        late_by=late_by,
        times=len(visits),
        sources=time_spans.sources(visits),
        disputed=any(time_spans.disagree(each) for each in visits),
        matched_by=tuple(sorted({each.matched_by for each in visits if each.matched_by})),
        correction=correction,
    )


def _by_zoom(
    session: ClassSession, spans: Sequence[Span], late_by: timedelta | None, now: datetime
) -> AttendanceStatus:
    phase = live.phase_of(session, now)
    if not spans:
        return AttendanceStatus.ABSENT if phase is Phase.ENDED else AttendanceStatus.EXPECTED
    if phase is Phase.LIVE and spans[-1][1] >= now:
        return AttendanceStatus.HERE
    return AttendanceStatus.LATE if late_by else AttendanceStatus.PRESENT


def _late_by(session: ClassSession, spans: Sequence[Span]) -> timedelta | None:
    """How long after the class began they came, when that is worth a word.

    Nobody is late to a class that the host has not begun.
    """
    if not spans:
        return None
    starts = [each.started_at for each in live.held_instances(session)]
    began = max([session.starts_at, *([min(starts)] if starts else [])])
    late = spans[0][0] - began
    return late if late > LATE_AFTER else None


def _seats_of(person: Person) -> dict[int, datetime]:
    """Cohort id → since when the person has a seat in it."""
    rows = db.session.execute(
        select(Enrolment.cohort_id, Enrolment.enrolled_at).where(Enrolment.person_id == person.id)
    )
    return {row.cohort_id: row.enrolled_at for row in rows}


def _visits(session_ids: Sequence[int], *conditions: object) -> Sequence[ParticipantSession]:
    return db.session.scalars(
        select(ParticipantSession)
        .where(
            ParticipantSession.session_id.in_(session_ids),
            ParticipantSession.person_id.is_not(None),
            *conditions,
        )  # type: ignore[arg-type]
        .order_by(ParticipantSession.id)
    ).all()


def _corrections(session_ids: Sequence[int], *conditions: object) -> Sequence[AttendanceOverride]:
    return db.session.scalars(
        select(AttendanceOverride)
        .where(
            AttendanceOverride.session_id.in_(session_ids),
            AttendanceOverride.revoked_at.is_(None),
            *conditions,  # type: ignore[arg-type]
        )
        .options(joinedload(AttendanceOverride.by))
    ).all()
