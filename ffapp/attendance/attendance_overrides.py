"""An admin's override of somebody's attendance: it counts whatever Zoom tells later."""

from typing import Any

from sqlalchemy import select

from ffapp.attendance.models import AttendanceOverride
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people.models import Person


def override_attendance(
    session: ClassSession,
    person: Person,
    *,
    present: bool,
    minutes: int | None,
    reason: str,
    by: Person,
) -> None:
    """Say that the person was there or not; with `minutes` None, as long as Zoom says.

    An earlier override is revoked and stays in the history.
    """
    db.session.refresh(session, with_for_update={"of": ClassSession})
    minutes = minutes if present else None
    reason = " ".join(reason.split())
    before = current_override(session, person)
    if before and (before.present, before.minutes, before.reason) == (present, minutes, reason):
        return
    now = clock.now()
    if before:
        before.revoked_at = now
        db.session.flush()  # before the new one, of which there can be only one
    db.session.add(
        AttendanceOverride(
            session_id=session.id,
            person_id=person.id,
            present=present,
            minutes=minutes,
            reason=reason,
            by_id=by.id,
            at=now,
        )
    )
    record("attendance_overridden", by=by, on=session, **_facts(person, present, minutes, reason))


def revoke_override(session: ClassSession, person: Person, by: Person) -> bool:
    """Let Zoom's figures count again; False when there is no override."""
    db.session.refresh(session, with_for_update={"of": ClassSession})
    found = current_override(session, person)
    if found is None:
        return False
    found.revoked_at = clock.now()
    facts = _facts(person, found.present, found.minutes, found.reason)
    record("attendance_override_revoked", by=by, on=session, **facts)
    return True


def current_override(session: ClassSession, person: Person) -> AttendanceOverride | None:
    """The override that counts now."""
    asked = select(AttendanceOverride).filter_by(session_id=session.id, person_id=person.id)
    return db.session.scalar(asked.where(AttendanceOverride.revoked_at.is_(None)))


def _facts(person: Person, present: bool, minutes: int | None, reason: str) -> dict[str, Any]:
    said = {"present": present, "minutes": minutes, "reason": reason}
    return {"person_id": person.id, "person": person.name, **said}
