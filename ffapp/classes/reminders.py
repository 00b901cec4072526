"""Reminders are derived from their class: when it moves, they move in the same transaction."""

from collections.abc import Sequence
from datetime import timedelta

from ffapp.classes.models import ClassSession, lock_classes
from ffapp.core import clock
from ffapp.core.events import Event
from ffapp.ledger.models import Effect
from ffapp.ledger.plan import cancel_planned, plan
from ffapp.notifications.choices import declined
from ffapp.notifications.quiet import RINGING
from ffapp.people.address import with_phone
from ffapp.programme.enrol import enrolled_people

# rule → how long before the start it is due, and how late it still helps
REMINDERS = {
    "class_reminder_24h": (timedelta(hours=24), timedelta(hours=6)),
    "class_reminder_15min": (timedelta(minutes=15), timedelta(minutes=15)),
}
# On a phone the reminder of the day before may have to wait for the morning, and helps there still.
AFTER_THE_NIGHT = timedelta(hours=18)


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
    session: ClassSession,
    cause: Event,
    channel: str,
    people: Sequence[int],
    wanted: Sequence[int],
) -> None:
    for rule, (before, _) in REMINDERS.items():
        cancel_planned(
            "The class, its time or who is reminded has changed.",
            Effect.subject == session.subject,
            Effect.rule == rule,
            Effect.kind == channel,
            Effect.person_id.in_(people),
            # Not by `due_at`, which moves while a provider is waited for.
            (Effect.payload["starts_at"].astext != session.starts_at.isoformat())
            | Effect.person_id.not_in(wanted),
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
