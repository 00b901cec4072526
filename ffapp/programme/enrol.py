"""Admitting new students, enrolling, withdrawing, enrolling again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.core.events import record
from ffapp.people.address import take_sign_in_name
from ffapp.people.age import is_adult
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import Evidence, Method, invite_when_allowed, record_answers
from ffapp.people.guardian_requests import ask_guardians
from ffapp.people.invite import add_guardian, add_person
from ffapp.people.models import Person, Role
from ffapp.programme.cohorts import enrolled_count
from ffapp.programme.models import Cohort, Enrolment


class CohortFull(Exception):
    """Every place is taken; nothing was changed."""


@dataclass(frozen=True)
class Newcomer:
    """`agreed` is what the guardian said in writing about account mail and Zoom, shown by `proof`;
    None when they are still to be asked. An adult needs no guardian.
    """

    name: str
    email: str
    phone: str | None
    guardian_name: str | None
    guardian_email: str | None
    agreed: bool | None
    guardian_phone: str | None = None
    guardian_language: str | None = None
    born_on: date | None = None
    proof: str | None = None
    user_name: str | None = None  # where a sibling has the same address


def admit(cohort: Cohort, newcomer: Newcomer, by: Person, batch_id: str | None = None) -> Person:
    """A new student with a place in the cohort; raises AddressTaken or CohortFull.

    They are invited once a guardian agrees, an adult at once. With a `batch_id`, all that goes out
    about it waits for a minute, so that it can be undone.
    """
    take_sign_in_name(newcomer.email, newcomer.user_name)
    student = add_person(
        newcomer.name,
        newcomer.email,
        Role.STUDENT,
        by=by,
        phone=newcomer.phone,
        born_on=newcomer.born_on,
        user_name=newcomer.user_name,
    )
    enrol(cohort, student, by, batch_id)
    if newcomer.guardian_name:
        _ask_guardian(student, newcomer, by, batch_id)
    if is_adult(student):
        invite_when_allowed(student, by, batch_id)
    return student


def _ask_guardian(student: Person, newcomer: Newcomer, by: Person, batch_id: str | None) -> None:
    """Ask the guardian of a child, unless they have answered in writing."""
    guardian = add_guardian(
        student,
        newcomer.guardian_name or "",
        email=newcomer.guardian_email or None,
        phone=newcomer.guardian_phone,
        language=newcomer.guardian_language,
        by=by,
    )
    if is_adult(student):
        return
    if newcomer.agreed is None:
        ask_guardians(student, by, batch_id)
        return
    said = dict.fromkeys((Purpose.ACCOUNT, Purpose.ZOOM), newcomer.agreed)
    written = Evidence(Method.WRITTEN, proof_note=newcomer.proof)
    record_answers(student, guardian, said, written, by, batch_id)


def enrol(
    cohort: Cohort, person: Person, by: Person | None, batch_id: str | None = None
) -> Enrolment:
    """Give the person a place; one who has it already keeps it. Raises CohortFull.

    With a `batch_id`, the place is one of several that can be undone together.
    """
    enrolment, again = _enrolment_of(cohort, person)
    if again is None:
        return enrolment
    batch = {"batch_id": batch_id} if batch_id else {}
    facts = {**_facts(cohort, person), "again": again, **batch}
    record("student_enrolled", by=by, on=enrolment, **facts)
    return enrolment


def withdraw(enrolment: Enrolment, by: Person | None, batch_id: str | None = None) -> bool:
    """Withdraw the person, who finds nothing of the cohort any more; False: was not enrolled.

    With a `batch_id`, what goes out about it waits for a minute.
    """
    db.session.refresh(enrolment, with_for_update=True)
    if not enrolment.is_active:
        return False
    enrolment.withdrawn_at = clock.now()
    batch = {"batch_id": batch_id} if batch_id else {}
    facts = {**_facts(enrolment.cohort, enrolment.person), **batch}
    record("student_withdrawn", by=by, on=enrolment, **facts)
    return True


def restore(enrolment: Enrolment, by: Person | None) -> None:
    """Undo a withdrawal: the place is theirs since when it was before. Raises CohortFull."""
    db.session.refresh(enrolment)
    cohort, person = enrolment.cohort, enrolment.person
    since, left_at = enrolment.enrolled_at, enrolment.withdrawn_at
    _, again = _enrolment_of(cohort, person)
    if again is None or left_at is None:
        return
    enrolment.enrolled_at = since
    facts = {**_facts(cohort, person), "left_at": left_at.isoformat()}
    record("withdrawal_undone", by=by, on=enrolment, **facts)


def _enrolment_of(cohort: Cohort, person: Person) -> tuple[Enrolment, bool | None]:
    """Their place, and whether they had one before that they had left; None where it is no news."""
    # The cohort's lock makes two enrolments for the last place wait for each other.
    db.session.refresh(cohort, with_for_update=True)
    enrolment = enrolment_of(cohort, person)
    if enrolment is not None and enrolment.is_active:
        return enrolment, None
    if enrolled_count(cohort) >= cohort.seats:
        raise CohortFull
    again = enrolment is not None
    if enrolment is None:
        enrolment = Enrolment(cohort=cohort, person=person)
        db.session.add(enrolment)
    enrolment.enrolled_at, enrolment.withdrawn_at = clock.now(), None
    return enrolment, again


def _facts(cohort: Cohort, person: Person) -> dict[str, Any]:
    return {
        "cohort_id": cohort.id,
        "person_id": person.id,
        "person": person.name,
        "cohort": cohort.name,
    }


def enrolment_of(cohort: Cohort, person: Person) -> Enrolment | None:
    return db.session.scalar(
        select(Enrolment).where(Enrolment.cohort_id == cohort.id, Enrolment.person_id == person.id)
    )


def enrolled_people(cohort_id: int) -> Sequence[int]:
    """Ids of those who have a place, in a steady order."""
    return db.session.scalars(
        select(Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.withdrawn_at.is_(None))
        .order_by(Enrolment.person_id)
    ).all()


def enrolled_pairs(
    cohort_ids: Collection[int], people: Collection[int | None]
) -> set[tuple[int, int | None]]:
    """(cohort id, person id) of those of `people` who have a place in one of the cohorts."""
    rows = db.session.execute(
        select(Enrolment.cohort_id, Enrolment.person_id).where(
            Enrolment.cohort_id.in_(cohort_ids),
            is_among(Enrolment.person_id, people),
            Enrolment.withdrawn_at.is_(None),
        )
    )
    return {(row.cohort_id, row.person_id) for row in rows}
