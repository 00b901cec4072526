"""The people of every test, by name.

Vikram    the admin
Asha      enrolled; her guardian agrees to everything
Ravi      enrolled; his guardian agrees to everything
Kabir     enrolled; his guardian has refused everything
Meera     withdrawn
Tara      a student of no cohort: may see nothing
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from argon2 import PasswordHasher

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan, schedule
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import record_consent
from ffapp.people.invite import add_guardian, add_person
from ffapp.people.models import Person, Role
from ffapp.programme.cohorts import create_cohort
from ffapp.programme.enrol import enrol, enrolment_of, withdraw
from ffapp.programme.models import Cohort

PASSWORD = "marigold and teal"
PASSWORD_HASH = PasswordHasher().hash(PASSWORD)  # once: hashing is slow on purpose
HOST = "educator@futurefounders.example"


@dataclass
class Cast:
    admin: Person
    asha: Person
    ravi: Person
    kabir: Person
    meera: Person
    tara: Person
    cohort: Cohort

    def schedule(
        self, title: str = "Pricing", *, minutes: int = 60, host: str = HOST, **starts_in: float
    ) -> ClassSession:
        """A committed class that begins after `starts_in` (hours=…, minutes=…)."""
        starts_at = clock.now() + timedelta(**(starts_in or {"hours": 2}))
        return self.schedule_at(title, starts_at, minutes=minutes, host=host)

    def schedule_at(
        self, title: str, starts_at: datetime, *, minutes: int = 60, host: str = HOST
    ) -> ClassSession:
        wanted = Plan(title, "How to find a price", starts_at, minutes, host)
        return transaction(schedule, self.cohort, wanted, self.admin)


def make_cast() -> Cast:
    """Commit them all."""
    return transaction(_make)


def _make() -> Cast:
    admin = add_person("Vikram Rao", "vikram@futurefounders.example", Role.ADMIN, by=None)
    admin.user.password_hash = PASSWORD_HASH
    cohort = create_cohort(
        name="Winter 2026",
        starts_on=date(2026, 11, 1),
        ends_on=date(2027, 2, 28),
        seats=20,
        time_zone="Asia/Kolkata",
        by=admin,
    )
    students = {
        name: _student(f"{name.title()} {surname}", f"{name}@students.example", agrees, admin)
        for name, surname, agrees in (
            ("asha", "Rao", True),
            ("ravi", "Menon", True),
            ("kabir", "Shah", False),
            ("meera", "Iyer", True),
            ("tara", "Bose", True),
        )
    }
    for name in ("asha", "ravi", "kabir", "meera"):
        enrol(cohort, students[name], admin)
    left = enrolment_of(cohort, students["meera"])
    assert left is not None
    withdraw(left, admin)
    db.session.flush()
    return Cast(admin=admin, cohort=cohort, **students)


def _student(name: str, email: str, agrees: bool, admin: Person) -> Person:
    # Only who must not be written to has a phone; a test of WhatsApp gives one.
    phone = None if agrees else "+919876543210"
    student = add_person(name, email, Role.STUDENT, by=admin, phone=phone)
    student.user.password_hash = PASSWORD_HASH
    guardian = add_guardian(student, f"Guardian of {student.first_name}")
    for purpose in Purpose:
        record_consent(guardian, purpose, agrees, admin)
    return student
