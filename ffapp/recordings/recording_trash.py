"""Recordings that were moved to Zoom's trash, deleted there for good, or brought back.

The files stay known; what cannot be watched at Zoom is not shown to students, whatever an admin has
chosen for it, and that choice is as it was when the file comes back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.providers.zoom.webhook import WebhookEvent
from ffapp.providers.zoom.wire import MeetingRecordings
from ffapp.recordings import files as recordings_files
from ffapp.recordings import transcripts
from ffapp.recordings.models import FileState, Recording
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState

# The last word of the event's name → where the files are now, and how the programme calls it.
TRASH_EVENTS = {
    "trashed": (FileState.TRASHED, "recording_trashed"),
    "deleted": (FileState.DELETED, "recording_deleted"),
    "recovered": (FileState.AVAILABLE, "recording_recovered"),
}
TRASH_DAYS = 30
# A list may still name what was taken away just before it was asked for.
LISTS_LAG = timedelta(minutes=10)


def handle_trash_event(session: ClassSession, event: WebhookEvent) -> Handled:
    """Zoom tells of files of one held meeting; of all of them when it names none."""
    if event.recordings is None:
        return Handled(DeliveryState.IGNORED, "It names no recording.")
    # Files that we never heard of are kept too, so that late news of them does not show them.
    recordings_files.store_files(session, event.recordings, only_new=True)
    ids = [file.id for file in event.recordings.recording_files if file.id]
    handled = _apply(session, [_of(event.recordings.uuid, ids)], event)
    if event.name == "recording.recovered":
        recordings_files.mark_available(session, "Zoom")
    return handled


def handle_batch_event(event: WebhookEvent) -> Handled:
    """Zoom tells of recordings of many meetings at once, by their UUIDs."""
    named = [_of(each.uuid, [id_ for id_ in each.file_ids if id_]) for each in event.batch]
    ids = db.session.scalars(select(Recording.session_id).where(or_(*named)).distinct()).all()
    sessions = db.session.scalars(
        select(ClassSession)
        .where(ClassSession.id.in_(ids))
        .order_by(ClassSession.id)
        .with_for_update(of=ClassSession)
    ).all()
    if not sessions:
        return Handled(DeliveryState.IGNORED, "None of these recordings is of a class.")
    answers = [_apply(session, named, event) for session in sessions]
    return next((each for each in answers if each.state == DeliveryState.DONE), answers[0])


def apply_listing(
    session: ClassSession, meetings: Iterable[MeetingRecordings], asked_at: datetime, source: str
) -> None:
    """A list of Zoom's names files that were taken away: they are back, and the post was lost.

    What a list does not name says nothing.
    """
    wanted = [_of(each.uuid, [file.id for file in each.recording_files]) for each in meetings]
    if not wanted:
        return
    back = [each for each in _files(session, wanted, asked_at - LISTS_LAG) if not each.is_available]
    if back:
        _move(session, back, "recovered", asked_at, source)


def _apply(
    session: ClassSession, named: Sequence[ColumnElement[bool]], event: WebhookEvent
) -> Handled:
    word = event.name.rpartition("_")[2].rpartition(".")[2]
    at = event.changed_at or clock.now()
    files = _files(session, named, at)
    fate, _ = TRASH_EVENTS[word]
    if not files:
        return Handled(DeliveryState.IGNORED, "What is known of these files is as young.")
    if not any(each.state != fate for each in files):
        _stamp(files, fate, at)
        return Handled(DeliveryState.IGNORED, "Nothing is new in that.")
    _move(session, files, word, at, "Zoom", event.operator)
    return Handled(DeliveryState.DONE)


def _of(uuid: str, file_ids: Sequence[str]) -> ColumnElement[bool]:
    mine = Recording.meeting_uuid == uuid
    return mine & Recording.file_id.in_(file_ids) if file_ids else mine


def _files(
    session: ClassSession,
    named: Sequence[ColumnElement[bool]],
    before: datetime,
) -> Sequence[Recording]:
    """Those of the named files of which nothing is known that is as young as `before`."""
    return db.session.scalars(
        select(Recording)
        .where(
            Recording.session_id == session.id,
            or_(*named),
            or_(Recording.state_since.is_(None), Recording.state_since < before),
        )
        .order_by(Recording.id)
    ).all()


def _move(
    session: ClassSession,
    files: Sequence[Recording],
    word: str,
    at: datetime,
    source: str,
    operator: str = "",
) -> None:
    fate, name = TRASH_EVENTS[word]
    moved = [each for each in files if each.state != fate]
    _stamp(files, fate, at)
    if fate is FileState.DELETED:
        transcripts.erase_transcripts(moved)
    elif fate is FileState.AVAILABLE:
        transcripts.restore_transcripts(moved)
    db.session.flush()
    _settle(session)
    record(
        name,
        by=source,
        on=session,
        title=session.title,
        files=len(moved),
        videos=sum(each.file_type == "MP4" for each in moved),
        operator=operator,
    )


def _stamp(files: Sequence[Recording], fate: FileState, at: datetime) -> None:
    for each in files:
        each.state, each.state_since = fate, at


def _settle(session: ClassSession) -> None:
    """Say in which one state the class's recording is, now that files have moved."""
    videos = [
        each for each in session.recordings if each.file_type == "MP4" and not each.is_rehearsal
    ]
    if not videos:
        return
    trashed = [each for each in videos if each.state == FileState.TRASHED]
    reason: str | None = None
    if recordings_files.has_video(session):
        state = RecordingState.AVAILABLE
    elif trashed:
        state = RecordingState.TRASHED
        reason = _since("Moved to Zoom’s trash", session, trashed)
        reason += f" Zoom keeps it there for {TRASH_DAYS} days."
    elif all(each.state == FileState.DELETED for each in videos):
        state = RecordingState.NONE
        reason = _since("Deleted at Zoom for good", session, videos)
    else:
        return  # a video that is still to be completed
    if session.recording_state != state:
        session.recording_since = clock.now()
    session.recording_state, session.recording_reason = state, reason


def _since(what: str, session: ClassSession, files: Sequence[Recording]) -> str:
    at = max(each.state_since for each in files if each.state_since)
    return f"{what} on {clock.spell(at, session.time_zone)}."


def _recorded(session: ClassSession, event: WebhookEvent) -> None:
    if event.recordings is not None:
        recordings_files.store_recordings(session, [event.recordings], "Zoom")


WEBHOOKS = {
    "recording.completed": _recorded,
    "recording.transcript_completed": _recorded,
    "recording.trashed": handle_trash_event,
    "recording.deleted": handle_trash_event,
    "recording.recovered": handle_trash_event,
}
