"""Letting a new student in: known, spoken for, enrolled and invited in one transaction."""

from dataclasses import dataclass

from ffapp.people.address import take_address
from ffapp.people.consent import record_consent
from ffapp.people.invite import add_guardian, add_person, invite
from ffapp.people.models import Person, Role
from ffapp.programme.enrol import enrol
from ffapp.programme.models import Cohort


@dataclass(frozen=True)
class Newcomer:
    """`agreed` is what the guardian said about messages on classes; None when nobody asked yet."""

    name: str
    email: str
    phone: str | None
    guardian_name: str
    guardian_email: str | None
    agreed: bool | None
    guardian_phone: str | None = None


def admit(cohort: Cohort, newcomer: Newcomer, by: Person, batch_id: str | None = None) -> Person:
    """A new student with a place in the cohort; raises AddressTaken or CohortFull.

    With a `batch_id`, all that goes out about it waits for a minute, so that it can be undone.
    """
    take_address(newcomer.email)
    student = add_person(newcomer.name, newcomer.email, Role.STUDENT, by=by, phone=newcomer.phone)
    guardian = add_guardian(
        student,
        newcomer.guardian_name,
        email=newcomer.guardian_email or None,
        phone=newcomer.guardian_phone,
        by=by,
    )
    if newcomer.agreed is not None:
        record_consent(guardian, "classes", newcomer.agreed, by)
    enrol(cohort, student, by, batch_id)
    invite(student, by, batch_id)
    return student
