"""Who has a seat in a class, who pressed Join, and whoever else was there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, union

from ffapp.attendance.models import AttendanceOverride, ParticipantSession
from ffapp.classes.models import ClassSession, Join
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment


@dataclass(frozen=True)
class Seat:
    """One person. `has_seat` is False for one who came and is not enrolled any more."""

    person_id: int
    name: str
    email: str
    has_seat: bool
    enrolled_at: datetime | None
    times: int
    first_at: datetime | None
    last_at: datetime | None


def roster(session: ClassSession) -> Sequence[Seat]:
    """Everybody who is enrolled, and whoever else has joined or was counted, by name."""
    enrolled = and_(
        Enrolment.person_id == Person.id,
        Enrolment.cohort_id == session.cohort_id,
        Enrolment.withdrawn_at.is_(None),
    )
    joined = and_(Join.person_id == Person.id, Join.session_id == session.id)
    counted = union(
        select(ParticipantSession.person_id).where(ParticipantSession.session_id == session.id),
        select(AttendanceOverride.person_id).where(
            AttendanceOverride.session_id == session.id, AttendanceOverride.revoked_at.is_(None)
        ),
    )
    rows = db.session.execute(
        select(
            Person.id,
            Person.name,
            Person.email,
            Enrolment.id.is_not(None),
            Enrolment.enrolled_at,
            func.count(Join.id),
            func.min(Join.at),
            func.max(Join.at),
        )
        .outerjoin(Enrolment, enrolled)
        .outerjoin(Join, joined)
        .where(or_(Enrolment.id.is_not(None), Join.id.is_not(None), Person.id.in_(counted)))
        .group_by(Person.id, Enrolment.id)
        .order_by(func.lower(Person.name), Person.id)
    )
    return [Seat(*row) for row in rows]
