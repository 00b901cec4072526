"""What recordings add to what all domains share."""

from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import ColumnElement, Interval, Select, bindparam, func, select

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core import clock, config
from ffapp.recordings.models import FileState, Recording, Transcript, TranscriptState
from ffapp.web.admin.classes.declarations import search_classes
from ffapp.web.kit.alerts import Alert, Button
from ffapp.web.kit.domains import Domain
from ffapp.web.kit.subjects import Subject
from ffapp.web.kit.timeline import Facts, Say, Words, inside_zoom, say, title_of
from ffapp.web.navigation import Entry
from ffapp.web.rendering import span


def _files(verb: str, tone: str) -> Say:
    def say(facts: Facts, zone: str) -> Words:
        count = facts.get("files")
        files = "1 file" if count == 1 else f"{count} files" if count else "files"
        what = verb.format(f"{files} of the recording of {title_of(facts)}")
        return Words(what, why=inside_zoom(facts) if facts.get("operator") else None, tone=tone)

    return say


SENTENCES: dict[str, Say] = {
    "recording_available": say("found the recording of {class}", "good"),
    "recording_published": say("opened a recording to the students"),
    "recording_unpublished": say("hid a recording from the students", "warn"),
    "recording_trashed": _files("moved {} to the trash", "warn"),
    "recording_deleted": _files("deleted {} for good", "warn"),
    "recording_recovered": _files("brought {} back from the trash", "good"),
}


# Twice the usual time is late; older ones have an answer of their own by then.
LATE, LOOKS_BACK = 2, timedelta(days=7)
TRANSCRIPTS_LOOK_BACK = timedelta(days=14)  # they are asked for two days long before they fail


def _recordings(now: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    over_at = func.coalesce(ClassSession.recording_since, ClassSession.ends_at)
    return (
        select(
            ClassSession.id,
            ClassSession.title,
            ClassSession.recording_reason.label("reason"),
            over_at.label("since"),
        )
        .where(
            ClassSession.starts_at > now - LOOKS_BACK,
            ClassSession.zoom_meeting_id.is_not(None),
            *conditions,
        )
        .order_by(ClassSession.starts_at.desc())
    )


def _late() -> timedelta:
    return LATE * timedelta(minutes=config.current().recording_ready_minutes)


def _overdue(now: Any) -> Select[Any]:
    late = bindparam("recording_is_late", type_=Interval(), callable_=_late)
    return _recordings(
        now,
        ClassSession.recording_state == RecordingState.PROCESSING,
        ClassSession.ends_at < now - late,
    )


def _transcripts(now: Any) -> Select[Any]:
    """Those that were asked for long enough in vain, or cannot be read; what is away is not."""
    return (
        select(
            Transcript.recording_id,
            Transcript.reason,
            ClassSession.id,
            ClassSession.title,
            Recording.first_seen_at.label("since"),
        )
        .join(Transcript.recording)
        .join(Recording.session)
        .where(
            Transcript.state == TranscriptState.FAILED,
            Recording.state == FileState.AVAILABLE,
            ClassSession.ends_at > now - TRANSCRIPTS_LOOK_BACK,
        )
        .order_by(Transcript.id)
    )


def _sync(row: Any) -> Button:
    return Button("Sync now", flask.url_for("admin.recording_sync"), {"session_id": row.id})


def _class_page(row: Any) -> str:
    return flask.url_for("admin.class_show", class_id=row.id)


FAILED = Alert(
    name="recording_failed",
    query=lambda now: _recordings(now, ClassSession.recording_state == RecordingState.FAILED),
    sentence=lambda row: f"Zoom could not be asked for “{row.title}”: {row.reason}",
    button=_sync,
    page=_class_page,
)
OVERDUE = Alert(
    name="recording_overdue",
    query=_overdue,
    sentence=lambda row: (
        f"The recording of “{row.title}” is not there after {span(clock.now() - row.since)}."
    ),
    button=_sync,
    page=_class_page,
    tone="warn",
)
TRANSCRIPT = Alert(
    name="transcript_failed",
    query=_transcripts,
    sentence=lambda row: (
        f"The transcript of “{row.title}” is not there: {row.reason} It is asked for no more."
    ),
    button=lambda row: Button(
        "Ask again", flask.url_for("admin.transcript_fetch", recording_id=row.recording_id)
    ),
    page=_class_page,
    tone="warn",
)
ALERTS = (FAILED, OVERDUE, TRANSCRIPT)


DOMAIN = Domain(
    navigation=Entry("Recordings", "admin.recording_index", "film"),
    sentences=SENTENCES,
    subjects=(
        Subject(  # of a class that has one; it stands on the page of the class
            table="recordings",
            page=("admin.class_show", "class_id"),
            noun="Recordings",
            search=lambda words: search_classes(words).where(
                ClassSession.recording_state == RecordingState.AVAILABLE
            ),
        ),
    ),
    alerts=ALERTS,
)
