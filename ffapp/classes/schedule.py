"""Scheduling, changing and cancelling a class: one transaction, from which all else follows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ffapp.classes import phase, reminders
from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core import clock
from ffapp.core.db import EditConflict, db, lock_at
from ffapp.core.events import Event, diff, record
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


class AlreadyHeld(Exception):
    """A class that was held, or is live, cannot be called off."""


@dataclass(frozen=True)
class MeetingPlanner:
    """Plans a class's meeting in the transaction that schedules, changes or cancels the class.

    Package `meetings` stands above this one; `wiring.py` hands its functions down.
    """

    create: Callable[[ClassSession, Event], None]
    change: Callable[[ClassSession, Event, Person], None]
    delete: Callable[[ClassSession, Event], None]


_meetings: MeetingPlanner


def plan_meetings_with(planner: MeetingPlanner) -> None:
    """Set what plans the meetings of this process."""
    global _meetings
    _meetings = planner


def schedule(
    cohort: Cohort, plan: Plan, by: Person, place: tuple[int, int] | None = None
) -> ClassSession:
    """A new class; its meeting, its notices and its reminders follow from this transaction.

    `place` (3 of 12) marks one of a series, about which its students are told as a whole.
    """
    session = ClassSession(
        cohort=cohort, time_zone=cohort.time_zone, created_at=clock.now(), revision=1
    )
    _write(session, plan)
    db.session.add(session)
    facts = {**_about(session), "duration_minutes": session.duration_minutes}
    if place:
        facts["place"] = list(place)
    event = record("class_scheduled", by=by, on=session, **facts)
    _meetings.create(session, event)
    reminders.derive(session, event)
    return session


def change(
    session: ClassSession, plan: Plan, revision: int, by: Person, **batch: str
) -> Event | None:
    """Move or rename a class that was shown at `revision`; None when nothing is different.

    With a `batch_id`, what goes out about it waits for a minute. Raises EditConflict when somebody
    saved it first, and AlreadyCancelled.
    """
    lock_at(session, revision)
    if session.is_cancelled:
        raise AlreadyCancelled
    before = _facts(session)
    _write(session, plan)
    event = _record_change(session, before, by, **batch)
    if event is not None:
        _meetings.change(session, event, by)
        _follow_change(session, event)
    return event


def follow_zoom(session: ClassSession, changes: Mapping[str, Any], operator: str) -> Event | None:
    """Take over what was changed inside Zoom; None when nothing is different. The caller holds it.

    `changes` may be title, starts_at and duration_minutes. Everybody is told as when an admin had
    done it, but for Zoom, which knows: nothing is planned for it, so that no change comes back as
    another one. `operator` is who did it there, as Zoom names them.
    """
    knew = session.zoom_revision == session.revision
    before = _facts(session)
    for name, value in changes.items():
        setattr(session, name, value)
    event = _record_change(session, before, "Zoom", operator=operator)
    if event is not None:
        # A revision that Zoom did not have before, it still does not have.
        session.zoom_revision = session.revision if knew else session.zoom_revision
        _follow_change(session, event)
    return event


def cancel(
    session: ClassSession, because: str, revision: int, by: Person, **batch: str | bool
) -> None:
    """Call the class off; its meeting is deleted and what was promised is taken back.

    `batch` are facts of the event: `batch_id` where it is one of several that can be undone, and
    `together` where another event tells of all of them. Raises EditConflict, AlreadyCancelled,
    AlreadyHeld.
    """
    db.session.refresh(session, with_for_update={"of": ClassSession})
    if session.is_cancelled:
        raise AlreadyCancelled
    if session.revision != revision:
        raise EditConflict
    if phase.is_held(session, clock.now()):
        raise AlreadyHeld
    session.cancelled_at = clock.now()
    session.cancelled_because = because.strip() or None
    session.revision += 1
    facts = {**_about(session), "because": session.cancelled_because, **batch}
    event = record("class_cancelled", by=by, on=session, **facts)
    cancel_planned(CANCELLED, Effect.subject == session.subject, Effect.kind.in_(MESSAGE_KINDS))
    _meetings.delete(session, event)


def restore(session: ClassSession, by: Person) -> None:
    """Hold a cancelled class after all, as it was; what was taken back is promised again.

    Only for one of whose cancellation nothing has gone out.
    """
    since = session.cancelled_at
    session.cancelled_at = session.cancelled_because = None
    session.revision += 1
    event = record("class_restored", by=by, on=session, **_about(session))
    _meetings.change(session, event, by)
    replan(
        Effect.subject == session.subject,
        Effect.kind.in_(MESSAGE_KINDS),
        Effect.reason == CANCELLED,
        Effect.settled_at >= since,
    )
    reminders.derive(session, event)


def follow_undo(session: ClassSession, by: Person) -> None:
    """A change was undone before anybody was told: the meeting and the reminders are as before."""
    phase.decide_instances(session)
    session.revision += 1
    event = record("class_change_undone", by=by, on=session, **_about(session))
    _meetings.change(session, event, by)
    reminders.derive(session, event)


def _write(session: ClassSession, plan: Plan) -> None:
    session.title = " ".join(plan.title.split())
    session.description = plan.description.strip()
    session.starts_at = plan.starts_at
    session.duration_minutes = plan.duration_minutes
    if not session.has_meeting:
        session.zoom_host_email = plan.host_email


def _about(session: ClassSession) -> dict[str, Any]:
    return {"title": session.title, "starts_at": session.starts_at.isoformat()}


def _record_change(
    session: ClassSession, before: Mapping[str, Any], by: Person | str, **facts: Any
) -> Event | None:
    changed = diff(before, _facts(session))
    if not changed:
        return None
    session.revision += 1
    told = "title" in changed
    name = "class_moved" if _is_move(changed) else "class_renamed" if told else "class_edited"
    return record(name, by=by, on=session, title=session.title, changed=changed, **facts)


def _follow_change(session: ClassSession, event: Event) -> None:
    if not _is_move(event.facts["changed"]):
        return
    phase.decide_instances(session)
    if session.recording_state not in (RecordingState.AVAILABLE, RecordingState.TRASHED):
        session.recording_state = session.recording_reason = session.recording_since = None
    reminders.derive(session, event)


def _is_move(changed: Mapping[str, Any]) -> bool:
    return "starts_at" in changed or "duration_minutes" in changed


def _facts(session: ClassSession) -> dict[str, Any]:
    return {
        "title": session.title,
        "description": session.description,
        "starts_at": session.starts_at.isoformat(),
        "duration_minutes": session.duration_minutes,
        "host": session.zoom_host_email,
    }
