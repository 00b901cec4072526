"""Which event moves which other room. Each function is a listener of `table.py`."""

from sqlalchemy import select

from ffapp.classes import reminders
from ffapp.classes.models import ClassSession
from ffapp.db import db
from ffapp.events import Event
from ffapp.ledger.models import Effect
from ffapp.ledger.plan import cancel_planned
from ffapp.notifications import bell
from ffapp.people.models import Person
from ffapp.programme.enrol import enrolled_people
from ffapp.programme.models import Enrolment


def remind_of_cohort(event: Event) -> None:
    """Somebody came, went or came back: make the reminders what they ought to be."""
    reminders.derive_for_person(event.facts["person_id"], [event.facts["cohort_id"]], event)


def remind_person(event: Event) -> None:
    """Consent or choice changed: the same, in every cohort of the person."""
    person = db.session.get_one(Person, event.subject_id)
    cohorts = db.session.scalars(
        select(Enrolment.cohort_id).where(Enrolment.person_id == person.id)
    ).all()
    reminders.derive_for_person(person.id, cohorts, event)


def take_back_messages(event: Event) -> None:
    """What was planned for somebody who left the cohort is not sent, unless they are back."""
    subjects = [
        session.subject
        for session in db.session.scalars(
            select(ClassSession)
            .where(ClassSession.cohort_id == event.facts["cohort_id"])
            .order_by(ClassSession.id)
            .with_for_update(of=ClassSession)
        )
    ]
    subjects.append(f"cohort={event.facts['cohort_id']}")  # a message about many of them at once
    if event.facts["person_id"] in enrolled_people(event.facts["cohort_id"]):
        return
    bell.take_back(event.facts["person_id"], subjects)
    cancel_planned(
        "The student is not enrolled any more.",
        Effect.person_id == event.facts["person_id"],
        Effect.subject.in_(subjects),
    )
