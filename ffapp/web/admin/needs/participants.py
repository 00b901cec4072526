"""People in a class of whom nobody knows who they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import flask
from sqlalchemy import exists, select
from sqlalchemy.orm import selectinload

from ffapp import clock
from ffapp.classes import tray
from ffapp.classes.attendance_models import Stay
from ffapp.classes.matching import unmatched
from ffapp.classes.models import ClassSession
from ffapp.classes.tray import Likely, Unknown
from ffapp.db import db
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment
from ffapp.web.admin.needs.need import SHOWN, Need

LOOKS_BACK = timedelta(days=7)
GUEST = ("guest", "A guest")


def needs() -> Iterable[Need]:
    """One for each of them, of classes that are over: while one runs it may still become clear.

    Who only came to a rehearsal of the host's is not asked about, as in the class's own tray.
    """
    sessions = _with_unmatched()
    unknown = tray.unknowns_of(sessions, clock.now())
    names = _students(sessions)
    told = 0
    for session in sessions:
        called = names[session.cohort_id]
        likely = tray.likely(unknown[session.id], called)
        for each in unknown[session.id][: SHOWN - told]:
            told += 1
            yield _need(session, each, likely.get(each.identity), called)


def _need(
    session: ClassSession, unknown: Unknown, likely: Likely | None, names: Mapping[int, str]
) -> Need:
    hint = f" {likely.sentence}" if likely else ""
    students = [(str(each), names[each]) for each in likely.people] if likely else []
    return Need(
        kind="unmatched_person",
        sentence=(
            f"“{unknown.name}” was in “{session.title}” for {unknown.minutes} min, and nobody knows"
            f" who that is.{hint}"
        ),
        since=unknown.first_at,
        verb="Say so" if students else "A guest",
        action=flask.url_for("admin.class_assign", class_id=session.id),
        fields={"identity": unknown.identity, **({} if students else {"person_id": GUEST[0]})},
        choices=[*students, GUEST] if students else (),
        page=flask.url_for("admin.class_attendance", class_id=session.id, _anchor="unknown"),
        tone="warn",
    )


def _with_unmatched() -> Sequence[ClassSession]:
    now = clock.now()
    return db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.ends_at.between(now - LOOKS_BACK, now),
            exists().where(Stay.session_id == ClassSession.id, unmatched()),
        )
        .order_by(ClassSession.ends_at)
        .options(selectinload(ClassSession.instances))
        .limit(SHOWN)
    ).all()


def _students(sessions: Sequence[ClassSession]) -> Mapping[int, dict[int, str]]:
    """Cohort id → person id → name, of who has or had a seat there."""
    rows = db.session.execute(
        select(Enrolment.cohort_id, Person.id, Person.name)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id.in_({each.cohort_id for each in sessions}))
    )
    names: dict[int, dict[int, str]] = defaultdict(dict)
    for row in rows:
        names[row.cohort_id][row.id] = row.name
    return names
