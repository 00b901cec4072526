"""An effect that a student could get, to preview a text with; it is never written down."""

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger.models import Effect
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment


def about_class(rule: str, person: Person) -> Effect | None:
    """About the newest class of a cohort of theirs, else the newest of all; None: no class."""
    newest = select(ClassSession).order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
    own = newest.join(Enrolment, Enrolment.cohort_id == ClassSession.cohort_id).where(
        Enrolment.person_id == person.id, Enrolment.withdrawn_at.is_(None)
    )
    session = db.session.scalar(own.limit(1)) or db.session.scalar(newest.limit(1))
    if session is None:
        return None
    cause = db.session.scalar(
        select(Event.id)
        .where(Event.name == rule, Event.subject_type == "sessions", Event.subject_id == session.id)
        .order_by(Event.id.desc())
        .limit(1)
    )
    return _effect(rule, person, cause, class_id=session.id)


def about_classes(rule: str, person: Person) -> Effect | None:
    """About the classes that were told of together last, else the newest three; None: no class."""
    told = db.session.scalar(
        select(Event).where(Event.name == rule).order_by(Event.id.desc()).limit(1)
    )
    newest = select(ClassSession.id).order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
    ids = told.facts["class_ids"] if told else db.session.scalars(newest.limit(3)).all()
    return _effect(rule, person, told.id if told else None, class_ids=list(ids)) if ids else None


def about_account(rule: str, person: Person) -> Effect:
    return _effect(rule, person, None)


def _effect(rule: str, person: Person, cause: int | None, **payload: int | list[int]) -> Effect:
    return Effect(
        id=0,
        rule=rule,
        kind="email",
        person_id=person.id,
        payload=payload,
        cause_event_id=cause,
        due_at=clock.now(),
    )
