"""Who was in a class and is nobody's: as Zoom named them, how long, and who it may have been."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ffapp.classes import presence
from ffapp.classes.attendance import counted
from ffapp.classes.attendance_models import Stay
from ffapp.classes.matching import unmatched
from ffapp.classes.models import ClassSession
from ffapp.classes.roster import Seat
from ffapp.db import db
from ffapp.people.models import Guardian


@dataclass(frozen=True)
class Unknown:
    """One participant. A guest has no address, and each time they came in they are another one."""

    identity: str
    name: str
    email: str
    first_at: datetime
    last_at: datetime
    minutes: int
    times: int


def unknowns(session: ClassSession, now: datetime) -> Sequence[Unknown]:
    """Those of whom nobody knows who they are, in the order in which they came."""
    rows = db.session.scalars(
        select(Stay).where(Stay.session_id == session.id, unmatched()).order_by(Stay.id)
    )
    by_identity: dict[str, list[Stay]] = defaultdict(list)
    for stay in rows:
        by_identity[stay.identity].append(stay)
    found = [_unknown(session, identity, stays, now) for identity, stays in by_identity.items()]
    return sorted(
        (each for each in found if each is not None), key=lambda it: (it.first_at, it.identity)
    )


def hints(unknown: Iterable[Unknown], seats: Iterable[Seat]) -> dict[str, str]:
    """Identity → a sentence on who it may be; a help for people, and never an answer."""
    unknown, seats = list(unknown), list(seats)
    called: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        called[_folded(seat.name)].append(seat)
    wards = _wards({each.email for each in unknown if each.email}, seats)
    found: dict[str, str] = {}
    for each in unknown:
        if students := wards.get(each.email):
            found[each.identity] = f"The address of a guardian of {' and '.join(students)}."
        elif same := called.get(_folded(each.name)):
            found[each.identity] = (
                f"{same[0].name} is called like this."
                if len(same) == 1
                else f"{len(same)} students are called like this."
            )
    return found


def _unknown(
    session: ClassSession, identity: str, stays: Sequence[Stay], now: datetime
) -> Unknown | None:
    mine = counted(session, stays, now)
    spans = presence.union(span for _, found in mine for span in found)
    if not spans:
        return None  # all of it was a rehearsal
    return Unknown(
        identity=identity,
        name=stays[-1].name or "No name",
        email=stays[-1].email,
        first_at=spans[0][0],
        last_at=spans[-1][1],
        minutes=presence.minutes(presence.length(spans)),
        times=len(mine),
    )


def _wards(addresses: set[str], seats: Iterable[Seat]) -> dict[str, list[str]]:
    """A guardian's address → the names of their students in the class."""
    names = {seat.person_id: seat.name for seat in seats}
    rows = db.session.execute(
        select(func.lower(Guardian.email).label("email"), Guardian.student_id)
        .where(func.lower(Guardian.email).in_(addresses), Guardian.student_id.in_(names))
        .order_by(Guardian.id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row.email].append(names[row.student_id])
    return found


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
