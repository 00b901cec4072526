"""Whether a class's meeting is there: deleted inside Zoom, brought back, replaced by another."""

from datetime import datetime

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, FormerMeeting
from ffapp.classes.phase import Phase, phase_of
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.ledger.models import Effect
from ffapp.ledger.plan import cancel_planned
from ffapp.meetings import meeting_requests
from ffapp.meetings.meeting_status import DELETED_INSIDE, MeetingState, store_state
from ffapp.people.models import Person


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
