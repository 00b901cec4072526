"""Reading back what Zoom has of a meeting, where a post says only that something has changed.

Zoom is asked by a job, never while the post is handled. When to ask stands on the class, so that a
bad day of Zoom is waited out. Once in the hour before a class it is asked in any case: a post that
was lost must not leave students before a door whose passcode has changed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, and_, false, func, literal, or_, select

from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import follow_zoom
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import SWEEPS, ZOOM_SWEEPS, defer_once, queue, within_time_slice
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.meetings import meeting_lifecycle, meeting_requests, registration, stamps
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.errors import means
from ffapp.providers.zoom.sentences import MEETING_GONE
from ffapp.providers.zoom.wire import Meeting

BEFORE = timedelta(hours=1)
ANSWERS_LAG = timedelta(minutes=10)
CALLED = {"start_time": "starts_at", "duration": "duration_minutes"}
ASK_AGAIN, ASK_AGAIN_THOUGH_REFUSED = timedelta(minutes=2), timedelta(minutes=15)


def request_refresh(session: ClassSession) -> None:
    """Have the meeting read as soon as possible; the caller commits."""
    session.zoom_read_due_at = clock.now()
    defer_once(refresh_meetings, "meetings.refresh", timestamp=0)


@queue.periodic(cron="* * * * *")
@queue.task(
    name="meetings.refresh",
    queue=SWEEPS,
    lock=ZOOM_SWEEPS,
    queueing_lock="meetings.refresh",
)
def refresh_meetings(timestamp: int) -> None:
    """Ask Zoom about each meeting that is to be read; one that cannot be is asked about later."""
    for session_id, meeting_id, has_links in within_time_slice(transaction(_due)):
        asked_at = clock.now()
        try:
            found = ZoomClient.current().get_meeting(meeting_id)
            links = _links(found) if has_links else {}
        except ProviderError as error:
            transaction(_cannot, session_id, meeting_id, error)
        else:
            transaction(_believe, session_id, found, links, asked_at)


def is_missing(error: ProviderError) -> bool:
    """Whether Zoom says that there is no such meeting."""
    return isinstance(error, Refused) and means(error, MEETING_GONE)


def mark_missing(session_id: int, meeting_id: int) -> None:
    """Zoom did not find the meeting when it was asked about it."""
    session = _held(session_id)
    if session.zoom_meeting_id == meeting_id:
        meeting_lifecycle.mark_deleted(session, clock.now())


def _due() -> list[tuple[int, int, bool]]:
    """(class id, meeting id, whether anybody has a link of their own) of what is to be read.

    A class that is long over needs no link.
    """
    now = clock.now()
    begins_soon = ClassSession.starts_at.between(now, now + BEFORE)
    was_read = ClassSession.zoom_read_at >= ClassSession.starts_at - literal(BEFORE, Interval())
    rows = db.session.execute(
        select(
            ClassSession.id, ClassSession.zoom_meeting_id, registration.has_links().label("links")
        ).where(
            or_(
                ClassSession.zoom_read_due_at <= now,
                and_(
                    ClassSession.zoom_read_due_at.is_(None),
                    begins_soon,
                    func.coalesce(was_read, false()).is_(False),
                ),
            ),
            ClassSession.zoom_meeting_id.is_not(None),
            ClassSession.zoom_gone_at.is_(None),
            ClassSession.cancelled_at.is_(None),
            ClassSession.ends_at > now - timedelta(days=1),
        )
    )
    return [(row.id, row.zoom_meeting_id, row.links) for row in rows]


def _links(found: Meeting) -> dict[str, str]:
    """Registrant id → link: each carries the passcode, and so changes with it."""
    if not found.settings.asks_for_registration:
        return {}
    listed = ZoomClient.current().registrants(found.id)
    return {each.registrant_id or each.id: each.join_url for each in listed if each.join_url}


def _believe(session_id: int, found: Meeting, links: Mapping[str, str], asked_at: datetime) -> None:
    session = _held(session_id)
    if session.zoom_meeting_id != found.id or not session.has_meeting:
        return
    if session.zoom_read_due_at is None or session.zoom_read_due_at <= asked_at:
        session.zoom_read_due_at = None  # else it was wished again since
    session.zoom_read_problem, session.zoom_read_at = None, asked_at
    before = _read_so_far(session)
    session.zoom_join_url, session.zoom_passcode = found.join_url, found.password
    session.zoom_auto_recording = found.settings.auto_recording
    session.zoom_registration = found.settings.asks_for_registration
    session.zoom_host_email = found.host_email or session.zoom_host_email
    registration.renew_links(session, links)
    if not session.zoom_registration:
        registration.cancel_refused(session)
    after = _read_so_far(session)
    what = [name for name, was in before.items() if was != after[name]]
    if what:
        record("meeting_refreshed", by="Zoom", on=session, title=session.title, what=what)
    _follow_time(session, found, asked_at)


def _follow_time(session: ClassSession, found: Meeting, asked_at: datetime) -> None:
    """Take over when it is held at Zoom, where a post about that was lost.

    Only of a class to come, of which Zoom knows all that we have to say, and nothing since so
    lately that its answer may be from before. The topic is left: it holds the name of the cohort,
    which may have been another one then.
    """
    is_ours = session.zoom_revision != session.revision or meeting_requests.change_in_flight(
        session
    )
    if is_ours or session.starts_at <= asked_at or phase.live_instance(session) is not None:
        return
    changes: dict[str, Any] = {}
    begins = session.starts_at.replace(microsecond=0)
    if found.start_time and found.start_time != begins and found.start_time > asked_at:
        changes["start_time"] = found.start_time
    if found.duration > 0 and found.duration != session.duration_minutes:
        changes["duration"] = found.duration
    lately = asked_at - ANSWERS_LAG
    news = {part: changes[part] for part in changes if stamps.is_news(session, part, lately)}
    if news:
        stamps.note(session, stamps.at_once(news, asked_at))
        follow_zoom(session, {CALLED[part]: value for part, value in news.items()}, "")


def _read_so_far(session: ClassSession) -> dict[str, Any]:
    return {
        "link": session.zoom_join_url,
        "passcode": session.zoom_passcode,
        "recording": session.zoom_auto_recording,
        "registration setting": session.zoom_registration,
    }


def _cannot(session_id: int, meeting_id: int, error: ProviderError) -> None:
    session = _held(session_id)
    if session.zoom_meeting_id != meeting_id:
        return
    if not isinstance(error, Refused):
        session.zoom_read_due_at = clock.now() + ASK_AGAIN
        return
    if is_missing(error):
        session.zoom_read_due_at = None
        meeting_lifecycle.mark_deleted(session, clock.now())
        return
    # Somebody may mend that any minute, with an admin told of it meanwhile.
    session.zoom_read_due_at = clock.now() + ASK_AGAIN_THOUGH_REFUSED
    if session.zoom_read_problem is None:
        record(
            "meeting_refresh_failed", by="Zoom", on=session, title=session.title, why=error.reason
        )
    session.zoom_read_problem = error.reason


def _held(session_id: int) -> ClassSession:
    return db.session.get_one(
        ClassSession, session_id, with_for_update={"of": ClassSession}, populate_existing=True
    )


@queue.periodic(cron="* * * * *")
@queue.task(
    name="meetings.check_live", queue=SWEEPS, lock=ZOOM_SWEEPS, queueing_lock="meetings.check_live"
)
def check_live(timestamp: int) -> None:
    """Ask Zoom about classes whose start or end we ought to have heard of by now."""
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
