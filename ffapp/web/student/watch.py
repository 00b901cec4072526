"""A student's recordings: found through enrolment, played through us, read where written down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import flask

from ffapp.classes import permissions
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.recordings import library
from ffapp.recordings.library import LibraryFilters, Part
from ffapp.recordings.permissions import recording_of
from ffapp.recordings.view_counts import record_view
from ffapp.web import auth
from ffapp.web.kit import htmx, listing
from ffapp.web.kit.page import page
from ffapp.web.recording_kinds import kind_of
from ffapp.web.student import recording_words
from ffapp.web.student.blueprint import student

PER_PAGE = 10

# Cohort id, its name, class id, its title: what there is to choose from.
Choices = Sequence[tuple[int, str, int, str]]


@student.get("/recordings")
def recording_index() -> flask.typing.ResponseReturnValue:
    choices = library.choices(auth.me())
    wanted = _wanted(choices)
    here = listing.page_of(library.count(auth.me(), wanted), PER_PAGE)
    query = library.classes(auth.me(), wanted).limit(here.per_page).offset(here.offset)
    sessions = db.session.scalars(query).all()
    return page(
        "student/recordings.html",
        fragments=("library",),
        classes=_shown(sessions),
        pager=here,
        page_url=listing.page_url,
        wanted=wanted,
        narrowed=bool(wanted.words or wanted.cohort_id or wanted.class_id),
        **_offered(choices, wanted),
        alone=htmx.wanted_fragment() == "library",
    )


@student.get("/recordings/classes/<int:class_id>")
def recordings_of_class(class_id: int) -> flask.typing.ResponseReturnValue:
    session = permissions.class_of(auth.me(), class_id)
    if session is None:
        flask.abort(404)
    ((_, parts),) = _shown([session])
    passcodes = [video.passcode for part in parts for video, *_ in part["videos"]]
    return page(
        "student/recording.html",
        session=session,
        parts=parts,
        passcode=passcodes[0] if passcodes else None,
        why_none=recording_words.why_not(session, clock.now()),
    )


@student.get("/recordings/<int:recording_id>/play")
def play(recording_id: int) -> flask.typing.ResponseReturnValue:
    """Write down the view and go to Zoom; the address is never printed in a page."""
    recording = recording_of(auth.me(), recording_id)
    if recording is None or not recording.is_video:
        flask.abort(404)
    return flask.redirect(transaction(record_view, recording, auth.me()), 302)


@student.get("/recordings/<int:recording_id>/transcript")
def transcript(recording_id: int) -> flask.typing.ResponseReturnValue:
    """What was said, to read: for whoever may watch it."""
    found = library.transcript_of(auth.me(), recording_id)
    if found is None:
        flask.abort(404)
    session = found.recording.session
    return page("student/transcript.html", session=session, lines=found.lines)


def _shown(
    sessions: Sequence[ClassSession],
) -> list[tuple[ClassSession, list[dict[str, Any]]]]:
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
        "duration": max(filter(None, (each.duration for each in part.videos)), default=None),
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


def _wanted(choices: Choices) -> LibraryFilters:
    """What the address asks for. What the filters do not offer would narrow the list unseen: after
    another cohort was chosen, the class of the one before still stands in the address.
    """
    cohort_id, class_id = listing.query_int("cohort"), listing.query_int("class")
    if cohort_id not in {each for each, *_ in choices}:
        cohort_id = None
    if class_id not in {each for each, _ in _titles(choices, cohort_id)}:
        class_id = None
    return LibraryFilters(listing.query_str("q"), cohort_id, class_id)


def _offered(choices: Choices, wanted: LibraryFilters) -> dict[str, Any]:
    """What the filters offer: the cohorts, and the classes of the cohort that is chosen."""
    cohorts = {cohort_id: name for cohort_id, name, _, _ in choices}
    return {"cohorts": list(cohorts.items()), "titles": _titles(choices, wanted.cohort_id)}


def _titles(choices: Choices, cohort_id: int | None) -> list[tuple[int, str]]:
    return [(each, title) for of, _, each, title in choices if cohort_id in (None, of)]
