"""Whether a class's meeting is there: deleted inside Zoom, brought back, replaced, made twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, FormerMeeting, lock_class
from ffapp.classes.phase import Phase, phase_of
from ffapp.core import clock
from ffapp.core.db import db, is_among, transaction
from ffapp.core.events import record
from ffapp.core.jobs import DEFAULT, defer, defer_once, queue
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.ledger.models import Effect, EffectAttempt, State
from ffapp.ledger.plan import cancel_planned
from ffapp.meetings import meeting_requests
from ffapp.meetings.meeting_status import DELETED_INSIDE, MeetingState, store_state
from ffapp.people.models import Person
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.wire import marker

# A Zoom that was too slow for an answer may make the meeting long after it was asked about.
STRAY_CHECKS = (timedelta(minutes=2), timedelta(minutes=30))


def mark_deleted(session: ClassSession) -> None:
    """Write that Zoom does not have the meeting any more. The caller holds the class.

    Its link is removed, and planned changes of it are cancelled. For a cancelled class,
    whose meeting we delete ourselves, only the link is removed.
    """
    at, operator = clock.now(), session.zoom_changed_by or ""
    session.zoom_changed_by = None
    if not session.has_meeting:
        return
    session.zoom_gone_at = at
    _end_what_runs(session, at)
    session.zoom_join_url = session.zoom_passcode = session.zoom_read_due_at = None
    session.zoom_read_problem = None
    if session.is_cancelled:
        store_state(session)
        return
    cancel_planned(DELETED_INSIDE, Effect.subject == session.subject, Effect.kind == "zoom.update")
    store_state(session)
    record(
        "meeting_deleted_at_zoom",
        by="Zoom",
        on=session,
        title=session.title,
        meeting_id=session.zoom_meeting_id,
        operator=operator,
    )


def _end_what_runs(session: ClassSession, at: datetime) -> None:
    """Zoom deletes no meeting that is being held, so the webhook about its end was lost."""
    for each in [each for each in session.instances if each.ended_at is None]:
        phase.meeting_ended(session, each.zoom_uuid, each.started_at, max(at, each.started_at))


def mark_recovered(session: ClassSession) -> None:
    """Write that Zoom has the meeting again, and update it with what it missed.

    A replacement that is only planned is not made; one that is being made already will be a second
    meeting, and is removed when it is known. The caller holds the class.
    """
    session.zoom_gone_at = None
    cancel_planned(
        "The meeting is back.", Effect.subject == session.subject, Effect.kind == "zoom.create"
    )
    event = record(
        "meeting_recovered",
        by="Zoom",
        on=session,
        title=session.title,
        meeting_id=session.zoom_meeting_id,
        operator=session.zoom_changed_by or "",
    )
    if session.zoom_revision != session.revision:
        meeting_requests.request_update(session, event)
    store_state(session)


def can_recreate_meeting(session: ClassSession, now: datetime) -> bool:
    """Whether a new meeting may be made: the one it had is gone, and the class is still to come."""
    over = session.is_cancelled or phase_of(session, now) is Phase.ENDED or session.ends_at <= now
    return session.zoom_gone_at is not None and not over


def recreate_meeting(session: ClassSession, by: Person) -> bool:
    """Request a new meeting; False when none is needed, or it was requested already."""
    db.session.refresh(session, with_for_update={"of": ClassSession})
    is_requested = session.meeting_state != MeetingState.GONE
    if is_requested or not can_recreate_meeting(session, clock.now()):
        return False
    event = record("meeting_recreation_requested", by=by, on=session, title=session.title)
    meeting_requests.request_recreation(session, event)
    return True


def replace_meeting(session: ClassSession, meeting_id: int) -> None:
    """The class has this meeting now; the one it had before stays known as its own."""
    if session.zoom_gone_at is not None and session.zoom_meeting_id not in (None, meeting_id):
        former = FormerMeeting(
            session_id=session.id,
            zoom_meeting_id=session.zoom_meeting_id,
            gone_at=session.zoom_gone_at,
        )
        db.session.add(former)
    session.zoom_meeting_id, session.zoom_gone_at = meeting_id, None


def check_for_strays_later(effect_ids: Sequence[int]) -> None:
    """Look twice for a second meeting after a create whose end was unclear; ledger's listener."""
    was_unclear = exists().where(
        EffectAttempt.effect_id == Effect.id, EffectAttempt.outcome == "unclear"
    )
    creates = select(Effect.id).where(
        is_among(Effect.id, effect_ids),
        Effect.kind == "zoom.create",
        or_(Effect.state == State.UNCERTAIN, was_unclear),
    )
    for effect_id in db.session.scalars(creates).all():
        for wait in STRAY_CHECKS:
            lock = f"meetings.remove_strays:{effect_id}:{wait}"
            later = {"schedule_in": {"seconds": wait.total_seconds()}}
            defer_once(remove_strays, lock, options=later, effect_id=effect_id)


@queue.task(name="meetings.remove_strays", queue=DEFAULT)
def remove_strays(effect_id: int) -> None:
    """Delete what one create has made at Zoom beside the class's meeting."""
    effect = db.session.get_one(Effect, effect_id)
    if effect.state in (State.PLANNED, State.SENDING, State.UNCERTAIN):
        return  # what is found may become the class's meeting; its end asks for this again
    class_id, cause_id = effect.payload["class_id"], effect.cause_event_id
    host = db.session.get_one(ClassSession, class_id).zoom_host_email
    db.session.rollback()
    try:
        found = ZoomClient.current().find_all_meetings(host, marker(effect_id))
    except Refused:
        return  # the host is gone, or may not be asked about
    except ProviderError:
        later = {"schedule_in": {"seconds": STRAY_CHECKS[-1].total_seconds()}}
        transaction(defer, remove_strays, options=later, effect_id=effect_id)
        return
    transaction(_request_removals, class_id, found, cause_id)


def _request_removals(class_id: int, found: set[int], cause_id: int | None) -> None:
    session = lock_class(class_id)
    for meeting_id in found - {session.zoom_meeting_id}:
        meeting_requests.request_stray_removal(session, meeting_id, cause_id)
