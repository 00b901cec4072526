"""The roster of a class: who is enrolled or was there, with their attendance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import and_, func, or_, select, union

from ffapp.attendance import attendance
from ffapp.attendance.attendance import Attendance, AttendanceStatus
from ffapp.attendance.models import AttendanceOverride, ParticipantSession
from ffapp.classes.models import ClassSession, Join
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment, is_enrolled


@dataclass(frozen=True)
class Member:
    """One person. `is_enrolled` is False for one who came and is not enrolled any more."""

    person_id: int
    name: str
    email: str
    is_enrolled: bool
    enrolled_at: datetime | None
    join_clicks: int
    first_click_at: datetime | None
    last_click_at: datetime | None


@dataclass(frozen=True)
class Line:
    member: Member
    attendance: Attendance


class Roster:
    """Everybody who is enrolled, has joined or was counted, by name.

    Each part is looked up once; four queries in all.
    """

    def __init__(self, session: ClassSession, now: datetime) -> None:
        self.session, self.now = session, now

    @cached_property
    def lines(self) -> Sequence[Line]:
        known = attendance.attendance_of(self.session, self.now)
        absent = attendance.unknown(self.session, self.now)
        later = replace(absent, status=AttendanceStatus.ENROLLED_LATER)
        return [
            Line(
                each,
                known.get(
                    each.person_id,
                    later if attendance.enrolled_later(self.session, each.enrolled_at) else absent,
                ),
            )
            for each in members(self.session)
        ]

    @property
    def enrolled(self) -> int:
        """How many were enrolled when the class was held."""
        later = AttendanceStatus.ENROLLED_LATER
        return sum(it.member.is_enrolled and it.attendance.status != later for it in self.lines)

    @property
    def present(self) -> int:
        """How many of those who are enrolled came."""
        return sum(it.member.is_enrolled and it.attendance.is_present for it in self.lines)

    @property
    def pressed_join(self) -> int:
        """How many of those who are enrolled pressed Join."""
        return sum(it.member.is_enrolled and it.member.join_clicks > 0 for it in self.lines)

    @property
    def is_counted(self) -> bool:
        """Whether anything is known of who was there."""
        return all(it.attendance.status != AttendanceStatus.NOT_COUNTED for it in self.lines)


def members(session: ClassSession) -> Sequence[Member]:
    """The people of the roster, by name."""
    enrolled = is_enrolled(Person.id, session.cohort_id)
    joined = and_(Join.person_id == Person.id, Join.session_id == session.id)
    counted = union(
        select(ParticipantSession.person_id).where(ParticipantSession.session_id == session.id),
        select(AttendanceOverride.person_id).where(
            AttendanceOverride.session_id == session.id, AttendanceOverride.revoked_at.is_(None)
        ),
    )
    clicks = func.count(Join.id), func.min(Join.at), func.max(Join.at)
    rows = db.session.execute(
        select(Person.id, Person.name, Person.email)
        .add_columns(Enrolment.id.is_not(None), Enrolment.enrolled_at, *clicks)
        .outerjoin(Enrolment, enrolled)
        .outerjoin(Join, joined)
        .where(or_(Enrolment.id.is_not(None), Join.id.is_not(None), Person.id.in_(counted)))
        .group_by(Person.id, Enrolment.id)
        .order_by(func.lower(Person.name), Person.id)
    )
    return [Member(*row) for row in rows]
