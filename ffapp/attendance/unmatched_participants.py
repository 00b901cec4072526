"""Unmatched participants of a class: how long they were in, who it may be, who an admin says."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from ffapp.attendance import time_spans
from ffapp.attendance.attendance import count_spans
from ffapp.attendance.matching import match_sessions, unmatched
from ffapp.attendance.models import ParticipantAssignment, ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.people.models import Guardian, Person


@dataclass(frozen=True)
class UnmatchedParticipant:
    """One participant. A guest has no address, and is another one each time they come in."""

    identity: str
    name: str
    email: str
    first_at: datetime
    last_at: datetime
    minutes: int
    times: int


@dataclass(frozen=True)
class LikelyMatch:
    """Who it may be: a hint for people, never applied by itself."""

    people: Sequence[int]
    sentence: str


def unmatched_participants(session: ClassSession, now: datetime) -> Sequence[UnmatchedParticipant]:
    """The unknown participants of a class, in the order in which they came."""
    return unmatched_participants_of([session], now)[session.id]


def unmatched_participants_of(
    sessions: Sequence[ClassSession], now: datetime
) -> dict[int, Sequence[UnmatchedParticipant]]:
    """The same for several classes, by class id; one query, beside those for their meetings.

    Who was only in meetings that are kept apart is left out.
    """
    rows = db.session.scalars(
        select(ParticipantSession)
        .where(ParticipantSession.session_id.in_([each.id for each in sessions]), unmatched())
        .order_by(ParticipantSession.id)
    )
    visits: dict[tuple[int, str], list[ParticipantSession]] = defaultdict(list)
    for visit in rows:
        visits[visit.session_id, visit.identity].append(visit)
    classes = {each.id: each for each in sessions}
    found: dict[int, list[UnmatchedParticipant]] = {each.id: [] for each in sessions}
    for (class_id, _), of_one in visits.items():
        if (participant := _participant(classes[class_id], of_one, now)) is not None:
            found[class_id].append(participant)
    return {
        class_id: sorted(those, key=lambda it: (it.first_at, it.identity))
        for class_id, those in found.items()
    }


def likely_matches(
    unknown: Iterable[UnmatchedParticipant], names: Mapping[int, str]
) -> dict[str, LikelyMatch]:
    """Identity → who of these people (id → name) it may be, for those with a hint."""
    unknown = list(unknown)
    called: dict[str, list[int]] = defaultdict(list)
    for person_id, name in names.items():
        called[_folded(name)].append(person_id)
    students = _students_by_guardian({each.email for each in unknown if each.email}, names)
    found: dict[str, LikelyMatch] = {}
    for each in unknown:
        if of_guardian := students.get(each.email):
            of_whom = " and ".join(names[student] for student in of_guardian)
            hint = f"The address of a guardian of {of_whom}."
            found[each.identity] = LikelyMatch(of_guardian, hint)
        elif same := called.get(_folded(each.name)):
            who = f"{names[same[0]]} is" if len(same) == 1 else f"{len(same)} students are"
            found[each.identity] = LikelyMatch(same, f"{who} called like this.")
    return found


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


def _participant(
    session: ClassSession, visits: Sequence[ParticipantSession], now: datetime
) -> UnmatchedParticipant | None:
    counted = count_spans(session, visits, now)
    spans = time_spans.union(span for _, found in counted for span in found)
    if not spans:
        return None
    return UnmatchedParticipant(
        identity=visits[0].identity,
        name=visits[-1].name or "No name",
        email=visits[-1].email,
        first_at=spans[0][0],
        last_at=spans[-1][1],
        minutes=time_spans.minutes(time_spans.length(spans)),
        times=len(counted),
    )


def _students_by_guardian(addresses: set[str], people: Iterable[int]) -> dict[str, list[int]]:
    """A guardian's address → their students among these people."""
    email = func.lower(Guardian.email)
    rows = db.session.execute(
        select(email, Guardian.student_id)
        .where(email.in_(addresses), Guardian.student_id.in_(list(people)))
        .order_by(Guardian.id)
    )
    found: dict[str, list[int]] = defaultdict(list)
    for address, student_id in rows:
        found[address].append(student_id)
    return found


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _visits(session: ClassSession) -> Sequence[ParticipantSession]:
    asked = select(ParticipantSession).filter_by(session_id=session.id)
    return db.session.scalars(asked.order_by(ParticipantSession.id)).all()
