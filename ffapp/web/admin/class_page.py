"""The page of one class: its meeting, its students, its recordings, its notices, its history."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import flask

from ffapp import clock
from ffapp.classes import live, start, zoom_state
from ffapp.classes.live import Phase
from ffapp.classes.models import ClassSession, RecordingState
from ffapp.classes.roster import Seat, roster
from ffapp.classes.zoom_state import Standing
from ffapp.db import transaction
from ffapp.events import history
from ffapp.ledger import decide
from ffapp.ledger.decide import CannotDecide
from ffapp.ledger.models import Effect
from ffapp.web import guard, htmx
from ffapp.web.admin.class_notices import Line, notices_of
from ffapp.web.admin.classes import class_or_404
from ffapp.web.admin.door import admin
from ffapp.web.admin.recording_card import RecordingCard
from ffapp.web.admin.sentences import timeline
from ffapp.web.once import new_key
from ffapp.web.page import page, see

FRAGMENTS = (
    "phase_chip",
    "zoom_card",
    "roster_card",
    "recordings_card",
    "notices_card",
    "timeline_card",
)
MOVING_SECONDS, NEAR_SECONDS, SLOW_SECONDS, PROCESSING_SECONDS = 2, 5, 10, 20
NEAR = timedelta(hours=1)
EVENTS_SHOWN = 40


class ClassPage:
    """What the page shows. Each part is looked up when it is drawn, so a fragment costs its own."""

    def __init__(self, session: ClassSession) -> None:
        self.session = session
        self.now = clock.now()

    @cached_property
    def url(self) -> str:
        return address(self.session)

    @cached_property
    def phase(self) -> Phase:
        return live.phase_of(self.session, self.now)

    @cached_property
    def live_since(self) -> datetime | None:
        instance = live.live_instance(self.session)
        return instance.started_at if instance else None

    @cached_property
    def zoom(self) -> Standing:
        return zoom_state.standing_of(self.session)

    @cached_property
    def can_retry(self) -> bool:
        effect = self.zoom.effect
        return effect is not None and zoom_state.can_retry(self.session, effect, self.now)

    @property
    def meeting_id_words(self) -> str:
        """`936 1234 5678`, as Zoom writes it."""
        digits = str(self.session.zoom_meeting_id or "")
        return f"{digits[:3]} {digits[3:-4]} {digits[-4:]}"

    @property
    def submission(self) -> str:
        """The one-time key of a button on the page."""
        return new_key()

    @cached_property
    def can_start(self) -> bool:
        return start.can_start(self.session, self.now)

    @cached_property
    def is_over(self) -> bool:
        return self.phase is Phase.ENDED or self.session.is_cancelled

    @cached_property
    def roster(self) -> Sequence[Seat]:
        return roster(self.session)

    @cached_property
    def recordings(self) -> RecordingCard:
        return RecordingCard(self.session, self.now)

    @cached_property
    def notices(self) -> Sequence[Line]:
        return notices_of(self.session)

    @cached_property
    def timeline(self) -> Sequence[Any]:
        return timeline(history(self.session)[:EVENTS_SHOWN], self.session.time_zone)

    @cached_property
    def is_near(self) -> bool:
        """Whether things happen by themselves now: shortly before it until shortly after it."""
        if self.session.is_cancelled:
            return False
        begins, ends = self.session.starts_at - NEAR, live.ended_at(self.session) + NEAR / 4
        return self.phase is Phase.LIVE or begins <= self.now < ends

    @property
    def zoom_seconds(self) -> int | None:
        """In how many seconds the Zoom card asks again; None when it need not."""
        if self.zoom.is_moving:
            return MOVING_SECONDS
        return NEAR_SECONDS if self.is_near else None

    @property
    def phase_seconds(self) -> int | None:
        """The same of the chip that says whether it is live."""
        return NEAR_SECONDS if self.is_near else None

    @property
    def slow_seconds(self) -> int | None:
        """The same of the roster, the notices and the history."""
        return SLOW_SECONDS if self.is_near or self.zoom.is_moving else None

    @property
    def recordings_seconds(self) -> int | None:
        """The same of the recordings."""
        if self.recordings.is_syncing:
            return MOVING_SECONDS
        if self.is_near:
            return NEAR_SECONDS
        processing = self.recordings.state is RecordingState.PROCESSING
        return PROCESSING_SECONDS if processing else None


@admin.get("/classes/<int:class_id>")
def class_show(class_id: int) -> flask.typing.ResponseReturnValue:
    return show(class_or_404(class_id))


@admin.post("/classes/<int:class_id>/tries")
def class_retry(class_id: int) -> flask.typing.ResponseReturnValue:
    """Let Zoom be asked again for what it refused."""
    session = class_or_404(class_id)
    effect = _refused(session)
    # Where somebody was quicker, it is under way already: the page shows how far.
    if effect is not None:
        with suppress(CannotDecide):
            transaction(decide.retry, effect, guard.me())
    return show(session) if htmx.wanted_fragment() else see(address(session))


def show(session: ClassSession) -> flask.Response:
    """The page, or the part of it that asks for itself."""
    shown = ClassPage(session)
    return page("admin/classes/show.html", fragments=FRAGMENTS, this=shown, session=session)


def _refused(session: ClassSession) -> Effect | None:
    """The effect of the button: the meeting's own, or the removal of a second meeting."""
    standing = zoom_state.standing_of(session)
    asked = flask.request.form.get("effect", "")
    found = [each for each in (standing.effect, standing.stray) if each and str(each.id) == asked]
    return found[0] if found else None


def address(session: ClassSession) -> str:
    return flask.url_for("admin.class_show", class_id=session.id)
