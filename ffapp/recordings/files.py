"""Storing what Zoom says about a class's recording; webhook, sync and button converge here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from ffapp.classes.models import ClassSession, MeetingInstance, RecordingState
from ffapp.classes.phase import (
    LATE_START,
    Phase,
    ended_at,
    held_instances,
    is_rehearsal,
    opens_at,
    phase_of,
)
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import SWEEPS, queue
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, CannotUndo, TooLate, Undone
from ffapp.people.models import Person
from ffapp.providers.zoom.wire import MeetingRecordings, RecordingFile
from ffapp.recordings import transcripts
from ffapp.recordings.models import Recording

# How long Zoom may take before "still processing" is no longer an answer.
WINDOW = timedelta(hours=48)
VISIBILITY = "recording"
NO_MEETING = "No meeting was made at Zoom, so nothing was recorded."


def store_recordings(
    session: ClassSession, meetings: Iterable[MeetingRecordings], source: str
) -> int:
    """Write the files of the class's meetings; answers how many are new. The caller holds the row.

    Nothing is ever removed because it was not mentioned. When the first video is there, the event
    `recording_available` is recorded, once for the class.
    """
    new = sum(store_files(session, meeting) for meeting in meetings)
    mark_available(session, source)
    return new


def store_files(
    session: ClassSession, meeting: MeetingRecordings, *, only_new: bool = False
) -> int:
    """Write the files of one held meeting, without a word on what that means for the class.

    With `only_new`, what is known of a file stays: the post tells of it for another reason.
    """
    _note_instance(session, meeting)
    new = _upsert(session, meeting, only_new)
    db.session.expire(session, ["recordings", "instances"])
    return new


def mark_available(session: ClassSession, source: str) -> None:
    """Say what follows from the files that are there: a video to watch, a transcript to fetch."""
    if has_video(session):
        _become_available(session, source)
    transcripts.request_transcripts(session)


def has_video(session: ClassSession) -> bool:
    """Whether there is something of the class to watch."""
    return any(each.is_video and not each.is_rehearsal for each in session.recordings)


def conclude_recording(session: ClassSession, now: datetime) -> None:
    """Write the state of a class that was asked about and has no video yet."""
    session.recording_asked_at = now
    if _is_settled(session):
        return
    if phase_of(session, now) is not Phase.ENDED:
        return  # it may still go on, or be started late
    over = ended_at(session)
    session.recording_since = session.recording_since or over
    if now < over + WINDOW and held_instances(session):
        _say(session, RecordingState.PROCESSING, None)
    elif held_instances(session):
        hours = int(WINDOW.total_seconds() // 3600)
        _say(
            session,
            RecordingState.NONE,
            f"Zoom has no recording {hours} hours after the class; it was probably not recorded.",
        )
    else:
        _say(session, RecordingState.NONE, "Nobody started the meeting, so nothing was recorded.")


def note_ended_classes(now: datetime) -> None:
    """Write the first state of each class that is over by the clock, though nobody said so."""
    sessions = db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.recording_state.is_(None),
            ClassSession.cancelled_at.is_(None),
            ClassSession.starts_at <= now,
            ClassSession.ends_at <= now - LATE_START,
        )
        .order_by(ClassSession.id)
        .with_for_update(of=ClassSession, skip_locked=True)
    )
    for session in sessions.all():
        if phase_of(session, now) is Phase.ENDED:
            session.recording_since = ended_at(session)
            if session.zoom_meeting_id is None:
                _say(session, RecordingState.NONE, NO_MEETING)
            else:
                _say(session, RecordingState.PROCESSING, None)


@queue.periodic(cron="* * * * *")
@queue.task(name="recordings.note_ended", queue=SWEEPS, queueing_lock="recordings.note_ended")
def note_ended(timestamp: int) -> None:
    """A class that is over is in a state of its recording within a minute."""
    transaction(note_ended_classes, clock.now())


def fail_recording(session: ClassSession, reason: str, now: datetime) -> None:
    """Say that Zoom could not be asked, and why."""
    session.recording_asked_at = now
    if not _is_settled(session):
        session.recording_since = session.recording_since or ended_at(session)
        _say(session, RecordingState.FAILED, reason)


def set_visible(recording: Recording, visible: bool, by: Person) -> Batch | None:
    """Let students see the file, or not; it can be undone for a minute. None: it was so before."""
    db.session.refresh(recording, with_for_update={"of": Recording})
    if recording.visible is visible:
        return None
    facts = {"class_id": recording.session_id, "recording_id": recording.id, "visible": visible}
    batch = batches.begin(VISIBILITY, by, subjects=[recording.session.subject], **facts)
    _show(recording, visible, by, batch_id=batch.key)
    return batch


def undo_visibility(batch: Batch, by: Person) -> Undone:
    """Show it again, or hide it again; raises CannotUndo, or TooLate where somebody was told."""
    recording = db.session.get_one(
        Recording,
        batch.facts["recording_id"],
        with_for_update={"of": Recording},
        populate_existing=True,
    )
    if recording.visible is not batch.facts["visible"]:
        raise CannotUndo("It was changed again since, so it stays as it is")
    gone = batches.cancel_effects(batch, by).gone
    if gone:
        raise TooLate(gone)
    _show(recording, not recording.visible, by)
    return Undone(1, 0)


def _show(recording: Recording, visible: bool, by: Person, **batch: str) -> None:
    recording.visible = visible
    name = "recording_published" if visible else "recording_unpublished"
    record(name, by=by, on=recording.session, recording_id=recording.id, **batch)


def segments(recordings: Sequence[Recording]) -> list[list[Recording]]:
    """The files of a class by segment, in the order in which they were recorded."""
    found: dict[tuple[str, datetime], list[Recording]] = {}
    for each in sorted(recordings, key=lambda each: (each.starts_at, each.id)):
        found.setdefault((each.meeting_uuid, each.starts_at), []).append(each)
    return list(found.values())


def _is_settled(session: ClassSession) -> bool:
    """Whether asking Zoom in vain says nothing new: it is there, or somebody has taken it away."""
    if session.recording_state in (RecordingState.AVAILABLE, RecordingState.TRASHED):
        return True
    taken = any(not each.is_available for each in session.recordings)
    return session.recording_state == RecordingState.NONE and taken


def _say(session: ClassSession, state: RecordingState, reason: str | None) -> None:
    session.recording_state, session.recording_reason = state, reason


def _become_available(session: ClassSession, source: str) -> None:
    if session.recording_state == RecordingState.AVAILABLE:
        return
    _say(session, RecordingState.AVAILABLE, None)
    session.recording_since = clock.now()
    record("recording_available", by=source, on=session, title=session.title)


def _note_instance(session: ClassSession, meeting: MeetingRecordings) -> None:
    """A recording proves that the meeting was held, even when its webhooks were lost.

    Of one that runs in the time of its class it does not say that it is over: a part of the
    recording may be finished before, and Join would be taken from everybody.
    """
    started = meeting.start_time or _first_start(meeting)
    if started is None:
        return
    ended = started + timedelta(minutes=meeting.duration or 0)
    complete = any(file.status == "completed" for file in meeting.recording_files)
    found = next((each for each in session.instances if each.zoom_uuid == meeting.uuid), None)
    if found is None:
        found = MeetingInstance(session_id=session.id, zoom_uuid=meeting.uuid, started_at=started)
        db.session.add(found)
    elif opens_at(session) <= clock.now() < session.ends_at:
        return
    if complete and found.ended_at is None:
        found.ended_at, found.is_rehearsal = ended, is_rehearsal(session, ended)


def _first_start(meeting: MeetingRecordings) -> datetime | None:
    starts = [file.recording_start for file in meeting.recording_files if file.recording_start]
    return min(starts, default=None)


def _upsert(session: ClassSession, meeting: MeetingRecordings, only_new: bool) -> int:
    by_file = {
        file.id: _row(session, meeting, file)
        for file in meeting.recording_files
        if file.id and file.status == "completed" and file.recording_start
    }
    rows = list(by_file.values())
    if not rows:
        return 0
    known = set(
        db.session.scalars(select(Recording.file_id).where(Recording.meeting_uuid == meeting.uuid))
    )
    statement = insert(Recording).values(rows)
    if only_new:
        db.session.execute(statement.on_conflict_do_nothing())
        return len({row["file_id"] for row in rows} - known)
    kept = ("size_bytes", "ends_at", "play_url", "recording_type", "file_type")
    # What a later answer leaves out (the list has no passcode) does not erase what is known.
    optional = ("passcode", "play_passcode")
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["meeting_uuid", "file_id"],
            set_={name: statement.excluded[name] for name in kept}
            | {
                name: db.func.coalesce(statement.excluded[name], Recording.__table__.c[name])
                for name in optional
            },
        )
    )
    return len({row["file_id"] for row in rows} - known)


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
        "visible": not is_rehearsal(session, file.recording_end),
        "is_rehearsal": is_rehearsal(session, file.recording_end),
        "first_seen_at": clock.now(),
    }


def file_counts(sessions: Sequence[ClassSession]) -> dict[int, int]:
    """Class id → how many files its recording has."""
    rows = db.session.execute(
        select(Recording.session_id, func.count())
        .where(Recording.session_id.in_([each.id for each in sessions]))
        .group_by(Recording.session_id)
    )
    return {row[0]: row[1] for row in rows}
