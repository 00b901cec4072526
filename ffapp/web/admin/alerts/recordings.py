"""Recordings and transcripts that could not be had, and those that take longer than they should."""

from collections.abc import Iterable
from datetime import timedelta

import flask
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.classes.phase import ended_at
from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.recordings.models import FileState, Recording, Transcript, TranscriptState
from ffapp.web.admin.alerts.alert import SHOWN, Alert
from ffapp.web.rendering import span

# Twice the usual time is late; older ones have an answer of their own by then.
LATE, LOOKS_BACK = 2, timedelta(days=7)
TRANSCRIPTS_LOOK_BACK = timedelta(days=14)  # they are asked for two days long before they fail


def alerts() -> Iterable[Alert]:
    now = clock.now()
    usual = timedelta(minutes=config.current().recording_ready_minutes)
    state = ClassSession.recording_state
    overdue = and_(
        state == RecordingState.PROCESSING.value, ClassSession.ends_at < now - LATE * usual
    )
    rows = db.session.scalars(
        select(ClassSession)
        .where(
            or_(state == RecordingState.FAILED.value, overdue),
            ClassSession.ends_at > now - LOOKS_BACK,
            ClassSession.zoom_meeting_id.is_not(None),
        )
        .options(selectinload(ClassSession.instances))
        .order_by(ClassSession.starts_at.desc())
        .limit(SHOWN)
    )
    for session in rows:
        yield _need(session)
    yield from _transcripts()


def _transcripts() -> Iterable[Alert]:
    """Those that were asked for long enough in vain, or cannot be read; what is away is not."""
    rows = db.session.scalars(
        select(Transcript)
        .join(Transcript.recording)
        .join(Recording.session)
        .where(
            Transcript.state == TranscriptState.FAILED,
            Recording.state == FileState.AVAILABLE,
            ClassSession.ends_at > clock.now() - TRANSCRIPTS_LOOK_BACK,
        )
        .options(contains_eager(Transcript.recording).contains_eager(Recording.session))
        .order_by(Transcript.id)
        .limit(SHOWN)
    )
    for transcript in rows:
        session = transcript.recording.session
        yield Alert(
            kind="transcript_failed",
            sentence=(
                f"The transcript of “{session.title}” is not there: {transcript.reason} It is asked"
                " for no more."
            ),
            since=transcript.recording.first_seen_at,
            verb="Ask again",
            action=flask.url_for("admin.transcript_fetch", recording_id=transcript.recording_id),
            page=flask.url_for("admin.class_show", class_id=session.id),
            tone="warn",
        )


def _need(session: ClassSession) -> Alert:
    failed = session.recording_state == RecordingState.FAILED
    over = session.recording_since or ended_at(session)
    if failed:
        sentence = f"Zoom could not be asked for “{session.title}”: {session.recording_reason}"
    else:
        late = span(clock.now() - over)
        sentence = f"The recording of “{session.title}” is not there after {late}."
    return Alert(
        kind="recording_failed" if failed else "recording_overdue",
        sentence=sentence,
        since=over,
        verb="Sync now",
        action=flask.url_for("admin.recording_sync"),
        fields={"session_id": session.id},
        page=flask.url_for("admin.class_show", class_id=session.id),
        tone="bad" if failed else "warn",
    )
