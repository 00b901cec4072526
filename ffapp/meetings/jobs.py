"""The jobs of the classes room."""

from datetime import timedelta

from sqlalchemy import select

from ffapp.attendance import participant_check
from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.core import clock, signing
from ffapp.core.db import db, transaction
from ffapp.core.jobs import (
    DEFAULT,
    SWEEPS,
    URGENT,
    ZOOM_SWEEPS,
    defer,
    defer_once,
    queue,
    within_time_slice,
)
from ffapp.core.outcomes import ProviderError
from ffapp.meetings import meeting_refresh
from ffapp.meetings.models import StartLink
from ffapp.people.models import Person
from ffapp.providers import registry
from ffapp.recordings import sync
from ffapp.recordings.models import SyncRun


@queue.periodic(cron="17 * * * *")
@queue.task(name="classes.sync_recordings", queue=SWEEPS, queueing_lock="classes.sync_recordings")
def sync_recordings(timestamp: int) -> None:
    """The hourly sync of every host's recordings."""
    run = transaction(_new_run, "the hourly sync", None)
    sync.run(run.id)


@queue.task(name="classes.run_sync", queue=DEFAULT)
def run_sync(run_id: int) -> None:
    """A sync that somebody asked for."""
    sync.run(run_id)


def sync_now(by: Person, session: ClassSession | None = None) -> SyncRun:
    """Ask for a sync of everything, or of one class; one that waits already is joined."""
    waiting = db.session.scalar(
        select(SyncRun)
        .where(
            SyncRun.finished_at.is_(None),
            SyncRun.session_id.is_not_distinct_from(session.id if session else None),
            SyncRun.asked_at > clock.now() - timedelta(minutes=5),
        )
        .order_by(SyncRun.id.desc())
    )
    if waiting is not None:
        return waiting
    run = _new_run(by.name, session)
    defer(run_sync, run_id=run.id)
    return run


def ask_for_start_link(session: ClassSession, by: Person) -> StartLink:
    """Ask Zoom for the link that makes its holder the host; it is never stored in the clear."""
    wish = StartLink(session_id=session.id, person_id=by.id, asked_at=clock.now())
    db.session.add(wish)
    db.session.flush()
    defer(fetch_start_link, start_link_id=wish.id)
    return wish


@queue.task(name="classes.fetch_start_link", queue=URGENT)
def fetch_start_link(start_link_id: int) -> None:
    wish = db.session.get_one(StartLink, start_link_id)
    meeting_id = db.session.get_one(ClassSession, wish.session_id).zoom_meeting_id
    db.session.rollback()
    url, reason = None, None
    try:
        url = registry.zoom().get_meeting(meeting_id or 0).start_url
    except ProviderError as error:
        reason = error.reason
        if meeting_id is not None and meeting_refresh.is_missing(error):
            transaction(meeting_refresh.mark_missing, wish.session_id, meeting_id)
    transaction(_keep_start_link, start_link_id, url, reason)


@queue.periodic(cron="* * * * *")
@queue.task(
    name="classes.check_live", queue=SWEEPS, lock=ZOOM_SWEEPS, queueing_lock="classes.check_live"
)
def check_live(timestamp: int) -> None:
    """Ask Zoom about classes whose start or end we ought to have heard of by now."""
    for session_id, meeting_id in within_time_slice(
        transaction(phase.find_unreported, clock.now())
    ):
        asked_at = clock.now()
        try:
            meeting = registry.zoom().get_meeting(meeting_id)
        except ProviderError as error:
            if meeting_refresh.is_missing(error):
                transaction(meeting_refresh.mark_missing, session_id, meeting_id)
            continue  # the next minute asks again; one class does not stop the others
        transaction(phase.apply_meeting_status, session_id, meeting.uuid, meeting.status, asked_at)


@queue.periodic(cron="*/5 * * * *")
@queue.task(
    name="classes.check_participants",
    queue=SWEEPS,
    lock=ZOOM_SWEEPS,
    queueing_lock="classes.check_participants",
)
def check_participants(timestamp: int) -> None:
    """Ask Zoom who was in the classes that are over: its webhooks may have told too little."""
    participant_check.check_due()


@queue.task(name="classes.check_participants_now", queue=DEFAULT)
def check_participants_now(session_id: int) -> None:
    """The same of one class, because somebody asked."""
    participant_check.check(session_id)


def ask_for_participants(session: ClassSession) -> None:
    """Have Zoom asked now who was in the class; the caller commits."""
    participant_check.schedule_check(session)
    defer_once(check_participants_now, f"participants:{session.id}", session_id=session.id)


def _new_run(asked_by: str, session: ClassSession | None) -> SyncRun:
    run = SyncRun(
        asked_by=asked_by,
        session_id=session.id if session else None,
        asked_at=clock.now(),
        problems=[],
    )
    db.session.add(run)
    db.session.flush()
    return run


def _keep_start_link(start_link_id: int, url: str | None, reason: str | None) -> None:
    wish = db.session.get_one(StartLink, start_link_id)
    wish.encrypted_url = signing.encrypt(url) if url else None
    wish.reason = reason or (None if url else "Zoom gave no link to start this meeting.")
