"""The join card: what a student reads about a class now, and when to ask again."""

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import flask

from ffapp.classes import phase as live
from ffapp.classes.models import ClassSession, RecordingState
from ffapp.classes.phase import Phase
from ffapp.core import clock, config
from ffapp.core.i18n import gettext as _
from ffapp.meetings.entry import can_join
from ffapp.recordings.permissions import watchable
from ffapp.web import recording_words
from ffapp.web.rendering import spaced, span

# What is near is right within 5 s of Zoom's state: this, the way of a webhook, and for a crowd the
# second for which it is answered from memory (`bench/waiting.py`).
NEAR_SECONDS, FAR_SECONDS, LATER_SECONDS = 2, 300, 20
CROWDED_SEATS, NEAR_SECONDS_IN_A_CROWD = 5000, 3.5
SLOW_DOWN = ((4, 4), (2, 2), (0, 1))  # load of a processor → how many times later a crowd asks
# After Zoom has ended a meeting it may be started again for so long.
MAY_GO_ON = timedelta(minutes=15)


OVER = (Phase.ENDED, Phase.CANCELLED)
DRAWN = "ffapp.drawn"  # where in the environ of a request the kind of its card is written


@dataclass(frozen=True)
class Kind:
    """What the card of a class depends on beside the class: all of a kind see the same."""

    has_joined: bool
    time_zone: str | None
    language: str | None
    may_be_recorded: bool


@dataclass(frozen=True)
class Words:
    """The state for the template, its big line, and the sentence below.

    Where a part of the line ticks, that is `count`: a span down to `counts_to`, or up from it.
    """

    state: str
    headline: str
    detail: str | None = None
    count: str | None = None
    counts_to: datetime | None = None
    count_mode: str | None = None


def join_card(session: ClassSession, kind: Kind) -> dict[str, Any]:
    """Everything that the template's `join_card` macro reads, and the `version` of it all."""
    card = _card(session, kind)
    passing = {"server_now", "headline", "count"} if card["count_mode"] else {"server_now"}
    steady = sorted((name, value) for name, value in card.items() if name not in passing)
    version = f"{zlib.crc32(repr(steady).encode()):08x}"
    poll_url = flask.url_for("student.card", class_id=session.id, seen=version)
    return {**card, "version": version, "poll_url": poll_url}


def _card(session: ClassSession, kind: Kind) -> dict[str, Any]:
    now = clock.now()
    phase = live.phase_of(session, now)
    words = WORDS[phase](session, now)
    joinable = can_join(session)
    if phase in (Phase.OPEN, Phase.LIVE, Phase.NOT_STARTED) and not session.zoom_join_url:
        words = _not_ready()
    if phase is Phase.LIVE and kind.has_joined and joinable:
        words = replace(words, state="dropped")
    videos = phase is Phase.ENDED and watchable(session)
    return {
        "kind": kind,
        "dom_id": f"class-{session.id}",
        "title": session.title,
        "cohort": session.cohort.name,
        "state": words.state,
        "headline": words.headline,
        "count": words.count,
        "detail": words.detail,
        "warning": None if kind.may_be_recorded or phase in OVER else _not_recorded(),
        "starts_at": session.starts_at,
        "server_now": now,
        "opens_at": live.opens_at(session),
        "ends_at": session.ends_at,
        "when_text": clock.spell(session.starts_at, session.time_zone),
        "viewer_when_text": _viewer_when(session, kind.time_zone),
        "join_url": flask.url_for("student.join", class_id=session.id) if joinable else None,
        "join_label": _("Rejoin") if kind.has_joined and phase is Phase.LIVE else _("Join Meeting"),
        "watch_url": (
            flask.url_for("student.recordings_of_class", class_id=session.id) if videos else None
        ),
        "passcode": session.zoom_passcode if phase is not Phase.CANCELLED else None,
        "meeting_id_text": spaced(session.zoom_meeting_id) if session.has_meeting else None,
        "ics_url": flask.url_for("student.class_ics", class_id=session.id),
        "help_url": flask.url_for("student.cannot_join", class_id=session.id),
        "poll_seconds": ask_again_seconds(session, phase, now),
        "counts_to": words.counts_to,
        "count_mode": words.count_mode,
    }


def _not_recorded() -> str:
    return _(
        "This class is recorded, and we have no consent to record you: leave your camera and "
        "microphone off."
    )


def _slow_down() -> int:
    """How many times later a crowd asks while this machine has more to do than it can.

    In a few steps, as the page fetches its card anew whenever this changes.
    """
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)  # a minute's mean of those who want to run
    return next(times for above, times in SLOW_DOWN if waiting >= above)


def ask_again_seconds(session: ClassSession, phase: Phase, now: datetime) -> float:
    """When the page should ask again: every few seconds while anything may change."""
    opens_in = (live.opens_at(session) - now).total_seconds()
    crowded = session.cohort.seats > CROWDED_SEATS
    near = NEAR_SECONDS_IN_A_CROWD * _slow_down() if crowded else NEAR_SECONDS
    match phase:
        case Phase.WAITING:
            return near if opens_in < 60 else min(FAR_SECONDS, int(opens_in))
        case Phase.OPEN | Phase.LIVE | Phase.NOT_STARTED:
            return near
        case Phase.ENDED if now < max(live.ended_at(session), session.ends_at) + MAY_GO_ON:
            return near
        case Phase.ENDED if session.recording_state == RecordingState.PROCESSING:
            return LATER_SECONDS
    return FAR_SECONDS


def _waiting(session: ClassSession, now: datetime) -> Words:
    detail = _(
        "The Join button appears here %(before)s, at %(time)s.",
        before=live.describe_opening(),
        time=clock.spell_time(live.opens_at(session), session.time_zone),
    )
    left = span(session.starts_at - now)
    headline = _("Starts in %(span)s", span=left)
    return Words("waiting", headline, detail, left, session.starts_at, "down")


def _open(session: ClassSession, now: datetime) -> Words:
    left = span(session.starts_at - now)
    headline = _("You can join now. Starts in %(span)s", span=left)
    return Words("open", headline, None, left, session.starts_at, "down")


def _live(session: ClassSession, now: datetime) -> Words:
    began = session.started_at or now
    passed = span(max(now - began, timedelta(0)))
    headline = _("Live now, %(span)s in", span=passed)
    return Words("live", headline, None, passed, began, "up")


def _not_started(session: ClassSession, now: datetime) -> Words:
    detail = _("You can join already and wait; this page notices when the class begins.")
    return Words("live_not_started", _("The host has not started yet"), detail)


def _not_ready() -> Words:
    detail = _("Zoom has not given us the link yet. The team knows; the button appears by itself.")
    return Words("not_ready", _("The class link is not ready yet"), detail)


def _ended(session: ClassSession, now: datetime) -> Words:
    if watchable(session):
        return Words("recording_ready", _("Recording ready"))
    if why := recording_words.why_not(session, now):
        return Words("ended", _("Ended"), why)
    if session.started_at is None:
        return Words("ended", _("Ended"), _("Zoom has not told us that anybody started it."))
    ready = live.ended_at(session) + timedelta(minutes=config.current().recording_ready_minutes)
    if ready > now:
        by = clock.spell_time(ready, session.time_zone)
        detail = _("The recording is usually ready by %(time)s.", time=by)
        return Words("ended", _("Ended"), detail)
    detail = _(
        "Zoom has been working on the recording for %(span)s. We write to you when it is there.",
        span=span(now - live.ended_at(session)),
    )
    return Words("ended", _("Ended"), detail)


def _cancelled(session: ClassSession, now: datetime) -> Words:
    return Words("cancelled", recording_words.cancelled(session))


WORDS: dict[Phase, Callable[[ClassSession, datetime], Words]] = {
    Phase.WAITING: _waiting,
    Phase.OPEN: _open,
    Phase.LIVE: _live,
    Phase.NOT_STARTED: _not_started,
    Phase.ENDED: _ended,
    Phase.CANCELLED: _cancelled,
}


def _viewer_when(session: ClassSession, zone: str | None) -> str | None:
    if zone in (None, session.time_zone):
        return None
    return _("%(time)s for you", time=clock.spell(session.starts_at, zone))
