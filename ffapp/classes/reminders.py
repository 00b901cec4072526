"""Reminders are derived from their class: when it moves, they move in the same transaction.

They and other planned messages follow also when a student joins, leaves or chooses otherwise.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ffapp.classes.models import ClassSession, lock_classes
from ffapp.core import clock
from ffapp.core.db import db, is_among
from ffapp.core.events import Event
from ffapp.ledger.models import MESSAGE_KINDS, Effect
from ffapp.ledger.plan import cancel_planned, plan, replan
from ffapp.notifications import bell
from ffapp.notifications.choices import declined
from ffapp.notifications.quiet import RINGING
from ffapp.people.address import with_phone
from ffapp.programme.enrol import enrolled_people
from ffapp.programme.models import Enrolment

# rule → how long before the start it is due, and how late it still helps
REMINDERS = {
    "class_reminder_24h": (timedelta(hours=24), timedelta(hours=6)),
    "class_reminder_15min": (timedelta(minutes=15), timedelta(minutes=15)),
}
# On a phone the reminder of the day before may have to wait for the morning, and helps there still.
AFTER_THE_NIGHT = timedelta(hours=18)
LEFT = "The student is not enrolled any more."


def derive(session: ClassSession, cause: Event, people: Sequence[int] | None = None) -> None:
    """Make the planned reminders of a class (for `people`, else for all) what they ought to be now.

    What was planned for another instant, or for somebody who is not to be reminded, is cancelled;
    what is missing is planned; what is past already is left out.
    """
    enrolled = set(enrolled_people(session.cohort_id))
    people = sorted(enrolled) if people is None else list(people)
    present = [person for person in people if person in enrolled]
    for channel, reachable in (("email", present), ("whatsapp", with_phone(present))):
        silent = declined("class_reminders", channel, people)
        wanted = [person for person in reachable if person not in silent]
        _derive(session, cause, channel, people, [] if session.is_cancelled else wanted)


def _derive(
    session: ClassSession, cause: Event, channel: str, people: Sequence[int], wanted: Sequence[int]
) -> None:
    for rule, (before, _) in REMINDERS.items():
        cancel_planned(
            "The class, its time or who is reminded has changed.",
            Effect.subject == session.subject,
            Effect.rule == rule,
            Effect.kind == channel,
            is_among(Effect.person_id, people),
            # Not by `due_at`, which moves while a provider is waited for.
            (Effect.payload["starts_at"].astext != session.starts_at.isoformat())
            | ~is_among(Effect.person_id, wanted),
        )
        if session.starts_at - before > clock.now():
            _plan(session, rule, channel, wanted, cause)


def derive_for_person(person_id: int, cohort_ids: Sequence[int], cause: Event) -> None:
    """The same for one person and every class of these cohorts that is still to come.

    The classes are held, so that one which is being moved is seen as it will be; who is enrolled is
    read after that, so that the newest word counts in whatever order the jobs run.
    """
    upcoming = ClassSession.starts_at > clock.now()
    for session in lock_classes(ClassSession.cohort_id.in_(cohort_ids), upcoming):
        derive(session, cause, [person_id])


def _plan(
    session: ClassSession, rule: str, channel: str, people: Sequence[int], cause: Event
) -> None:
    before, helps = REMINDERS[rule]
    if channel in RINGING and before > AFTER_THE_NIGHT:
        helps = AFTER_THE_NIGHT
    due_at = session.starts_at - before
    plan(
        f"{rule}:{session.subject}:at={session.starts_at:%Y-%m-%dT%H:%MZ}:{channel}",
        kind=channel,
        purpose="classes",
        subject=session.subject,
        rule=rule,
        cause=cause,
        people=people,
        payload={"class_id": session.id, "starts_at": session.starts_at.isoformat()},
        due_at=due_at,
        useful_until=due_at + helps,
    )


def derive_reminders_in_cohort(event: Event) -> None:
    """Somebody came, went or came back: make the reminders what they ought to be."""
    derive_for_person(event.facts["person_id"], [event.facts["cohort_id"]], event)


def derive_reminders_of_person(event: Event) -> None:
    """Consent or choice changed: the same, in every cohort of the person."""
    cohorts = select(Enrolment.cohort_id).where(Enrolment.person_id == event.subject_id)
    derive_for_person(event.subject_id, db.session.scalars(cohorts).all(), event)


def cancel_messages_of_leaver(event: Event) -> None:
    """What was planned for somebody who left the cohort is not sent, unless they are back."""
    subjects = _subjects(event.facts["cohort_id"])
    if event.facts["person_id"] in enrolled_people(event.facts["cohort_id"]):
        return
    bell.revoke_notifications(event.facts["person_id"], subjects)
    cancel_planned(LEFT, Effect.person_id == event.facts["person_id"], Effect.subject.in_(subjects))


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
