"""People in the meeting whom nobody knows: an admin says whose they are, or sets them aside."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from ffapp.attendance.matching import rematch_sessions
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

    It is remembered: what Zoom tells of the same participants later is theirs too. Answers the
    names of those who were assigned; identities that nobody of this class has are passed over.
    """
    db.session.refresh(session, with_for_update={"of": ClassSession})
    mine = [each for each in _visits(session) if each.identity in identities]
    names = {each.identity: each.name for each in reversed(mine)}
    if not names:
        return []
    _remember(session, names, person, by)
    rematch_sessions(session, mine)
    told = sorted(names.values())
    if person is None:
        record("participant_marked_guest", by=by, on=session, names=told)
    else:
        facts = {"person_id": person.id, "person": person.name}
        record("participant_assigned", by=by, on=session, names=told, **facts)
    return told


def release_participant(session: ClassSession, assignment_id: int, by: Person) -> bool:
    """Take an assignment back: the participant is unknown again, or whose they were before.

    False when somebody was quicker.
    """
    db.session.refresh(session, with_for_update={"of": ClassSession})
    found = db.session.scalar(
        select(ParticipantAssignment).where(
            ParticipantAssignment.session_id == session.id,
            ParticipantAssignment.id == assignment_id,
        )
    )
    if found is None:
        return False
    name = found.name
    theirs = [each for each in _visits(session) if each.assignment_id == found.id]
    db.session.delete(found)
    db.session.flush()
    rematch_sessions(session, theirs)
    record("participant_released", by=by, on=session, names=[name])
    return True


def assignments(session: ClassSession) -> Sequence[ParticipantAssignment]:
    """What was said about participants of the class, the latest first."""
    return db.session.scalars(
        select(ParticipantAssignment)
        .where(ParticipantAssignment.session_id == session.id)
        .options(joinedload(ParticipantAssignment.person), joinedload(ParticipantAssignment.by))
        .order_by(ParticipantAssignment.id.desc())
    ).all()


def _remember(
    session: ClassSession, names: dict[str, str], person: Person | None, by: Person
) -> None:
    rows = [
        {
            "session_id": session.id,
            "identity": identity,
            "name": name,
            "person_id": person.id if person else None,
            "by_id": by.id,
            "at": clock.now(),
        }
        for identity, name in sorted(names.items())
    ]
    statement = insert(ParticipantAssignment).values(rows)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["session_id", "identity"],
            set_={name: statement.excluded[name] for name in ("name", "person_id", "by_id", "at")},
        )
    )


def _visits(session: ClassSession) -> Sequence[ParticipantSession]:
    return db.session.scalars(
        select(ParticipantSession)
        .where(ParticipantSession.session_id == session.id)
        .order_by(ParticipantSession.id)
    ).all()
