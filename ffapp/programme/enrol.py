"""Enrolling, withdrawing, enrolling again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ffapp import clock
from ffapp.db import db
from ffapp.events import record
from ffapp.people.models import Person
from ffapp.programme.cohorts import enrolled_count
from ffapp.programme.models import Cohort, Enrolment


class CohortFull(Exception):
    """Every seat is taken; nothing was changed."""


def enrol(
    cohort: Cohort,
    person: Person,
    by: Person | None,
    batch_id: str | None = None,
    left_at: datetime | None = None,
) -> Enrolment:
    """Give the person a seat; one who has it already keeps it. Raises CohortFull.

    With a `batch_id`, the seat is one of several that can be undone together; with `left_at`, it
    undoes a withdrawal of then.
    """
    # The cohort's lock makes two enrolments for the last seat wait for each other.
    db.session.refresh(cohort, with_for_update=True)
    enrolment = enrolment_of(cohort, person)
    if enrolment is not None and enrolment.is_active:
        return enrolment
    if enrolled_count(cohort) >= cohort.seats:
        raise CohortFull
    again = enrolment is not None
    if enrolment is None:
        enrolment = Enrolment(cohort=cohort, person=person)
        db.session.add(enrolment)
    enrolment.enrolled_at, enrolment.withdrawn_at = clock.now(), None
    record(
        "student_enrolled",
        by=by,
        on=enrolment,
        cohort_id=cohort.id,
        person_id=person.id,
        person=person.name,
        cohort=cohort.name,
        again=again,
        **({"batch_id": batch_id} if batch_id else {}),
        **({"left_at": left_at.isoformat()} if left_at else {}),
    )
    return enrolment


def withdraw(enrolment: Enrolment, by: Person | None) -> None:
    """Take the seat back; the person finds nothing of the cohort any more."""
    db.session.refresh(enrolment, with_for_update=True)
    if not enrolment.is_active:
        return
    enrolment.withdrawn_at = clock.now()
    record(
        "student_withdrawn",
        by=by,
        on=enrolment,
        cohort_id=enrolment.cohort_id,
        person_id=enrolment.person_id,
        person=enrolment.person.name,
        cohort=enrolment.cohort.name,
    )


def restore(enrolment: Enrolment, by: Person | None) -> None:
    """Undo a withdrawal: the seat is theirs since when it was before. Raises CohortFull."""
    cohort, since, left_at = enrolment.cohort, enrolment.enrolled_at, enrolment.withdrawn_at
    enrol(cohort, enrolment.person, by, left_at=left_at).enrolled_at = since


def enrolment_of(cohort: Cohort, person: Person) -> Enrolment | None:
    return db.session.scalar(
        select(Enrolment).where(Enrolment.cohort_id == cohort.id, Enrolment.person_id == person.id)
    )


def enrolled_people(cohort_id: int) -> Sequence[int]:
    """Ids of those who have a seat, in a steady order."""
    return db.session.scalars(
        select(Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.withdrawn_at.is_(None))
        .order_by(Enrolment.person_id)
    ).all()
