"""The one state of a class's recording: written when a file, an answer or the clock changes it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from ffapp.classes.meeting_window import AFTER
from ffapp.classes.models import (
    ClassSession,
    MeetingInstance,
    RecordingState,
    lock_class,
    lock_classes,
)
from ffapp.classes.phase import LATE_START, Phase, ended_at, phase_of
from ffapp.core import clock, config
from ffapp.core.db import db, transaction
from ffapp.core.events import Event, record
from ffapp.core.jobs import SWEEPS, queue
from ffapp.recordings.models import CLIP, FileState, Recording

# How long Zoom may take before "still processing" is no longer an answer.
WINDOW = timedelta(hours=48)
LOOKS_BACK = timedelta(days=7)
STOPPED_BEFORE = timedelta(minutes=5)  # a host may stop the recording before ending the meeting
NO_MEETING = "No meeting was made at Zoom, so nothing was recorded."
NOBODY_STARTED = "Nobody started the meeting, so nothing was recorded."
NOT_RECORDED = "Zoom has no recording 48 hours after the class; it was probably not recorded."


def update_state(session: ClassSession) -> None:
    """Write the state that follows from the class's files; one without a video stays as it is.

    Files of meetings that are kept apart count only once an admin has published them.
    """
    was = session.recording_state
    videos = _videos(session)
    trashed = [each for each in videos if each.state == FileState.TRASHED]
    if any(each.is_video for each in videos):
        _write(session, RecordingState.AVAILABLE)
    elif trashed:
        reason = _since("Moved to Zoom’s trash", session, trashed)
        _write(session, RecordingState.TRASHED, f"{reason} Zoom keeps it there for 30 days.")
    elif videos and all(each.state == FileState.DELETED for each in videos):
        _write(session, RecordingState.NONE, _since("Deleted at Zoom for good", session, videos))
    elif not videos and was in (RecordingState.AVAILABLE, RecordingState.TRASHED):
        session.recording_state = session.recording_reason = None  # it was of another time
    if session.recording_state != was:
        session.recording_since = clock.now() if session.recording_state else None


def announce_complete(session: ClassSession, source: str) -> None:
    """Record `recording_available` once for the class: when all of its recording is there."""
    if note_complete(session):
        record("recording_available", by=source, on=session, title=session.title)


def note_complete(session: ClassSession) -> bool:
    """Write that the recording is complete; False when it is not, or was before."""
    if session.recording_announced_at is not None or not _is_complete(session, clock.now()):
        return False
    session.recording_announced_at = clock.now()
    return True


def _is_complete(session: ClassSession, now: datetime) -> bool:
    """Whether the class is over and its last part is there, or is waited for no longer.

    One that ended before its time may go on; a clip of seconds is no recording.
    """
    videos = [each for each in _videos(session) if each.is_video and not each.is_clip]
    over = ended_at(session)
    if not videos or phase_of(session, now) is not Phase.ENDED:
        return False
    if now < min(session.ends_at, over + AFTER):
        return False
    patience = timedelta(minutes=config.current().recording_ready_minutes)
    return now >= over + patience or all(
        _reaches_its_end(each, session.recordings)
        for each in session.instances
        if each.is_counted and each.ended_at and each.ended_at - each.started_at >= CLIP
    )


def _reaches_its_end(instance: MeetingInstance, files: Sequence[Recording]) -> bool:
    """Whether there is a video that goes on until the meeting ended, or nearly."""
    return any(
        each.meeting_uuid == instance.zoom_uuid
        and each.file_type == "MP4"
        and (each.ends_at or each.starts_at) + STOPPED_BEFORE >= instance.ended_at
        for each in files
    )


def _videos(session: ClassSession) -> list[Recording]:
    return [each for each in session.recordings if each.file_type == "MP4" and each.is_of_class]


def follow_class(event: Event) -> None:
    """The class was moved, or an admin said what was held in it: so its recording may be another's,
    or none."""
    session = lock_class(event.subject_id)
    update_state(session)
    announce_complete(session, event.actor)


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


def announce_complete_ones(now: datetime) -> None:
    """Tell of recordings that are complete because the class is over, or nothing more is coming."""
    for session in lock_classes(
        ClassSession.recording_state == RecordingState.AVAILABLE,
        ClassSession.recording_announced_at.is_(None),
        ClassSession.starts_at > now - LOOKS_BACK,
    ):
        announce_complete(session, "Zoom")


@queue.periodic(cron="* * * * *")
@queue.task(name="recordings.note_ended", queue=SWEEPS, queueing_lock="recordings.note_ended")
def note_ended(timestamp: int) -> None:
    """A class that is over is in a state of its recording within a minute."""
    transaction(note_ended_classes, clock.now())
    transaction(announce_complete_ones, clock.now())


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
