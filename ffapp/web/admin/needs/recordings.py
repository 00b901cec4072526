"""Recordings that Zoom could not be asked for, and those that take longer than they should."""

from collections.abc import Iterable
from datetime import timedelta

import flask
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import selectinload

from ffapp import clock, config
from ffapp.classes.find import recording_state
from ffapp.classes.live import ended_at, recording_reason
from ffapp.classes.models import ClassSession, RecordingState
from ffapp.db import db
from ffapp.web.admin.needs.need import Need
from ffapp.web.rendering import span

SHOWN = 20
# Twice the usual time is late; older ones have an answer of their own by then.
LATE, LOOKS_BACK = 2, timedelta(days=7)


def needs() -> Iterable[Need]:
    now = clock.now()
    usual = timedelta(minutes=config.current().recording_ready_minutes)
    state = recording_state(now)
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


def _need(session: ClassSession) -> Need:
    failed = session.recording_state == RecordingState.FAILED
    over = session.recording_since or ended_at(session)
    if failed:
        sentence = f"Zoom could not be asked for “{session.title}”: {recording_reason(session)}"
    else:
        late = span(clock.now() - over)
        sentence = f"The recording of “{session.title}” is not there after {late}."
    return Need(
        kind="recording_failed" if failed else "recording_overdue",
        sentence=sentence,
        since=over,
        verb="Sync now",
        action=flask.url_for("admin.recording_sync"),
        fields={"session_id": session.id},
        page=flask.url_for("admin.class_show", class_id=session.id),
        tone="bad" if failed else "warn",
    )
