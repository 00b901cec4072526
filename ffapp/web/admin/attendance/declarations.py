"""What attendance adds to what all domains share."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import flask
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from ffapp.attendance import unmatched_participants
from ffapp.attendance.attendance import was_apart
from ffapp.attendance.matching import unmatched
from ffapp.attendance.models import ParticipantCheck, ParticipantSession
from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment
from ffapp.web.kit.alerts import SHOWN, Alert, Button
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.timeline import Facts, Say, Words

GUEST = ("guest", "A guest")
MOST_CHOICES = 3  # beside that; the class's own page offers everybody


def _overridden(facts: Facts, zone: str) -> Words:
    what = f"wrote down that {facts.get('person')} was {_there(facts)}"
    return Words(what, why=facts.get("reason"), tone="info")


def _override_revoked(facts: Facts, zone: str) -> Words:
    return Words(f"took back that {facts.get('person')} was {_there(facts)}")


def _there(facts: Facts) -> str:
    if not facts.get("present"):
        return "absent"
    minutes = facts.get("minutes")
    return "present" if minutes is None else f"present for {minutes} min"


def _participants(verb: str, rest: str, tone: str | None = None) -> Say:
    def say(facts: Facts, zone: str) -> Words:
        names = ", ".join(f"“{each}”" for each in facts.get("names") or []) or "somebody"
        return Words(f"{verb} {names} {rest.format(facts.get('person'))}", tone=tone)

    return say


SENTENCES: dict[str, Say] = {
    "attendance_overridden": _overridden,
    "attendance_override_revoked": _override_revoked,
    "participant_assigned": _participants("said that", "in the meeting is {}", "info"),
    "participant_marked_guest": _participants("marked", "in the meeting as a guest"),
    "participant_released": _participants("took back who", "in the meeting is"),
}


LOOKS_BACK = timedelta(days=7)
COUNTS_FOR = timedelta(hours=2)  # Zoom counts for a while after the end


def _with_unmatched(now: Any) -> Select[Any]:
    # Those that are unmatched are few, and have an index; classes are many.
    found = (
        select(ParticipantSession.session_id)
        .where(unmatched(), ~was_apart())
        .group_by(ParticipantSession.session_id)
    )
    return (
        select(ClassSession.id, ClassSession.ends_at.label("since"))
        .where(
            ClassSession.id.in_(found),
            ClassSession.starts_at <= now,
            ClassSession.ends_at > now - LOOKS_BACK,
        )
        .order_by(ClassSession.ends_at)
    )


def _unmatched_people(rows: Sequence[Any]) -> Sequence[Any]:
    """One for each of them, of classes that are over: while one runs it may still become clear."""
    now = clock.now()
    ids = [row.id for row in rows]
    loaded = select(ClassSession).where(ClassSession.id.in_(ids))
    sessions = [
        each
        for each in db.session.scalars(
            loaded.order_by(ClassSession.ends_at).options(selectinload(ClassSession.instances))
        )
        if phase.phase_of(each, now) is Phase.ENDED
    ]
    return list(_people_of(sessions, now))[:SHOWN]


def _people_of(sessions: Sequence[ClassSession], now: datetime) -> Iterator[Any]:
    unknown = unmatched_participants.unmatched_participants_of(sessions, now)
    names = _students(sessions)
    for session in sessions:
        called = names[session.cohort_id]
        likely = unmatched_participants.likely_matches(unknown[session.id], called)
        for each in unknown[session.id]:
            match = likely.get(each.identity)
            people = match.people[:MOST_CHOICES] if match else ()
            yield SimpleNamespace(
                session=session,
                unknown=each,
                since=each.first_at,
                hint=f" {match.sentence}" if match else "",
                choices=[*((str(one), f"It is {called[one]}") for one in people), GUEST],
            )


def _students(sessions: Sequence[ClassSession]) -> Mapping[int, dict[int, str]]:
    """Cohort id → person id → name, of those who are enrolled there."""
    rows = db.session.execute(
        select(Enrolment.cohort_id, Person.id, Person.name)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.cohort_id.in_({each.cohort_id for each in sessions}),
            Enrolment.withdrawn_at.is_(None),
        )
    )
    names: dict[int, dict[int, str]] = defaultdict(dict)
    for row in rows:
        names[row.cohort_id][row.id] = row.name
    return names


def _uncounted(now: Any) -> Select[Any]:
    """Classes that were held; what Zoom has not told for a week it never will."""
    return (
        select(
            ClassSession.id,
            ClassSession.title,
            ParticipantCheck.problem,
            ParticipantCheck.over_at.label("since"),
        )
        .join(ParticipantCheck, ParticipantCheck.session_id == ClassSession.id)
        .where(
            ParticipantCheck.problem.is_not(None),
            ParticipantCheck.over_at.between(now - LOOKS_BACK, now - COUNTS_FOR),
            ClassSession.ended_at.is_not(None),
        )
        .order_by(ParticipantCheck.over_at)
    )


UNMATCHED = Alert(
    name="unmatched_person",
    query=_with_unmatched,
    load=_unmatched_people,
    sentence=lambda row: (
        f"Somebody called “{row.unknown.name}” was in “{row.session.title}” for"
        f" {row.unknown.minutes} min, without a link or an address that we know.{row.hint}"
    ),
    button=lambda row: Button(
        GUEST[1],
        flask.url_for("admin.class_assign", class_id=row.session.id),
        {"identity": row.unknown.identity},
        choices=row.choices,
    ),
    page=lambda row: flask.url_for(
        "admin.class_attendance", class_id=row.session.id, _anchor="unknown"
    ),
    tone="warn",
)
UNCOUNTED = Alert(
    name="participants_unknown",
    query=_uncounted,
    sentence=lambda row: f"Zoom does not list who was in “{row.title}”: {row.problem}",
    button=lambda row: Button(
        "Ask Zoom now", flask.url_for("admin.class_recount", class_id=row.id)
    ),
    page=lambda row: flask.url_for("admin.class_attendance", class_id=row.id),
    tone="warn",
)
ALERTS = (UNMATCHED, UNCOUNTED)


DOMAIN = Domain(sentences=SENTENCES, alerts=ALERTS)
