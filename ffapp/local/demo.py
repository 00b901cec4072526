"""The demo programme that `make run` fills an empty database with, as an admin would."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select, update

from ffapp.classes.schedule import Plan, schedule
from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.local.demo_accounts import ADMIN, STUDENTS
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import record_consent
from ffapp.people.invite import add_guardian, add_person
from ffapp.people.models import Person, Role, User
from ffapp.programme.cohorts import create_cohort
from ffapp.programme.enrol import enrol
from ffapp.programme.models import Cohort
from ffapp.providers.zoom.settings import ZoomSettings


def is_empty() -> bool:
    """Whether nobody is known yet."""
    return not db.session.scalar(select(func.count()).select_from(Person))


def seed(password_hash: str) -> None:
    """Fill an empty database; the caller commits. All sign in with the same password.

    Its people have phones only where all providers are simulated: the numbers may be somebody's.
    """
    admin = add_person(*ADMIN, Role.ADMIN, by=None)
    admin.user.password_hash = password_hash
    today = clock.local(clock.now(), config.current().time_zone).date()
    cohort = create_cohort(
        name=f"{_season(today)} {today.year}",
        starts_on=today - timedelta(days=14),
        ends_on=today + timedelta(days=70),
        seats=24,
        time_zone=config.current().time_zone,
        by=admin,
    )
    may_have_phones = all(each.simulated for each in config.current().providers.values())
    for number, (name, email, guardian_name, agrees) in enumerate(STUDENTS, 1):
        phone = f"+9198765000{number:02}" if may_have_phones else None
        student = add_person(name, email, Role.STUDENT, by=admin, phone=phone)
        student.user.password_hash = password_hash
        address = f"{guardian_name.split()[0].lower()}@guardians.example"
        guardian = add_guardian(student, guardian_name, email=address, by=admin)
        for purpose in Purpose:
            record_consent(guardian, purpose, agrees, admin)
        enrol(cohort, student, admin)
    _classes(cohort, admin)


def set_passwords(password_hash: str) -> None:
    """Give the people of a demo that is there already the password that is printed."""
    emails = [ADMIN[1], *(email for _, email, _, _ in STUDENTS)]
    people = select(Person.id).where(Person.email.in_(emails))
    db.session.execute(
        update(User).where(User.person_id.in_(people)).values(password_hash=password_hash)
    )


def _classes(cohort: Cohort, admin: Any) -> None:
    host = ZoomSettings.current().host_email
    soon = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=4)
    week = timedelta(days=7)
    # The first is short, so that its recording is complete while one looks.
    weekly = (
        ("Week 3: Talking to customers", soon, 10, "Ten questions that do not flatter your idea."),
        ("Week 4: What to charge", soon + week, 60, "Costs, prices, and a first offer."),
        ("Week 5: The first sale", soon + 2 * week, 60, "Bring one person who might buy."),
    )
    for title, starts_at, minutes, description in weekly:
        schedule(cohort, Plan(title, description, starts_at, minutes, host), admin)


def _season(day: date) -> str:
    """As India counts: winter to February, summer to May, monsoon to September, then autumn."""
    if day.month in (12, 1, 2):
        return "Winter"
    return "Summer" if day.month < 6 else "Monsoon" if day.month < 10 else "Autumn"
