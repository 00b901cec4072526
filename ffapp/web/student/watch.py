"""A student's recordings: found through enrolment, played through us, read where written down."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import flask
from sqlalchemy import Select

from ffapp.classes.models import ClassSession
from ffapp.classes.permissions import CLASSES
from ffapp.core import clock
from ffapp.core.db import transaction
from ffapp.core.i18n import lazy_gettext as _
from ffapp.people.models import Person
from ffapp.recordings import library
from ffapp.recordings.library import Part
from ffapp.recordings.permissions import RECORDINGS
from ffapp.recordings.views import record_view
from ffapp.web import auth, recording_words
from ffapp.web.auth import student
from ffapp.web.kit.cells import When
from ffapp.web.kit.filters import Asked, Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.visits import is_deliberate
from ffapp.web.recording_words import kind_of

Found = tuple[ClassSession, list[dict[str, Any]]]  # a class, and its parts as templates read them


class Library:
    """What one student can watch, and what there is to choose from."""

    def __init__(self, person: Person) -> None:
        self.person = person

    @property
    def classes(self) -> Select[Any]:
        return library.classes(self.person)

    @cached_property
    def choices(self) -> Sequence[tuple[int, str, int, str]]:
        return library.choices(self.person)


def _cohorts(asked: Asked) -> list[tuple[int, str]]:
    found = {cohort_id: name for cohort_id, name, *_ in asked.of[0].choices}
    return list(found.items()) if len(found) > 1 else []


def _titles(asked: Asked) -> list[tuple[int, str]]:
    """The classes of the cohort that is chosen."""
    choices = asked.of[0].choices
    found = [(each, title) for of, _, each, title in choices if asked["cohort"] in (None, of)]
    return found if len(found) > 1 or asked["cohort"] else []


LIBRARY = ListPage(
    name="library",
    heading=_("Recordings"),
    noun=(_("class"), _("classes")),
    rows=lambda own: own.classes,
    load=lambda sessions, own: _shown(sessions),
    key=ClassSession.id,
    order="-starts",
    per_page=10,
    filters=Filters(
        (
            Choice(
                "cohort",
                _("Cohort"),
                _cohorts,
                ClassSession.cohort_id,
                every=_("All cohorts"),
                is_dependent=True,
            ),
            Choice(
                "class",
                _("Class"),
                _titles,
                ClassSession.id,
                every=_("All classes"),
                is_dependent=True,
            ),
        ),
        Search(_("Title or words said"), condition=library.mentions),
    ),
    columns=(
        Column("Starts", lambda it: When(it[0].starts_at, it[0].time_zone), ClassSession.starts_at),
    ),
    empty=(
        _("No recording yet"),
        _("After a class its recording appears here, and you get one e-mail about it."),
    ),
    no_match=_("Nothing matches"),
    item_template="student/_library_item.html",
    has_file=False,
    has_views=False,
    template="student/recordings.html",
)


@student.get("/recordings")
def recording_index() -> flask.typing.ResponseReturnValue:
    return LIBRARY.respond(Library(auth.me()))


@student.get("/recordings/classes/<int:class_id>")
def recordings_of_class(class_id: int) -> flask.typing.ResponseReturnValue:
    session = get_or_404(CLASSES, class_id)
    ((_, parts),) = _shown([session])
    return page(
        "student/recording.html",
        session=session,
        parts=parts,
        why_none=recording_words.why_not(session, clock.now()),
    )


@student.get("/recordings/<int:recording_id>/play")
def play(recording_id: int) -> flask.typing.ResponseReturnValue:
    """Write down the view and go to Zoom; the address is never printed in a page."""
    recording = get_or_404(RECORDINGS, recording_id)
    if not recording.is_video:
        flask.abort(404)
    if not is_deliberate():
        url = flask.url_for("student.recordings_of_class", class_id=recording.session_id)
        return flask.redirect(url, 302)
    return flask.redirect(transaction(record_view, recording, auth.me()), 302)


@student.get("/recordings/<int:recording_id>/transcript")
def transcript(recording_id: int) -> flask.typing.ResponseReturnValue:
    """What was said, to read: for those who may watch it."""
    found = library.transcript_of(auth.me(), recording_id)
    if found is None:
        flask.abort(404)
    session = found.recording.session
    return page("student/transcript.html", session=session, lines=found.lines)


def _shown(sessions: Sequence[ClassSession]) -> list[Found]:
    """Each class with its parts as the templates read them; two queries for all of them."""
    found = [(session, library.parts(session)) for session in sessions]
    every = [part for _, parts in found for part in parts]
    watched = library.watched(auth.me(), [video.id for part in every for video in part.videos])
    readable = library.readable([part.transcript_id for part in every if part.transcript_id])
    return [
        (session, [_part(session, each, len(parts), watched, readable) for each in parts])
        for session, parts in found
    ]


def _part(
    session: ClassSession,
    part: Part,
    count: int,
    watched: dict[int, datetime],
    readable: set[int],
) -> dict[str, Any]:
    return {
        "starts_at": part.starts_at,
        "is_only": count == 1,
        "duration": part.duration,
        "passcode": next((each.passcode for each in part.videos if each.passcode), None),
        # What a video shows is said only where there are several of the same stretch.
        "videos": [
            (
                each,
                kind_of(each) if len(part.videos) > 1 else None,
                clock.spell_day(watched[each.id], session.time_zone)
                if each.id in watched
                else None,
            )
            for each in part.videos
        ],
        "transcript_id": part.transcript_id if part.transcript_id in readable else None,
    }
