"""The one state of a class's recording: written when a file, an answer or the clock changes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.classes.phase import LATE_START, Phase, ended_at, phase_of
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import SWEEPS, queue
from ffapp.recordings.models import FileState, Recording

# How long Zoom may take before "still processing" is no longer an answer.
WINDOW = timedelta(hours=48)
NO_MEETING = "No meeting was made at Zoom, so nothing was recorded."
NOBODY_STARTED = "Nobody started the meeting, so nothing was recorded."
NOT_RECORDED = "Zoom has no recording 48 hours after the class; it was probably not recorded."


def update_state(session: ClassSession, source: str, *, is_back: bool = False) -> None:
    """Write the state that follows from the class's files; one without a video stays as it is.

    When the first video is there, the event `recording_available` is recorded, once for the class;
    not when it `is_back`, as `recording_recovered` says that.
    """
    was = session.recording_state
    videos = [each for each in session.recordings if each.file_type == "MP4"]
    videos = [each for each in videos if not each.is_rehearsal]
    trashed = [each for each in videos if each.state == FileState.TRASHED]
    if any(each.is_video for each in videos):
        _write(session, RecordingState.AVAILABLE)
        if was != RecordingState.AVAILABLE and not is_back:
            record("recording_available", by=source, on=session, title=session.title)
    elif trashed:
        reason = _since("Moved to Zoom’s trash", session, trashed)
        _write(session, RecordingState.TRASHED, f"{reason} Zoom keeps it there for 30 days.")
    elif videos and all(each.state == FileState.DELETED for each in videos):
        _write(session, RecordingState.NONE, _since("Deleted at Zoom for good", session, videos))
    if session.recording_state != was:
        session.recording_since = clock.now()


def conclude_recording(session: ClassSession, now: datetime) -> None:
    """Write the state of a class that was asked about and has no video yet."""
    session.recording_asked_at = now
    if _is_settled(session):
        return
    if phase_of(session, now) is not Phase.ENDED:
        return  # it may still go on, or be started late
    over = ended_at(session)
    session.recording_since = session.recording_since or over
    if session.started_at is None:
        _write(session, RecordingState.NONE, NOBODY_STARTED)
    elif now < over + WINDOW:
        _write(session, RecordingState.PROCESSING)
    else:
        _write(session, RecordingState.NONE, NOT_RECORDED)


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
                _write(session, RecordingState.NONE, NO_MEETING)
            else:
                _write(session, RecordingState.PROCESSING)


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
        _write(session, RecordingState.FAILED, reason)


def _is_settled(session: ClassSession) -> bool:
    """Whether asking Zoom in vain says nothing new: it is there, or somebody has taken it away."""
    if session.recording_state in (RecordingState.AVAILABLE, RecordingState.TRASHED):
        return True
    taken = any(not each.is_available for each in session.recordings)
    return session.recording_state == RecordingState.NONE and taken


def _write(session: ClassSession, state: RecordingState, reason: str | None = None) -> None:
    session.recording_state, session.recording_reason = state, reason


def _since(what: str, session: ClassSession, files: Sequence[Recording]) -> str:
    at = max(each.state_since for each in files if each.state_since)
    return f"{what} on {clock.spell(at, session.time_zone)}."
