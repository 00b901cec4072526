"""The list of recordings: every class that is over, and what became of its recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flask
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from ffapp.classes import phase
from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core.runs import latest
from ffapp.recordings import sync
from ffapp.recordings.files import file_counts
from ffapp.recordings.view_counts import viewer_counts
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


@dataclass(frozen=True)
class RecordingRow:
    session: ClassSession
    state: str
    files: int
    viewers: int

    @property
    def title(self) -> Any:
        session = self.session
        url = flask.url_for("admin.class_show", class_id=session.id)
        at = rendering.local_time(session.starts_at, session.time_zone)
        return lines(RowLink(session.title, url), session.cohort.name, at)

    @property
    def since(self) -> datetime:
        return self.session.recording_since or phase.ended_at(self.session)

    @property
    def why(self) -> Any:
        working = "Zoom is working on it." if self.state == RecordingState.PROCESSING else ""
        near = rendering.relative(self.since)
        at = rendering.local_time(self.since, self.session.time_zone)
        why = self.session.recording_reason or working
        return lines(why or f"Since {at}", why and f"since {at}", near)

    @property
    def watched(self) -> Any:
        if not self.viewers:
            return None
        noun = "student" if self.viewers == 1 else "students"
        url = flask.url_for("admin.class_views", class_id=self.session.id)
        return Link(str(self.viewers), url, f"{noun}, {self.session.title}")

    @property
    def sync(self) -> Press | None:
        if self.session.zoom_meeting_id is None or self.state == RecordingState.AVAILABLE:
            return None
        url, title = flask.url_for("admin.recording_sync"), self.session.title
        return Press("Sync now", url, "session_id", self.session.id, f"Sync now: {title}")


def _classes() -> Select[Any]:
    found = select(ClassSession).where(ClassSession.recording_state.is_not(None))
    return found.options(selectinload(ClassSession.instances))


def _rows(sessions: Sequence[ClassSession]) -> list[RecordingRow]:
    files, viewers = file_counts(sessions), viewer_counts(sessions)
    return [
        RecordingRow(
            each,
            each.recording_state or RecordingState.NONE,
            files.get(each.id, 0),
            viewers.get(each.id, 0),
        )
        for each in sessions
    ]


RECORDINGS = ListPage(
    name="recordings",
    heading="Recordings",
    lead="Every class that is over, and what became of its recording. Zoom is asked every hour.",
    caption="Recordings of classes",
    noun=("class", "classes"),
    rows=_classes,
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
        Column("Class", lambda it: it.title, ClassSession.starts_at),
        Column("Cohort", lambda it: it.session.cohort.name, on_page=False),
        Column("Recording", lambda it: Chip("recording", it.state), on_phone=True),
        Column("Why, and since when", lambda it: it.why),
        Column("Files", lambda it: Figure(it.files), end=True),
        Column("Watched by", lambda it: it.watched, end=True, on_phone=True),
        Column("Ask Zoom", lambda it: it.sync, fit=True, is_hidden_label=True, in_file=False),
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
