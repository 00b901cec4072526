"""Who was in a class and is nobody's: as Zoom named them, how long, and who it may have been."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ffapp.attendance import time_spans
from ffapp.attendance.attendance import counted
from ffapp.attendance.matching import unmatched
from ffapp.attendance.models import ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.people.models import Guardian


@dataclass(frozen=True)
class UnmatchedParticipant:
    """One participant. A guest has no address, and each time they came in they are another one."""

    identity: str
    name: str
    email: str
    first_at: datetime
    last_at: datetime
    minutes: int
    times: int


@dataclass(frozen=True)
class LikelyMatch:
    """Who it may be: a help for people, and never an answer."""

    people: Sequence[int]
    sentence: str


def unmatched_participants(session: ClassSession, now: datetime) -> Sequence[UnmatchedParticipant]:
    """Those of whom nobody knows who they are, in the order in which they came."""
    return unmatched_participants_of([session], now)[session.id]


def unmatched_participants_of(
    sessions: Sequence[ClassSession], now: datetime
) -> dict[int, Sequence[UnmatchedParticipant]]:
    """The same for several classes, by class id; one query, beside those for their meetings."""
    rows = db.session.scalars(
        select(ParticipantSession)
        .where(ParticipantSession.session_id.in_([each.id for each in sessions]), unmatched())
        .order_by(ParticipantSession.id)
    )
    visits: dict[int, dict[str, list[ParticipantSession]]] = {
        each.id: defaultdict(list) for each in sessions
    }
    for visit in rows:
        visits[visit.session_id][visit.identity].append(visit)
    return {
        each.id: sorted(
            filter(None, (_unknown(each, who, mine, now) for who, mine in visits[each.id].items())),
            key=lambda it: (it.first_at, it.identity),
        )
        for each in sessions
    }


def likely_matches(
    unknown: Iterable[UnmatchedParticipant], names: Mapping[int, str]
) -> dict[str, LikelyMatch]:
    """Identity → who of these people (id → name) it may be, for those of whom there is a hint."""
    unknown = list(unknown)
    called: dict[str, list[int]] = defaultdict(list)
    for person_id, name in names.items():
        called[_folded(name)].append(person_id)
    wards = _wards({each.email for each in unknown if each.email}, names)
    found: dict[str, LikelyMatch] = {}
    for each in unknown:
        if students := wards.get(each.email):
            of_whom = " and ".join(names[student] for student in students)
            found[each.identity] = LikelyMatch(students, f"The address of a guardian of {of_whom}.")
        elif same := called.get(_folded(each.name)):
            who = f"{names[same[0]]} is" if len(same) == 1 else f"{len(same)} students are"
            found[each.identity] = LikelyMatch(same, f"{who} called like this.")
    return found


def _unknown(
    session: ClassSession, identity: str, visits: Sequence[ParticipantSession], now: datetime
) -> UnmatchedParticipant | None:
    mine = counted(session, visits, now)
    spans = time_spans.union(span for _, found in mine for span in found)
    if not spans:
        return None  # all of it was a rehearsal
    return UnmatchedParticipant(
        identity=identity,
        name=visits[-1].name or "No name",
        email=visits[-1].email,
        first_at=spans[0][0],
        last_at=spans[-1][1],
        minutes=time_spans.minutes(time_spans.length(spans)),
        times=len(mine),
    )


def _wards(addresses: set[str], people: Iterable[int]) -> dict[str, list[int]]:
    """A guardian's address → their students among these people."""
    rows = db.session.execute(
        select(func.lower(Guardian.email).label("email"), Guardian.student_id)
        .where(func.lower(Guardian.email).in_(addresses), Guardian.student_id.in_(list(people)))
        .order_by(Guardian.id)
    )
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row.email].append(row.student_id)
    return found


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
