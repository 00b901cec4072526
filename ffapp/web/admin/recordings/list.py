"""Recordings: of all classes as a list, on the page of one class, and who watched them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import flask
from sqlalchemy import case, func, select
from sqlalchemy.orm import selectinload

from ffapp.attendance.recording_consent import recorded_without_consent
from ffapp.classes import phase
from ffapp.classes.models import ClassSession, RecordingState
from ffapp.core import config
from ffapp.core.runs import Run, latest, unfinished
from ffapp.people.models import Person
from ffapp.recordings import sync, transcripts
from ffapp.recordings import views as viewers
from ffapp.recordings.files import file_counts, segments
from ffapp.recordings.models import TRANSCRIPT, Recording, Transcript
from ffapp.recordings.permissions import is_watchable_class, seen_by_students, watchable
from ffapp.recordings.views import Viewed, viewed, viewer_counts
from ffapp.web import rendering
from ffapp.web.admin.classes.list import cohort_options
from ffapp.web.auth import admin
from ffapp.web.kit.cells import Chip, Figure, Link, Press, RowLink, When, lines
from ffapp.web.kit.filters import Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.runs import status_of
from ffapp.web.kit.status_badges import states_of
from ffapp.web.recording_words import kind_of

# After so long nobody waits for a sync that was asked for: no worker is running.
WAITING = timedelta(minutes=5)
RUNS_SHOWN = 8
STATES = states_of("recording")
VISIBLE = (("visible", "Visible to students"), ("hidden", "Not visible to students"))


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
    noun=("class", "classes"),
    rows=lambda: (
        select(ClassSession)
        .where(ClassSession.recording_state.is_not(None))
        .options(selectinload(ClassSession.recordings))
    ),
    key=ClassSession.id,
    load=_rows,
    order="-class",
    per_page=25,
    filters=Filters(
        (
            Choice("state", "Recording", STATES, ClassSession.recording_state, style="chips"),
            Choice("cohort", "Cohort", cohort_options, ClassSession.cohort_id, every="All cohorts"),
            Choice(
                "students",
                "Students",
                VISIBLE,
                case((is_watchable_class(), "visible"), else_="hidden"),
                every="Visible or not",
            ),
        ),
        Search("Search in titles", (ClassSession.title,)),
    ),
    columns=(
        Column("Class", _title, ClassSession.starts_at),
        Column("Cohort", lambda it: it[0].cohort.name, on_page=False),
        Column("Recording", lambda it: Chip("recording", it[0].recording_state), on_phone=True),
        Column("Why, and since when", _why),
        Column("Visible to students", lambda it: "Yes" if watchable(it[0]) else "No"),
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


SHOWN = (("watched", "Watched"), ("not-yet", "Not yet"))
EMPTY = {
    "watched": ("Nobody has watched it yet", "Each time a student opens it here is counted."),
    "not-yet": ("Everybody has watched it", "Nobody is left."),
    None: ("Nobody is enrolled", "Students of the cohort appear here."),
}


def _viewer_rows(viewers: Any, session: ClassSession) -> list[tuple[Any, ClassSession, int]]:
    videos = sum(each.file_type == "MP4" and each.is_of_class for each in session.recordings)
    return [(each, session, videos) for each in viewers]


def _name(row: Any) -> Any:
    viewer = row[0]
    url = flask.url_for("admin.person_show", person_id=viewer.id)
    return lines(RowLink(viewer.name, url), "" if viewer.is_enrolled else "Not enrolled any more")


def _files(row: Any) -> Figure:
    viewer, _, videos = row
    return Figure(viewer.files, f" of {videos}" if videos > 1 else "")


VIEWERS = ListPage(
    name="class-views",
    heading="Who watched",
    noun=("student", "students"),
    rows=viewers.viewers,
    key=viewers.PERSON_ID,
    load=_viewer_rows,
    order="-last",
    ties=(func.lower(viewers.NAME),),
    filters=Filters(
        (Choice("show", "Students", SHOWN, viewers.HAS_WATCHED, style="tabs"),),
        Search("Name", (viewers.NAME,)),
    ),
    columns=(
        Column("Student", _name, func.lower(viewers.NAME), name="name"),
        Column("Times", lambda it: Figure(it[0].times), viewers.TIMES, end=True, on_phone=True),
        Column("Files", _files, end=True),
        Column(
            "Last",
            lambda it: When(it[0].last_at, it[1].time_zone) if it[0].last_at else "Not yet",
            viewers.LAST_AT,
        ),
    ),
    empty=lambda asked: EMPTY[asked["show"]],
    template="admin/classes/views.html",
)


@admin.get("/classes/<int:class_id>/views")
def class_views(class_id: int) -> flask.typing.ResponseReturnValue:
    session = get_or_404(ClassSession, class_id)
    return VIEWERS.respond(session, session=session, counts=lambda: viewers.count_watched(session))


@dataclass(frozen=True)
class File:
    """One file, and what is said about it; the timeline and the like are not `playable`.

    `offered`: whether it is of a kind that students are shown; `seen`: whether they can open it.
    """

    recording: Recording
    kind: str
    viewed: Viewed | None
    playable: bool
    transcript: Transcript | None
    offered: bool
    seen: bool


class RecordingCard:
    """The recordings of one class; `sync` is the sync under way that asks about it."""

    def __init__(self, session: ClassSession, now: datetime) -> None:
        self.session = session
        self.state = session.recording_state
        self.reason = session.recording_reason
        self.usual_wait = timedelta(minutes=config.current().recording_ready_minutes)
        self.usually_ready = phase.ended_at(session) + self.usual_wait
        self.is_late = self.usually_ready < now
        self.since = session.recording_since or phase.ended_at(session)
        self.sync: Run | None = unfinished(sync.KIND, session.subject, asked_after=now - WAITING)
        # Whether Zoom has a meeting to be asked about, and it is over or was recorded.
        self.can_sync = session.zoom_meeting_id is not None and self.state is not None

    @cached_property
    def not_agreed(self) -> Sequence[Person]:
        """Who was in the class without consent to being recorded."""
        return recorded_without_consent(self.session)

    @cached_property
    def segments(self) -> Sequence[Sequence[File]]:
        views, texts = viewed(self.session), transcripts.of_class(self.session)
        seen = seen_by_students(self.session)

        def file(each: Recording) -> File:
            text = texts.get(each.id)
            playable = bool(each.play_url) or text is not None
            offered = each.file_type == TRANSCRIPT or (each.file_type == "MP4" and playable)
            return File(
                each, kind_of(each), views.get(each.id), playable, text, offered, each.id in seen
            )

        return [
            [file(each) for each in sorted(part, key=lambda it: (it.file_type != "MP4", it.id))]
            for part in segments(self.session.recordings)
        ]
