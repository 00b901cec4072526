"""Read a meeting at Zoom and take what is read: the one path by which changes made there arrive.

A webhook only says that something has changed; the meeting is then read by a job, never while the
webhook is handled. When to read stands on the class (`zoom_read_due_at`), so that an outage of Zoom
is waited out, and reading twice, late or out of order changes nothing. Once in the hour before a
class it is read in any case: a lost webhook must not leave students with an old passcode.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, and_, false, func, literal, or_, select

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, lock_class
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import PROVIDER_SWEEPS, SWEEPS, defer_once, queue, within_time_slice
from ffapp.core.outcomes import Outcome, ProviderError, Refused
from ffapp.meetings import meeting_lifecycle, personal_links
from ffapp.meetings.meeting_status import store_state
from ffapp.meetings.zoom_changes import take_changes
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.errors import means
from ffapp.providers.zoom.sentences import MEETING_GONE
from ffapp.providers.zoom.wire import Meeting

BEFORE = timedelta(hours=1)
LONG_OVER = timedelta(days=1)
ASK_AGAIN, ASK_AGAIN_THOUGH_REFUSED = timedelta(minutes=2), timedelta(minutes=15)


def request_refresh(session: ClassSession, operator: str = "") -> None:
    """Have the meeting read as soon as possible; the caller commits.

    `operator` is who has changed it there, as Zoom names them.
    """
    session.zoom_read_due_at = clock.now()
    session.zoom_changed_by = operator or session.zoom_changed_by
    defer_once(refresh_meetings, "meetings.refresh", timestamp=0)


@queue.periodic(cron="* * * * *")
@queue.task(
    name="meetings.refresh", queue=SWEEPS, lock=PROVIDER_SWEEPS, queueing_lock="meetings.refresh"
)
def refresh_meetings(timestamp: int) -> None:
    """Read each meeting that is due; one that cannot be read stays due."""
    for session_id, meeting_id, has_links in within_time_slice(transaction(_due)):
        asked_at = clock.now()
        try:
            found = ZoomClient.current().get_meeting(meeting_id)
            links = _links(found) if has_links else {}
        except ProviderError as error:
            transaction(_cannot, session_id, meeting_id, error)
        else:
            transaction(_take, session_id, found, links, asked_at)


def is_missing(outcome: Outcome) -> bool:
    """Whether Zoom says that there is no such meeting."""
    return isinstance(outcome, Refused) and means(outcome, MEETING_GONE)


def mark_missing(session_id: int, meeting_id: int) -> None:
    """Zoom did not find the meeting when it was asked about it."""
    session = lock_class(session_id)
    if session.zoom_meeting_id == meeting_id:
        session.zoom_read_due_at = None
        meeting_lifecycle.mark_deleted(session)


def _due() -> list[tuple[int, int, bool]]:
    """(class id, meeting id, whether to read the personal links too) of what is to be read."""
    now = clock.now()
    begins_soon = and_(
        ClassSession.starts_at.between(now, now + BEFORE),
        ClassSession.zoom_gone_at.is_(None),
        ClassSession.cancelled_at.is_(None),
    )
    was_read = ClassSession.zoom_read_at >= ClassSession.starts_at - literal(BEFORE, Interval())
    needs_links = and_(personal_links.has_links(), ClassSession.ends_at > now - LONG_OVER)
    rows = db.session.execute(
        select(ClassSession.id, ClassSession.zoom_meeting_id, needs_links.label("links")).where(
            or_(
                ClassSession.zoom_read_due_at <= now,
                and_(
                    ClassSession.zoom_read_due_at.is_(None),
                    begins_soon,
                    func.coalesce(was_read, false()).is_(False),
                ),
            ),
            ClassSession.zoom_meeting_id.is_not(None),
        )
    )
    return [(row.id, row.zoom_meeting_id, row.links) for row in rows]


def _links(found: Meeting) -> dict[str, str]:
    """Registrant id → link: each carries the passcode, and so changes with it."""
    if not found.settings.asks_for_registration:
        return {}
    listed = ZoomClient.current().registrants(found.id)
    return {each.registrant_id or each.id: each.join_url for each in listed if each.join_url}


def _take(session_id: int, found: Meeting, links: Mapping[str, str], asked_at: datetime) -> None:
    session = lock_class(session_id)
    if session.zoom_meeting_id != found.id:
        return
    if session.zoom_read_due_at is None or session.zoom_read_due_at <= asked_at:
        session.zoom_read_due_at = None  # else it was requested again since
    session.zoom_read_problem, session.zoom_read_at = None, asked_at
    if session.is_cancelled:
        return
    if session.zoom_gone_at is not None:
        meeting_lifecycle.mark_recovered(session)
    _take_access(session, found, links)
    take_changes(session, found)
    store_state(session)


def _take_access(session: ClassSession, found: Meeting, links: Mapping[str, str]) -> None:
    """How to get in, and whether it is recorded."""
    before = _access(session)
    session.zoom_join_url, session.zoom_passcode = found.join_url, found.password
    session.zoom_auto_recording = found.settings.auto_recording
    session.zoom_registration = found.settings.asks_for_registration
    session.zoom_host_email = found.host_email or session.zoom_host_email
    personal_links.renew_links(session, links)
    if not session.zoom_registration:
        personal_links.cancel_refused(session)
    after = _access(session)
    what = [name for name, was in before.items() if was != after[name]]
    if what:
        record("meeting_refreshed", by="Zoom", on=session, title=session.title, what=what)


def _access(session: ClassSession) -> dict[str, Any]:
    return {
        "link": session.zoom_join_url,
        "passcode": session.zoom_passcode,
        "recording": session.zoom_auto_recording,
        "registration setting": session.zoom_registration,
    }


def _cannot(session_id: int, meeting_id: int, error: ProviderError) -> None:
    if is_missing(error):
        mark_missing(session_id, meeting_id)
        return
    session = lock_class(session_id)
    if session.zoom_meeting_id != meeting_id:
        return
    if session.ends_at < clock.now() - LONG_OVER:
        session.zoom_read_due_at = None
        return
    if not isinstance(error, Refused):
        session.zoom_read_due_at = clock.now() + ASK_AGAIN
        return
    # Somebody may mend that any minute; an alert names it meanwhile.
    session.zoom_read_due_at = clock.now() + ASK_AGAIN_THOUGH_REFUSED
    if session.zoom_read_problem is None:
        facts = {"title": session.title, "why": error.reason}
        record("meeting_refresh_failed", by="Zoom", on=session, **facts)
    session.zoom_read_problem = error.reason


@queue.periodic(cron="* * * * *")
@queue.task(
    name="meetings.check_live",
    queue=SWEEPS,
    lock=PROVIDER_SWEEPS,
    queueing_lock="meetings.check_live",
)
def check_live(timestamp: int) -> None:
    """Ask Zoom about classes whose start or end should have been reported by now."""
    transaction(phase.decide_early_starts, clock.now())
    for session_id, meeting_id in within_time_slice(
        transaction(phase.find_unreported, clock.now())
    ):
        asked_at = clock.now()
        try:
            meeting = ZoomClient.current().get_meeting(meeting_id)
        except ProviderError as error:
            if is_missing(error):
                transaction(mark_missing, session_id, meeting_id)
            continue  # the next minute asks again; one class does not stop the others
        transaction(phase.apply_meeting_status, session_id, meeting.uuid, meeting.status, asked_at)
