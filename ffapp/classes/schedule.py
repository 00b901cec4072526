"""Scheduling, changing and cancelling a class: one transaction, from which all else follows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ffapp import clock
from ffapp.classes import meeting, reminders
from ffapp.classes.models import ClassSession, RecordingState
from ffapp.db import ChangedMeanwhile, db
from ffapp.events import Event, record
from ffapp.ledger.models import MESSAGE_KINDS, Effect
from ffapp.ledger.plan import cancel_planned, replan
from ffapp.people.models import Person
from ffapp.programme.models import Cohort

CANCELLED = "The class was cancelled."


@dataclass(frozen=True)
class Plan:
    """What an admin may decide about a class. `starts_at` is an aware instant."""

    title: str
    description: str
    starts_at: datetime
    duration_minutes: int
    host_email: str


class AlreadyCancelled(Exception):
    """A cancelled class stays as it is."""


def schedule(
    cohort: Cohort, wish: Plan, by: Person, place: tuple[int, int] | None = None
) -> ClassSession:
    """A new class; its meeting, its notices and its reminders follow from this transaction.

    `place` (3 of 12) marks one of a series, about which its students are told as a whole.
    """
    session = ClassSession(
        cohort=cohort, time_zone=cohort.time_zone, created_at=clock.now(), revision=1
    )
    _write(session, wish)
    db.session.add(session)
    event = record(
        "class_scheduled",
        by=by,
        on=session,
        title=session.title,
        starts_at=session.starts_at.isoformat(),
        duration_minutes=session.duration_minutes,
        **({"place": list(place)} if place else {}),
    )
    meeting.wish_for(session, event)
    reminders.derive(session, event)
    return session


def change(session: ClassSession, wish: Plan, revision: int, by: Person) -> Event | None:
    """Move or rename a class that was shown at `revision`; None when nothing is different.

    Raises ChangedMeanwhile when somebody saved it first, and AlreadyCancelled.
    """
    db.session.refresh(session, with_for_update={"of": ClassSession})
    if session.revision != revision:
        raise ChangedMeanwhile
    if session.is_cancelled:
        raise AlreadyCancelled
    before = _facts(session)
    _write(session, wish)
    after = _facts(session)
    changed = {key: [before[key], after[key]] for key in after if after[key] != before[key]}
    if not changed:
        return None
    session.revision += 1
    moved = "starts_at" in changed or "duration_minutes" in changed
    told = moved or "title" in changed
    name = "class_moved" if moved else "class_renamed" if told else "class_edited"
    event = record(name, by=by, on=session, title=session.title, changed=changed)
    meeting.wish_for_change(session, event, by)
    if moved and session.recording_state != RecordingState.AVAILABLE:
        session.recording_state = session.recording_reason = session.recording_since = None
    if moved:
        reminders.derive(session, event)
    return event


def cancel(
    session: ClassSession, because: str, revision: int, by: Person, **batch: str | bool
) -> None:
    """Call the class off; its meeting is deleted and what was promised is taken back.

    `batch` are facts of the event: `batch_id` where it is one of several that can be undone, and
    `together` where another event tells of all of them. Raises ChangedMeanwhile, AlreadyCancelled.
    """
    db.session.refresh(session, with_for_update={"of": ClassSession})
    if session.is_cancelled:
        raise AlreadyCancelled
    if session.revision != revision:
        raise ChangedMeanwhile
    session.cancelled_at = clock.now()
    session.cancelled_because = because.strip() or None
    session.revision += 1
    event = record(
        "class_cancelled",
        by=by,
        on=session,
        title=session.title,
        starts_at=session.starts_at.isoformat(),
        because=session.cancelled_because,
        **batch,
    )
    cancel_planned(
        CANCELLED,
        Effect.subject == session.subject,
        Effect.kind.in_(MESSAGE_KINDS),
    )
    meeting.wish_for_none(session, event)


def restore(session: ClassSession, by: Person) -> None:
    """Hold a cancelled class after all, as it was; what was taken back is promised again.

    Only for one of whose cancellation nothing has gone out.
    """
    since = session.cancelled_at
    session.cancelled_at = session.cancelled_because = None
    session.revision += 1
    event = record(
        "class_restored",
        by=by,
        on=session,
        title=session.title,
        starts_at=session.starts_at.isoformat(),
    )
    meeting.wish_for_change(session, event, by)
    replan(
        Effect.subject == session.subject,
        Effect.kind.in_(MESSAGE_KINDS),
        Effect.reason == CANCELLED,
        Effect.settled_at >= since,
    )
    reminders.derive(session, event)


def _write(session: ClassSession, wish: Plan) -> None:
    session.title = " ".join(wish.title.split())
    session.description = wish.description.strip()
    session.starts_at = wish.starts_at
    session.duration_minutes = wish.duration_minutes
    if session.zoom_meeting_id is None:
        session.zoom_host_email = wish.host_email


def _facts(session: ClassSession) -> dict[str, Any]:
    return {
        "title": session.title,
        "description": session.description,
        "starts_at": session.starts_at.isoformat(),
        "duration_minutes": session.duration_minutes,
        "host": session.zoom_host_email,
    }
