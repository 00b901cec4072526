"""People in a class of whom nobody knows who they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import flask
from sqlalchemy import exists, select
from sqlalchemy.orm import selectinload

from ffapp.attendance import unmatched_participants
from ffapp.attendance.attendance import was_at_rehearsal
from ffapp.attendance.matching import unmatched
from ffapp.attendance.models import ParticipantSession
from ffapp.attendance.unmatched_participants import LikelyMatch, UnmatchedParticipant
from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment
from ffapp.web.admin.alerts.alert import SHOWN, Alert

LOOKS_BACK = timedelta(days=7)
GUEST = ("guest", "A guest")
MOST_CHOICES = 3  # beside that; the class's own page offers everybody


def alerts() -> Iterable[Alert]:
    """One for each of them, of classes that are over: while one runs it may still become clear.

    Who only came to a rehearsal of the host's is not asked about, as in the class's own tray.
    """
    now = clock.now()
    sessions = [each for each in _with_unmatched() if phase.phase_of(each, now) is Phase.ENDED]
    unknown = unmatched_participants.unmatched_participants_of(sessions, now)
    names = _students(sessions)
    told = 0
    for session in sessions:
        called = names[session.cohort_id]
        likely = unmatched_participants.likely_matches(unknown[session.id], called)
        for each in unknown[session.id][: SHOWN - told]:
            told += 1
            yield _need(session, each, likely.get(each.identity), called)


def _need(
    session: ClassSession,
    unknown: UnmatchedParticipant,
    likely: LikelyMatch | None,
    names: Mapping[int, str],
) -> Alert:
    hint = f" {likely.sentence}" if likely else ""
    students = [(str(each), f"It is {names[each]}") for each in likely.people] if likely else []
    return Alert(
        kind="unmatched_person",
        sentence=(
            f"Somebody called “{unknown.name}” was in “{session.title}” for {unknown.minutes} min,"
            f" without a link or an address that we know.{hint}"
        ),
        since=unknown.first_at,
        verb=GUEST[1],
        action=flask.url_for("admin.class_assign", class_id=session.id),
        fields={"identity": unknown.identity},
        choices=[*students[:MOST_CHOICES], GUEST],
        page=flask.url_for("admin.class_attendance", class_id=session.id, _anchor="unknown"),
        tone="warn",
    )


def _with_unmatched() -> Sequence[ClassSession]:
    now = clock.now()
    return db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.starts_at <= now,
            ClassSession.ends_at > now - LOOKS_BACK,
            exists().where(
                ParticipantSession.session_id == ClassSession.id, unmatched(), ~was_at_rehearsal()
            ),
        )
        .order_by(ClassSession.ends_at)
        .options(selectinload(ClassSession.instances))
        .limit(SHOWN)
    ).all()


def _students(sessions: Sequence[ClassSession]) -> Mapping[int, dict[int, str]]:
    """Cohort id → person id → name, of who has a seat there."""
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
