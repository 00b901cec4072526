"""Read a class's recordings at Zoom and take what is read: webhooks, sync and button alike.

A webhook only says that something has changed. A file that Zoom names is available. One that it
does not name stays what it was, as lists can be short, unless a webhook said that it was moved to
the trash or deleted. So it does not matter how late, how often and in which order webhooks come.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from ffapp.classes.models import ClassSession, lock_class
from ffapp.classes.phase import decide_instances, instance_of, opens_at
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import DEFAULT, defer, queue
from ffapp.core.outcomes import ProviderError
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.webhook import WebhookEvent
from ffapp.providers.zoom.wire import MeetingRecordings, RecordingFile
from ffapp.providers.zoom.wire_events import Batch
from ffapp.recordings import transcripts
from ffapp.recordings.models import FileState, Recording
from ffapp.recordings.recording_state import announce_complete, update_state
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState

EVENTS = {
    FileState.AVAILABLE: "recording_recovered",
    FileState.TRASHED: "recording_trashed",
    FileState.DELETED: "recording_deleted",
}
TRIES = 8  # with waits of up to six hours: about a day
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=6)
# What an answer leaves out (a list has no passcode) does not erase what is known.
KEPT_WHEN_MISSING = ("passcode", "play_passcode")
REPLACED = ("size_bytes", "ends_at", "play_url", "recording_type", "file_type")


@dataclass(frozen=True)
class Change:
    """What a webhook said of one held meeting: its files were trashed, deleted or something else.

    It is about the `file_ids`, or about all files where it names none.
    """

    uuid: str
    state: str = ""
    file_ids: Sequence[str] = ()
    operator: str = ""

    def removed(self, file: Recording, named: Collection[tuple[str, str]]) -> bool:
        """Whether it says that the file is gone, and Zoom does not name it any more."""
        is_meant = file.meeting_uuid == self.uuid and (
            not self.file_ids or file.file_id in self.file_ids
        )
        is_news = self.state and file.state not in (self.state, FileState.DELETED)
        return bool(is_meant and is_news and _key(file) not in named)


def take_recordings(
    session: ClassSession,
    meetings: Collection[MeetingRecordings],
    read_at: datetime,
    source: str,
    change: Change | None = None,
) -> int:
    """Take what Zoom named at `read_at`; answers how many files are new.

    The caller holds the class. A file whose state changed after `read_at` keeps it.
    """
    new = sum(_store_meeting(session, meeting) for meeting in meetings)
    db.session.expire(session, ["recordings", "instances"])
    named = {(meeting.uuid, file.id) for meeting in meetings for file in meeting.recording_files}
    back = [
        each
        for each in session.recordings
        if not each.is_available
        and _key(each) in named
        and (each.state_since or read_at) <= read_at
    ]
    operator = change.operator if change else ""
    if back:
        _move(session, back, FileState.AVAILABLE, read_at, source, operator)
    if change is not None:
        gone = [each for each in session.recordings if change.removed(each, named)]
        if gone:
            _move(session, gone, FileState(change.state), read_at, source, operator)
    update_state(session)
    announce_complete(session, source)
    transcripts.request_transcripts(session)
    return new


@queue.task(name="recordings.refresh", queue=DEFAULT)
def refresh_recordings(session_id: int, change: dict[str, Any], tries: int = 0) -> None:
    """Read a held meeting's recordings at Zoom and take them; while Zoom is away, try later."""
    told, read_at = Change(**change), clock.now()
    try:
        found = ZoomClient.current().recordings_of_meeting(told.uuid)
    except ProviderError:
        if tries < TRIES:
            wait = min(FIRST_WAIT * 2**tries, LONGEST_WAIT)
            later = {"schedule_in": {"seconds": wait.total_seconds()}}
            again = {"session_id": session_id, "change": change, "tries": tries + 1}
            transaction(defer, refresh_recordings, options=later, **again)
        return

    def take() -> None:
        meetings = [found] if found else []
        take_recordings(lock_class(session_id), meetings, read_at, "Zoom", told)

    transaction(take)


def _changed(session: ClassSession, event: WebhookEvent) -> Handled | None:
    if not event.uuid:
        return Handled(DeliveryState.IGNORED, "It names no recording.")
    _request_refresh(session.id, event, Batch(event.uuid, event.file_ids))
    return None


def handle_batch(event: WebhookEvent) -> Handled:
    """Zoom tells of recordings of many meetings at once, by their UUIDs."""
    rows = db.session.execute(
        select(Recording.meeting_uuid, Recording.session_id)
        .where(Recording.meeting_uuid.in_([each.uuid for each in event.batch]))
        .distinct()
    )
    classes = {row.meeting_uuid: row.session_id for row in rows}
    for each in event.batch:
        if each.uuid in classes:
            _request_refresh(classes[each.uuid], event, each)
    if not classes:
        return Handled(DeliveryState.IGNORED, "None of these recordings is of a class.")
    return Handled(DeliveryState.DONE)


WEBHOOKS = {
    "recording.completed": _changed,
    "recording.transcript_completed": _changed,
    "recording.trashed": _changed,
    "recording.deleted": _changed,
    "recording.recovered": _changed,
}


def _request_refresh(session_id: int, event: WebhookEvent, about: Batch) -> None:
    """Refreshes of one class run one after the other, so that the last one is taken last."""
    word = event.name.rpartition("_")[2].rpartition(".")[2]
    change = Change(
        about.uuid,
        state=word if word in (FileState.TRASHED, FileState.DELETED) else "",
        file_ids=[id_ for id_ in about.file_ids if id_],
        operator=event.operator,
    )
    lock = {"lock": f"recordings:{session_id}"}
    defer(refresh_recordings, options=lock, session_id=session_id, change=asdict(change))


def _move(
    session: ClassSession,
    files: Sequence[Recording],
    state: FileState,
    at: datetime,
    source: str,
    operator: str,
) -> None:
    for each in files:
        each.state, each.state_since = state, at
    if state is FileState.DELETED:
        transcripts.erase_transcripts(files)
    elif state is FileState.AVAILABLE:
        transcripts.restore_transcripts(files)
    record(
        EVENTS[state],
        by=source,
        on=session,
        title=session.title,
        files=len(files),
        videos=sum(each.file_type == "MP4" for each in files),
        operator=operator,
    )


def _key(file: Recording) -> tuple[str, str]:
    return file.meeting_uuid, file.file_id


def _store_meeting(session: ClassSession, meeting: MeetingRecordings) -> int:
    """Write the finished files of one held meeting; answers how many are new."""
    _note_instance(session, meeting)
    rows = {
        file.id: _row(session, meeting, file)
        for file in meeting.recording_files
        if file.id and file.status == "completed" and file.recording_start
    }
    if not rows:
        return 0
    known = select(Recording.file_id).where(Recording.meeting_uuid == meeting.uuid)
    new = rows.keys() - set(db.session.scalars(known))
    statement = insert(Recording).values(list(rows.values()))
    given, stored = statement.excluded, Recording.__table__.c
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["meeting_uuid", "file_id"],
            set_={name: given[name] for name in REPLACED}
            | {name: func.coalesce(given[name], stored[name]) for name in KEPT_WHEN_MISSING},
        )
    )
    return len(new)


def _row(session: ClassSession, meeting: MeetingRecordings, file: RecordingFile) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "meeting_uuid": meeting.uuid,
        "file_id": file.id,
        "file_type": file.file_type or None,
        "recording_type": file.recording_type or None,
        "size_bytes": file.file_size,
        "starts_at": file.recording_start,
        "ends_at": file.recording_end,
        "play_url": file.play_url or None,
        "passcode": meeting.password or None,
        "play_passcode": meeting.recording_play_passcode or None,
        "first_seen_at": clock.now(),
    }


def _note_instance(session: ClassSession, meeting: MeetingRecordings) -> None:
    """A recording proves that the meeting was held, even when its webhooks were lost.

    Of one that runs in the time of its class it does not say that it is over: a part of the
    recording may be finished before, and Join would be taken from everybody.
    """
    starts = [file.recording_start for file in meeting.recording_files if file.recording_start]
    began = meeting.start_time or min(starts, default=None)
    if began is None:
        return
    found = instance_of(session, meeting.uuid, began)
    if found.id is not None and opens_at(session) <= clock.now() < session.ends_at:
        return
    complete = any(file.status == "completed" for file in meeting.recording_files)
    if complete and found.ended_at is None:
        found.ended_at = began + timedelta(minutes=meeting.duration or 0)
    decide_instances(session)
