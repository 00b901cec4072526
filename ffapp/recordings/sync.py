"""The recording sync: each host's list, hourly; the truth when a webhook was lost."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby, islice

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.exc import InterfaceError, OperationalError

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, RecordingState, lock_classes
from ffapp.classes.queries import meeting_ids
from ffapp.core import clock, runs
from ffapp.core.db import db, transaction
from ffapp.core.jobs import SWEEPS, queue
from ffapp.core.outcomes import ProviderError
from ffapp.core.runs import Chunk, Run
from ffapp.people.models import Person
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.wire import PAGE_SIZE, MeetingRecordings
from ffapp.recordings.recording_refresh import take_recordings
from ffapp.recordings.recording_state import conclude_recording, fail_recording

log = structlog.get_logger()

KIND = "recordings.sync"
JOINED_FOR = timedelta(minutes=5)

FRESH = timedelta(hours=48)  # asked about at every sync
OLD = timedelta(days=30)  # until then asked about once a day, unless a recording was found
ONCE_A_DAY = timedelta(hours=24)
A_DAY = timedelta(days=1)
# A list may still name what was moved to the trash just before.
LISTS_LAG = timedelta(minutes=10)


def start_sync(by: Person | str, session: ClassSession | None = None) -> Run:
    """Ask for a sync of everything, or of one class; one that waits already is joined."""
    subject = session.subject if session else None
    waiting = runs.unfinished(KIND, subject, asked_after=clock.now() - JOINED_FOR)
    if waiting is not None:
        return waiting
    total = 1 if session else 0
    return runs.start(KIND, by, subject=subject, total=total, classes=total)


def work(run: Run) -> Iterator[Chunk]:
    """Host by host, page by page; or one class alone. It goes on where a host is finished."""
    client = ZoomClient.current()
    if run.subject is not None:
        yield from _sync_class(int(run.subject.removeprefix("class=")), client)
        return
    hosts: list[tuple[str, list[int], str]] = run.position.get("hosts", [])
    if not hosts:
        yield partial(_find_hosts, hosts)
    for host, session_ids, earliest in hosts[run.position.get("next", 0) :]:
        yield from _sync_host(host, session_ids, datetime.fromisoformat(earliest), client)


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


def _find_hosts(hosts: list[tuple[str, list[int], str]], run: Run) -> None:
    due = due_sessions(clock.now())
    hosts[:] = [
        (host, [each.id for each in mine], min(each.starts_at for each in mine).isoformat())
        for host, group in groupby(due, key=lambda each: each.zoom_host_email)
        if (mine := list(group))
    ]
    run.total = len(hosts)
    run.add(classes=len(due))
    run.position = {"hosts": hosts, "next": 0}


def _sync_host(
    host: str, session_ids: Sequence[int], earliest: datetime, client: ZoomClient
) -> Iterator[Chunk]:
    today = clock.now().astimezone(UTC).date()
    listing = client.recordings_of_host(host, (earliest - A_DAY).date(), today + A_DAY)
    problem: str | None = None
    broken: set[int] = set()
    try:
        while page := list(islice(listing, PAGE_SIZE)):
            yield partial(_store_page, page, broken)
    except ProviderError as error:
        problem = f"{host}: {error.reason}"
    yield lambda run: _conclude(run, set(session_ids) - broken, problem, listing.calls)


def _sync_class(session_id: int, client: ZoomClient) -> Iterator[Chunk]:
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
            if found is not None:
                yield partial(_store_page, [found], broken)
            else:  # by what we were told when we asked, Zoom does not know it
                names += [number for number in numbers if number not in names]
    except ProviderError as error:
        problem = error.reason
    yield lambda run: _conclude(run, {session_id} - broken, problem, calls)


def _store_page(page: Sequence[MeetingRecordings], broken: set[int], run: Run) -> None:
    """Write one page of meetings; the ids of classes for which that went wrong go into `broken`.

    Meetings that are not classes of ours are passed over; one bad class does not stop the others.
    """
    by_meeting: dict[int, list[MeetingRecordings]] = {}
    for meeting in page:
        by_meeting.setdefault(meeting.id, []).append(meeting)
    for session in lock_classes(phase.has_meeting_of(by_meeting)):
        was = session.recording_state
        read_at = (run.started_at or run.asked_at) - LISTS_LAG
        try:
            with db.session.begin_nested():
                meetings = [
                    each for id_ in meeting_ids(session) for each in by_meeting.get(id_, [])
                ]
                run.add(files_new=take_recordings(session, meetings, read_at, "the sync"))
        except (OperationalError, InterfaceError):
            raise  # not the class's fault: the database went away
        except Exception as error:  # whatever is strange about this one
            log.exception("sync.class_broke", session=session.id)
            reason = f"What Zoom lists for it could not be stored ({type(error).__name__})."
            fail_recording(session, reason, clock.now())
            run.note_problem(f"{session.title}: {reason}")
            broken.add(session.id)
        run.add(became_available=was != session.recording_state == RecordingState.AVAILABLE)


def _conclude(run: Run, session_ids: Collection[int], problem: str | None, calls: int) -> None:
    """Write down what is known now about the classes of one host."""
    now = clock.now()
    for session in lock_classes(ClassSession.id.in_(session_ids)):
        if problem:
            fail_recording(session, problem, now)
        else:
            conclude_recording(session, now)
    run.add(calls=calls)
    run.done += 1
    run.position = {**run.position, "next": run.position.get("next", 0) + 1}
    if problem:
        run.failed += 1
        run.note_problem(problem)


@queue.periodic(cron="17 * * * *")
@queue.task(name="recordings.sync", queue=SWEEPS, queueing_lock="recordings.sync")
def sync_recordings(timestamp: int) -> None:
    """The hourly sync of every host's recordings."""
    transaction(start_sync, "the hourly sync")
