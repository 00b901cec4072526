"""The list of recordings: every class that is over, and what became of its recording."""

from collections.abc import Sequence
from typing import Any

import flask
from sqlalchemy import select

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core.runs import latest
from ffapp.recordings import sync
from ffapp.recordings.files import file_counts
from ffapp.recordings.views import viewer_counts
from ffapp.web import rendering
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import cohort_options
from ffapp.web.kit.cells import Chip, Figure, Link, Press, RowLink, lines
from ffapp.web.kit.filters import Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.runs import status_of

RUNS_SHOWN = 8
STATES = (
    (RecordingState.AVAILABLE, "Available"),
    (RecordingState.TRASHED, "In Zoom’s trash"),
    (RecordingState.PROCESSING, "Processing"),
    (RecordingState.FAILED, "Failed"),
    (RecordingState.NONE, "No recording"),
)


def _title(row: Any) -> Any:
    session, *_ = row
    url = flask.url_for("admin.class_show", class_id=session.id)
    at = rendering.local_time(session.starts_at, session.time_zone)
    return lines(RowLink(session.title, url), session.cohort.name, at)


def _why(row: Any) -> Any:
    session, *_ = row
    is_processing = session.recording_state == RecordingState.PROCESSING
    why = session.recording_reason or ("Zoom is working on it." if is_processing else "")
    since = session.recording_since or session.ends_at
    at = rendering.local_time(since, session.time_zone)
    return lines(why or f"Since {at}", why and f"since {at}", rendering.relative(since))


def _watched(row: Any) -> Link | None:
    session, _, viewers = row
    noun = "student" if viewers == 1 else "students"
    url = flask.url_for("admin.class_views", class_id=session.id)
    return Link(str(viewers), url, f"{noun}, {session.title}") if viewers else None


def _sync(row: Any) -> Press | None:
    session, *_ = row
    if session.zoom_meeting_id is None or session.recording_state == RecordingState.AVAILABLE:
        return None
    url, about = flask.url_for("admin.recording_sync"), f"Sync now: {session.title}"
    return Press("Sync now", url, "session_id", session.id, about)


def _rows(sessions: Sequence[ClassSession]) -> list[tuple[ClassSession, int, int]]:
    """Each class with the number of its files and of the students who watched it."""
    files, viewers = file_counts(sessions), viewer_counts(sessions)
    return [(each, files.get(each.id, 0), viewers.get(each.id, 0)) for each in sessions]


RECORDINGS = ListPage(
    name="recordings",
    heading="Recordings",
    lead="Every class that is over, and what became of its recording. Zoom is asked every hour.",
    caption="Recordings of classes",
    noun=("class", "classes"),
    rows=lambda: select(ClassSession).where(ClassSession.recording_state.is_not(None)),
    key=ClassSession.id,
    load=_rows,
    order="-class",
    per_page=25,
    filters=Filters(
        (
            Choice("state", "Recording", STATES, ClassSession.recording_state, style="chips"),
            Choice("cohort", "Cohort", cohort_options, ClassSession.cohort_id, every="All cohorts"),
        ),
        Search("Search in titles", (ClassSession.title,)),
    ),
    columns=(
        Column("Class", _title, ClassSession.starts_at),
        Column("Cohort", lambda it: it[0].cohort.name, on_page=False),
        Column("Recording", lambda it: Chip("recording", it[0].recording_state), on_phone=True),
        Column("Why, and since when", _why),
        Column("Files", lambda it: Figure(it[1]), end=True),
        Column("Watched by", _watched, end=True, on_phone=True),
        Column("Ask Zoom", _sync, fit=True, is_hidden_label=True, in_file=False),
    ),
    has_row_buttons=True,
    empty=(
        "No class is over yet",
        "A class appears here when it has ended, and keeps its recording when that is there.",
    ),
    template="admin/recordings/index.html",
)


@admin.get("/recordings")
def recording_index() -> flask.typing.ResponseReturnValue:
    return RECORDINGS.respond(
        runs=lambda: [(each, status_of(each)) for each in latest(sync.KIND, RUNS_SHOWN)]
    )
