"""An admin says who unknown participants of a class are, or that they are guests."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from ffapp.attendance.matching import match_sessions
from ffapp.attendance.models import ParticipantAssignment, ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people.models import Person


def assign_participant(
    session: ClassSession, identities: Collection[str], person: Person | None, by: Person
) -> list[str]:
    """Say that these participants of the class are this person; None: they are guests.

    It is kept: what Zoom tells of the same participants later is theirs too. Answers the names of
    those who were assigned; identities that nobody of this class has are passed over.
    """
    db.session.refresh(session, with_for_update={"of": ClassSession})
    meant = [each for each in _visits(session) if each.identity in identities]
    names = {each.identity: each.name for each in reversed(meant)}
    if not names:
        return []
    facts = {"person_id": person.id if person else None, "by_id": by.id, "at": clock.now()}
    rows = [
        {"session_id": session.id, "identity": identity, "name": name, **facts}
        for identity, name in sorted(names.items())
    ]
    statement = insert(ParticipantAssignment).values(rows)
    replaced = {name: statement.excluded[name] for name in ("name", *facts)}
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["session_id", "identity"], set_=replaced)
    )
    match_sessions(session, meant, anew=True)
    told = sorted(names.values())
    if person is None:
        record("participant_marked_guest", by=by, on=session, names=told)
    else:
        who = {"person_id": person.id, "person": person.name}
        record("participant_assigned", by=by, on=session, names=told, **who)
    return told


def release_participant(session: ClassSession, assignment_id: int, by: Person) -> bool:
    """Undo an assignment: the participant is unknown again, or whose they were before.

    False when somebody was quicker.
    """
    db.session.refresh(session, with_for_update={"of": ClassSession})
    asked = select(ParticipantAssignment).filter_by(session_id=session.id, id=assignment_id)
    found = db.session.scalar(asked)
    if found is None:
        return False
    theirs = [each for each in _visits(session) if each.assignment_id == found.id]
    db.session.delete(found)
    db.session.flush()
    match_sessions(session, theirs, anew=True)
    record("participant_released", by=by, on=session, names=[found.name])
    return True


def assignments(session: ClassSession) -> Sequence[ParticipantAssignment]:
    """What was said about participants of the class, the latest first."""
    return db.session.scalars(
        select(ParticipantAssignment)
        .filter_by(session_id=session.id)
        .options(joinedload(ParticipantAssignment.person), joinedload(ParticipantAssignment.by))
        .order_by(ParticipantAssignment.id.desc())
    ).all()


def _visits(session: ClassSession) -> Sequence[ParticipantSession]:
    asked = select(ParticipantSession).filter_by(session_id=session.id)
    return db.session.scalars(asked.order_by(ParticipantSession.id)).all()
