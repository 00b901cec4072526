"""The recording sync: each host's list, hourly; the truth when a webhook was lost."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.exc import InterfaceError, OperationalError

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, FormerMeeting, RecordingState
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.outcomes import ProviderError
from ffapp.providers import registry
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.wire import PAGE_SIZE, MeetingRecordings
from ffapp.recordings import files as recordings_files
from ffapp.recordings import recording_trash
from ffapp.recordings.models import SyncRun

log = structlog.get_logger()

FRESH = timedelta(hours=48)  # asked about at every sync
OLD = timedelta(days=30)  # until then asked about once a day, unless a recording was found
ONCE_A_DAY = timedelta(hours=24)
A_DAY = timedelta(days=1)


def run(run_id: int) -> None:
    """Do one sync, one short transaction at a time; its row tells how far it is."""
    session_id = transaction(_begin, run_id)
    client = registry.zoom()
    try:
        if session_id is not None:
            _sync_one(run_id, session_id, client)
        else:
            for host, session_ids, earliest in transaction(_hosts, run_id):
                _sync_host(run_id, host, session_ids, earliest, client)
    finally:
        transaction(_finish, run_id)


def due_sessions(now: datetime) -> Sequence[ClassSession]:
    """Classes to ask about: those that ended in 48 hours, and older ones without a recording."""
    over = ClassSession.ends_at
    unresolved = and_(
        ClassSession.recording_state.is_distinct_from(RecordingState.AVAILABLE),
        over > now - OLD,
        or_(
            ClassSession.recording_asked_at.is_(None),
            ClassSession.recording_asked_at <= now - ONCE_A_DAY,
        ),
    )
    held_early = ClassSession.recording_state.is_not(None)  # only one that is over has a state
    return db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.zoom_meeting_id.is_not(None),
            ClassSession.cancelled_at.is_(None),
            or_(over <= now, held_early),
            or_(over > now - FRESH, unresolved),
        )
        .order_by(ClassSession.zoom_host_email, ClassSession.id)
    ).all()


def _begin(run_id: int) -> int | None:
    run = db.session.get_one(SyncRun, run_id)
    run.started_at = clock.now()
    return run.session_id


def _hosts(run_id: int) -> list[tuple[str, list[int], datetime]]:
    due = due_sessions(clock.now())
    hosts = [
        (host, [each.id for each in mine], min(each.starts_at for each in mine))
        for host, group in groupby(due, key=lambda each: each.zoom_host_email)
        if (mine := list(group))
    ]
    run = db.session.get_one(SyncRun, run_id)
    run.hosts, run.classes = len(hosts), len(due)
    return hosts


def _sync_host(
    run_id: int, host: str, session_ids: Sequence[int], earliest: datetime, client: ZoomClient
) -> None:
    today = clock.now().astimezone(UTC).date()
    listing = client.recordings_of_host(host, (earliest - A_DAY).date(), today + A_DAY)
    problem: str | None = None
    broken: set[int] = set()
    try:
        while page := list(islice(listing, PAGE_SIZE)):
            broken |= transaction(_store_page, run_id, page)
    except ProviderError as error:
        problem = f"{host}: {error.reason}"
    transaction(_conclude, set(session_ids) - broken, problem)
    transaction(_note, run_id, calls=listing.calls, hosts_done=1, problem=problem)


def _sync_one(run_id: int, session_id: int, client: ZoomClient) -> None:
    session = db.session.get_one(ClassSession, session_id)
    numbers = meeting_ids(session)
    names: list[int | str] = [each.zoom_uuid for each in session.instances] or [*numbers]
    db.session.rollback()
    problem, calls = None, 0
    broken: set[int] = set()
    try:
        for name in names:
            found = client.recordings_of_meeting(name)
            calls += 1
            broken |= transaction(_store_page, run_id, [found] if found else [])
            if found is None:  # by what we were told when we asked, Zoom does not know it
                names += [number for number in numbers if number not in names]
    except ProviderError as error:
        problem = error.reason
    transaction(_conclude, {session_id} - broken, problem)
    transaction(_note, run_id, calls=calls, classes=1, problem=problem)


def _store_page(run_id: int, page: Sequence[MeetingRecordings]) -> set[int]:
    """Write one page of meetings; answers the ids of classes for which that went wrong.

    Meetings that are not classes of ours are passed over; one bad class does not stop the others.
    """
    by_meeting: dict[int, list[MeetingRecordings]] = {}
    for meeting in page:
        by_meeting.setdefault(meeting.id, []).append(meeting)
    run = db.session.get_one(SyncRun, run_id)
    broken = set()
    for session in _locked(phase.has_meeting_of(by_meeting)):
        was = session.recording_state
        try:
            with db.session.begin_nested():
                meetings = [
                    each for id_ in meeting_ids(session) for each in by_meeting.get(id_, [])
                ]
                recording_trash.apply_listing(
                    session, meetings, run.started_at or run.asked_at, "the sync"
                )
                run.files_new += recordings_files.store_recordings(session, meetings, "the sync")
        except (OperationalError, InterfaceError):
            raise  # not the class's fault: the database went away
        except Exception as error:  # whatever is strange about this one
            log.exception("sync.class_broke", session=session.id)
            reason = f"What Zoom lists for it could not be stored ({type(error).__name__})."
            recordings_files.fail_recording(session, reason, clock.now())
            run.problems = [*run.problems, f"{session.title}: {reason}"]
            broken.add(session.id)
        run.became_available += was != session.recording_state == RecordingState.AVAILABLE
    return broken


def meeting_ids(session: ClassSession) -> list[int]:
    """The Zoom meetings that the class has and had."""
    former = select(FormerMeeting.zoom_meeting_id).where(FormerMeeting.session_id == session.id)
    now = [session.zoom_meeting_id] if session.zoom_meeting_id is not None else []
    return [*db.session.scalars(former.order_by(FormerMeeting.id)), *now]


def _conclude(session_ids: Collection[int], problem: str | None) -> None:
    now = clock.now()
    for session in _locked(ClassSession.id.in_(session_ids)):
        if problem:
            recordings_files.fail_recording(session, problem, now)
        else:
            recordings_files.conclude_recording(session, now)


def _locked(*conditions: object) -> Iterable[ClassSession]:
    return db.session.scalars(
        select(ClassSession)
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(ClassSession.id)
        .with_for_update(of=ClassSession)
    ).all()


def _note(
    run_id: int, *, calls: int, problem: str | None, hosts_done: int = 0, classes: int = 0
) -> None:
    run = db.session.get_one(SyncRun, run_id, with_for_update=True)
    run.calls += calls
    run.hosts_done += hosts_done
    run.classes += classes
    run.problems = [*run.problems, *([problem] if problem else [])]


def _finish(run_id: int) -> None:
    db.session.get_one(SyncRun, run_id).finished_at = clock.now()
