"""What follows for reminders and messages when a student joins, leaves or chooses otherwise."""

from datetime import datetime

from sqlalchemy import select

from ffapp.classes import reminders
from ffapp.classes.models import ClassSession, lock_classes
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger.models import MESSAGE_KINDS, Effect
from ffapp.ledger.plan import cancel_planned, replan
from ffapp.notifications import bell
from ffapp.people.models import Person
from ffapp.programme.enrol import enrolled_people
from ffapp.programme.models import Enrolment

LEFT = "The student is not enrolled any more."


def derive_reminders_in_cohort(event: Event) -> None:
    """Somebody came, went or came back: make the reminders what they ought to be."""
    reminders.derive_for_person(event.facts["person_id"], [event.facts["cohort_id"]], event)


def derive_reminders_of_person(event: Event) -> None:
    """Consent or choice changed: the same, in every cohort of the person."""
    person = db.session.get(Person, event.subject_id)
    if person is None:  # they were imported by mistake, and are gone
        return
    cohorts = db.session.scalars(
        select(Enrolment.cohort_id).where(Enrolment.person_id == person.id)
    ).all()
    reminders.derive_for_person(person.id, cohorts, event)


def cancel_messages_of_leaver(event: Event) -> None:
    """What was planned for somebody who left the cohort is not sent, unless they are back."""
    subjects = _subjects(event.facts["cohort_id"])
    if event.facts["person_id"] in enrolled_people(event.facts["cohort_id"]):
        return
    bell.revoke_notifications(event.facts["person_id"], subjects)
    cancel_planned(
        LEFT,
        Effect.person_id == event.facts["person_id"],
        Effect.subject.in_(subjects),
    )


def replan_messages_of_returner(event: Event) -> None:
    """A withdrawal was undone: what waited then, and was taken back because of it, waits again.

    Who is enrolled anew gets no old message; what is of no use any more is missed as always.
    """
    left_at = event.facts.get("left_at")
    subjects = _subjects(event.facts["cohort_id"]) if left_at else []
    if not subjects or event.facts["person_id"] not in enrolled_people(event.facts["cohort_id"]):
        return
    replan(
        Effect.person_id == event.facts["person_id"],
        Effect.subject.in_(subjects),
        Effect.kind.in_(MESSAGE_KINDS),
        Effect.reason == LEFT,
        Effect.settled_at >= datetime.fromisoformat(left_at),
    )


def _subjects(cohort_id: int) -> list[str]:
    """The classes of a cohort, held, and the cohort: what messages to its students are about."""
    sessions = lock_classes(ClassSession.cohort_id == cohort_id)
    return [*(session.subject for session in sessions), f"cohort={cohort_id}"]
