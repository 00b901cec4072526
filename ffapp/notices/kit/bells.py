"""What goes into people's bells: with the event, and for reminders when their time has come."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select

from ffapp.classes.models import ClassSession, lock_classes
from ffapp.classes.reminders import REMINDERS
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.core.i18n import ENGLISH, gettext, language
from ffapp.core.jobs import SWEEPS, queue
from ffapp.ledger import batches
from ffapp.ledger.models import Effect
from ffapp.messaging import compose
from ffapp.messaging.notice import Notice, Occasion
from ffapp.notifications import bell
from ffapp.notifications.choices import declined
from ffapp.people.address import by_language
from ffapp.people.models import Person, Role, User
from ffapp.programme.enrol import enrolled_people

# A worker that was away for so long still rings a reminder; the class itself says the rest.
LATE = timedelta(minutes=10)


def write_bells(notice: Notice, occasion: Occasion, cause: Event | None = None) -> None:
    """Tell everybody who has not switched it off, in their language; the same occurrence once.

    Admins find the same line, but for what they did themselves and for reminders.
    """
    assert notice.kind is not None, "what rings can be chosen"
    declining = declined(notice.kind, "bell", occasion.people)
    wanted = [person for person in occasion.people if person not in declining]
    for code, people in by_language(wanted).items():
        with language(code):
            _write(notice, occasion, cause, people, occasion.path)
    if cause is not None:
        with language(ENGLISH):
            _write(notice, occasion, cause, _admins(but=cause.actor_id), occasion.admin_path)


def _write(
    notice: Notice, occasion: Occasion, cause: Event | None, people: Sequence[int], path: str
) -> None:
    title, body = compose.bell(notice, _values(notice, occasion, cause))
    bell.notify(
        people,
        key=f"{notice.name}:{occasion.occurrence}",
        kind=notice.kind or "",
        subject=occasion.subject,
        title=title,
        body=body,
        path=path,
    )


def welcome(event: Event) -> None:
    """Somebody was enrolled: the first line in their bell."""
    if not batches.is_in_force(event):
        return
    person = db.session.get_one(Person, event.facts["person_id"])
    with language(person.language):
        bell.notify(
            [person.id],
            key=f"student_enrolled:event={event.id}",
            kind="class_changes",
            subject=f"cohort={event.facts['cohort_id']}",
            title=gettext("You have a place in %(cohort)s", cohort=event.facts["cohort"]),
            body=gettext("Your classes are in the schedule."),
            path="/schedule",
        )


def revoke_bells_of_batch(event: Event) -> None:
    """A batch was undone: what the bells said of it is not so."""
    batch = db.session.get_one(batches.Batch, event.subject_id)
    told = db.session.scalars(
        select(Event.id).where(
            Event.at.between(batch.made_at, event.at), Event.facts["batch_id"].astext == batch.key
        )
    )
    bell.revoke_events(told.all())


@queue.periodic(cron="* * * * *")
@queue.task(name="notices.ring_reminders", queue=SWEEPS, queueing_lock="notices.ring_reminders")
def ring_reminders(timestamp: int) -> None:
    """Put reminders into the bells of those whose class is near; running twice changes nothing."""
    for rule in REMINDERS:
        for class_id in transaction(_near, rule):
            transaction(_ring, rule, class_id)


def _values(notice: Notice, occasion: Occasion, cause: Event | None) -> dict[str, object]:
    """What a message about it would say now."""
    told = Effect(
        rule=notice.name,
        payload=dict(occasion.payload),
        cause_event_id=cause.id if cause else None,
        due_at=clock.now(),
    )
    return compose.values_of(notice, told)


def _is_near(rule: str) -> ColumnElement[bool]:
    latest = clock.now() + REMINDERS[rule][0]
    soon = ClassSession.starts_at <= latest, ClassSession.starts_at > latest - LATE
    return and_(ClassSession.cancelled_at.is_(None), *soon)


def _near(rule: str) -> Sequence[int]:
    return db.session.scalars(select(ClassSession.id).where(_is_near(rule))).all()


def _ring(rule: str, class_id: int) -> None:
    """One class at a time: joining a class waits while it is locked."""
    notice = compose.notice_named(rule)
    assert notice is not None, f"{rule} is a notice"
    for session in lock_classes(ClassSession.id == class_id, _is_near(rule)):
        occasion = Occasion(
            people=enrolled_people(session.cohort_id),
            subject=session.subject,
            occurrence=f"{session.subject}:at={session.starts_at:%Y-%m-%dT%H:%MZ}",
            payload={"class_id": session.id},
            useful_until=session.ends_at,
            path=f"/classes/{session.id}",
        )
        write_bells(notice, occasion)


def _admins(but: int | None) -> Sequence[int]:
    return db.session.scalars(
        select(Person.id)
        .join(User, User.person_id == Person.id)
        .where(User.role == Role.ADMIN, Person.id.is_distinct_from(but))
        .order_by(Person.id)
    ).all()
