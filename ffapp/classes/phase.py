"""Whether a class is live: by Zoom's webhooks and, where they fail, by asking Zoom."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Interval, and_, exists, literal, or_, select

from ffapp.classes.meeting_window import AFTER, BEFORE, Held, decide
from ffapp.classes.models import (
    ClassSession,
    FormerMeeting,
    InstanceState,
    MeetingInstance,
    RecordingState,
    lock_class,
    lock_classes,
)
from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.core.i18n import gettext, ngettext
from ffapp.people.models import Person

# How long after its planned end a class that nobody started may still be started.
LATE_START = AFTER
# An answer that Zoom gave about the time of a start or an end may be older than that.
JUST_NOW = timedelta(seconds=30)
_RUNNING = select(MeetingInstance.session_id).where(MeetingInstance.ended_at.is_(None))


class Phase(StrEnum):
    """Where a class stands for somebody who wants to join it."""

    CANCELLED = "cancelled"
    WAITING = "waiting"  # too early to join
    OPEN = "open"  # the button is there, the start is still to come
    LIVE = "live"
    NOT_STARTED = "not_started"  # it should have begun, the host has not started it
    ENDED = "ended"


def opens_before() -> timedelta:
    """How long before the start the Join button opens."""
    return timedelta(minutes=config.current().join_opens_minutes)


def opens_at(session: ClassSession) -> datetime:
    """When the Join button opens."""
    return session.starts_at - opens_before()


def describe_opening() -> str:
    """The same in words: `15 minutes before the start`."""
    lead = config.current().join_opens_minutes
    if lead == 0:
        return gettext("at the start")
    return ngettext("%(num)s minute before the start", "%(num)s minutes before the start", lead)


def decide_instances(session: ClassSession) -> None:
    """Decide again which instances of the meeting were the class, and when it was held.

    Call it after changing an instance or the time of the class, which the caller holds.
    While the class is live, `started_at` is when the running meeting began, and `ended_at` is None.
    """
    db.session.flush()
    db.session.expire(session, ["instances"])
    was_live = session.is_live
    found = session.instances
    held = [Held(each.started_at, each.ended_at, each.was_class) for each in found]
    states = decide(session.starts_at, session.ends_at, held, clock.now())
    for each, state in zip(found, states, strict=True):
        if each.state != state:
            each.state = state
            _record_apart(session, each)
    counted = [each for each in found if each.is_counted]
    running = [each for each in counted if each.ended_at is None]
    ends = [each.ended_at for each in counted if each.ended_at is not None]
    starts = [each.started_at for each in running[-1:] or counted]
    session.started_at = min(starts, default=None)
    session.ended_at = None if running else max(ends, default=None)
    if running and not was_live:
        at = running[-1].started_at.isoformat()
        record("class_started", by="Zoom", on=session, title=session.title, at=at)


def _record_apart(session: ClassSession, instance: MeetingInstance) -> None:
    if not instance.is_counted:
        facts = {"why": instance.state, "at": instance.started_at.isoformat()}
        record("meeting_kept_apart", on=session, title=session.title, **facts)


def would_count(session: ClassSession, started: datetime, ended: datetime) -> bool:
    """Whether a meeting of that time, of which nobody has told us, was the class."""
    known = [Held(each.started_at, each.ended_at, each.was_class) for each in session.instances]
    *_, state = decide(
        session.starts_at, session.ends_at, [*known, Held(started, ended)], clock.now()
    )
    return state is InstanceState.COUNTED


def say_was_class(instance: MeetingInstance, was_class: bool, by: Person) -> bool:
    """Take an admin's word whether an instance was the class; False when it was said before."""
    session = lock_class(instance.session_id)
    db.session.refresh(instance)
    if instance.was_class is was_class:
        return False
    instance.was_class = was_class
    facts = {"was_class": was_class, "at": instance.started_at.isoformat()}
    record("meeting_judged", by=by, on=session, title=session.title, **facts)
    decide_instances(session)
    return True


def phase_of(session: ClassSession, now: datetime) -> Phase:
    """Where the class stands; what Zoom reports counts before the timetable.

    Until the Join button opens, a host who tries the meeting changes nothing.
    """
    if session.is_cancelled:
        return Phase.CANCELLED
    if session.is_live and now >= opens_at(session):
        return Phase.LIVE
    if session.ended_at is not None:
        return Phase.ENDED
    if now < opens_at(session):
        return Phase.WAITING
    if now < session.starts_at:
        return Phase.OPEN
    if now < session.ends_at + LATE_START:
        return Phase.NOT_STARTED
    return Phase.ENDED


def is_held(session: ClassSession, now: datetime) -> bool:
    """Whether the class was held, or is being held: what cannot be called off any more."""
    return session.ended_at is not None or (session.is_live and now >= session.starts_at)


def ended_at(session: ClassSession) -> datetime:
    """When a class that is over ended: as held, or else as planned."""
    return session.ended_at or session.ends_at


def meeting_started(session: ClassSession, uuid: str, at: datetime) -> None:
    """Zoom says that the class's meeting began. Said twice, it changes nothing.

    A meeting is held once at a time, so what ran before has ended, at the planned end or earlier.
    """
    if any(each.zoom_uuid == uuid for each in session.instances):
        return
    for each in list(session.instances):
        if each.ended_at is None and each.started_at < at:
            until = min(at, max(session.ends_at, each.started_at))
            meeting_ended(session, each.zoom_uuid, each.started_at, until)
    instance_of(session, uuid, at)
    decide_instances(session)


def meeting_ended(session: ClassSession, uuid: str, started: datetime, ended: datetime) -> None:
    """Zoom says that it ended; also when this is the first we hear of it."""
    _remove_guesses(session, uuid, started, ended)
    instance = instance_of(session, uuid, started)
    was_known = instance.ended_at is not None
    # A webhook counts before what was concluded from a recording, or from asking.
    instance.ended_at = ended
    decide_instances(session)
    if was_known or not instance.is_counted:
        return
    settled = (RecordingState.AVAILABLE, RecordingState.TRASHED)
    if not session.is_live and session.recording_state not in settled:
        session.recording_state = RecordingState.PROCESSING
        session.recording_reason, session.recording_since = None, ended
    record("class_ended", by="Zoom", on=session, title=session.title, at=ended.isoformat())


def instance_of(session: ClassSession, uuid: str, started: datetime) -> MeetingInstance:
    """The time that the meeting was held under this uuid; a new one has no id yet.

    The caller holds the class, and calls `decide_instances` after it changed something.
    """
    found = next((each for each in session.instances if each.zoom_uuid == uuid), None)
    if found is None:
        found = MeetingInstance(session_id=session.id, zoom_uuid=uuid, started_at=started)
        db.session.add(found)
    return found


def session_of_meeting(meeting_id: int) -> ClassSession | None:
    """The class that has this Zoom meeting, or had it before it got another one; locked."""
    return next(iter(lock_classes(has_meeting_of([meeting_id]))), None)


def has_meeting_of(meeting_ids: Collection[int]) -> ColumnElement[bool]:
    """Of which class one of these Zoom meetings is, or was."""
    former = exists().where(
        FormerMeeting.session_id == ClassSession.id, FormerMeeting.zoom_meeting_id.in_(meeting_ids)
    )
    return or_(ClassSession.zoom_meeting_id.in_(meeting_ids), former)


def _remove_guesses(session: ClassSession, uuid: str, started: datetime, ended: datetime) -> None:
    """Remove what was only known by asking: Zoom then names the meeting, not the time it is held.

    A meeting is held once at a time, so what began in this time, under another name, was this.
    """
    for each in session.instances:
        is_guess = each.zoom_uuid != uuid and each.ended_at is None
        if is_guess and started <= each.started_at <= ended:
            db.session.delete(each)


def find_unreported(now: datetime) -> list[tuple[int, int]]:
    """(class id, meeting id) of classes that ought to run and do not, or run out of their time.

    One that runs in its time is not asked about: an answer that is wrong for a moment would take
    the Join button from everybody. What runs at other times would count as the class in the end if
    its end was never reported.
    """
    ends, running = ClassSession.ends_at, ClassSession.id.in_(_RUNNING)
    too_early = ClassSession.starts_at - literal(opens_before(), Interval()) > now
    ought_to_run = and_(ClassSession.starts_at <= now, ends > now - AFTER, ~ClassSession.is_live)
    rows = db.session.execute(
        select(ClassSession.id, ClassSession.zoom_meeting_id).where(
            ClassSession.zoom_meeting_id.is_not(None),
            ClassSession.zoom_gone_at.is_(None),
            ClassSession.cancelled_at.is_(None),
            or_(ought_to_run, and_(or_(too_early, ends <= now), running)),
        )
    )
    return [(row.id, row.zoom_meeting_id) for row in rows]


def decide_early_starts(now: datetime) -> None:
    """Count what was opened long before a class and still runs when its time has come."""
    begins = ClassSession.starts_at.between(now - AFTER, now + BEFORE)
    for session in lock_classes(ClassSession.id.in_(_RUNNING), ~ClassSession.is_live, begins):
        decide_instances(session)


def apply_meeting_status(session_id: int, uuid: str, status: str, asked_at: datetime) -> None:
    """Take over what Zoom answered when it was asked, unless a webhook has told more since."""
    session = lock_class(session_id)
    running = next((each for each in session.instances if each.ended_at is None), None)
    just_now = asked_at - JUST_NOW
    has_ended = any(each.ended_at and each.ended_at >= just_now for each in session.instances)
    if status == "started" and uuid and running is None and not has_ended:
        meeting_started(session, uuid, asked_at)
    elif status == "waiting" and running and running.started_at < just_now:
        meeting_ended(session, running.zoom_uuid, running.started_at, asked_at)
