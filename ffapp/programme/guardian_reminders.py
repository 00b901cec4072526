"""Guardians of enrolled children who have not answered: finding and reminding them."""

from typing import Any

from sqlalchemy import Select, exists, select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.people.age import are_adults
from ffapp.people.consent import Purpose
from ffapp.people.guardian_requests import ask_guardian, may_be_asked
from ffapp.people.models import Consent, Guardian, Person, User
from ffapp.programme.models import Enrolment


def unanswered(cutoff: Any = None) -> Select[tuple[Person]]:
    """Enrolled children about whom no guardian has answered; `cutoff` as in `are_adults`."""
    answered = exists().where(
        Consent.student_id == Person.id,
        Consent.purpose == Purpose.ACCOUNT,
        Consent.guardian_id.is_not(None),
    )
    enrolled = exists().where(Enrolment.person_id == Person.id, Enrolment.withdrawn_at.is_(None))
    return (
        select(Person)
        .join(User, User.person_id == Person.id)
        .where(User.disabled_at.is_(None), enrolled, ~are_adults(cutoff), ~answered)
    )


def remind_all(by: Person) -> int:
    """Ask all who have not answered and were not asked for a day; answers how many."""
    ids = unanswered().with_only_columns(Person.id)
    due = db.session.scalars(
        select(Guardian)
        .where(Guardian.student_id.in_(ids), may_be_asked(clock.now()))
        .order_by(Guardian.id)
        .with_for_update(of=Guardian)
    ).all()
    for guardian in due:
        ask_guardian(guardian, by)
    return len(due)
