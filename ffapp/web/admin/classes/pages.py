"""The page of one class: its meeting, its students, its recordings, its notices, its history."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import flask
from sqlalchemy import select

from ffapp.attendance import unmatched_participants
from ffapp.attendance.roster import Line as RosterLine
from ffapp.attendance.roster import Roster
from ffapp.classes import phase as live
from ffapp.classes.meeting_window import AFTER
from ffapp.classes.models import ClassSession, MeetingInstance, RecordingState
from ffapp.classes.phase import Phase
from ffapp.core import clock
from ffapp.core.db import transaction
from ffapp.ledger import admin_actions
from ffapp.ledger.admin_actions import ActionNotPossible
from ffapp.ledger.models import Effect
from ffapp.meetings import entry, meeting_lifecycle, meeting_refresh, meeting_status, personal_links
from ffapp.meetings.meeting_status import MeetingStatus
from ffapp.meetings.personal_links import Links
from ffapp.recordings.files import VISIBILITY
from ffapp.web import auth
from ffapp.web.admin.classes.notices import Line, notices_of
from ffapp.web.admin.recordings.list import RecordingCard
from ffapp.web.auth import admin
from ffapp.web.kit.idempotency import new_key
from ffapp.web.kit.page import page, see, wanted_fragment
from ffapp.web.kit.queries import get_or_404, one_or_404
from ffapp.web.kit.timeline import newest_events, timeline
from ffapp.web.kit.undo import Undoable, undoable

ROSTER_SHOWN = 50  # the others stand on the page of its attendance
MOVING_SECONDS, NEAR_SECONDS, SLOW_SECONDS, PROCESSING_SECONDS = 2, 5, 10, 20
NEAR = timedelta(hours=1)
FRAGMENTS = (
    "phase_chip",
    "zoom_card",
    "roster_card",
    "recordings_card",
    "notices_card",
    "timeline_card",
)


@admin.get("/classes/<int:class_id>")
def class_show(class_id: int) -> flask.typing.ResponseReturnValue:
    return show(get_or_404(ClassSession, class_id))


@admin.post("/classes/<int:class_id>/tries")
def class_retry(class_id: int) -> flask.typing.ResponseReturnValue:
    """Let Zoom be asked again for what it refused."""
    session = get_or_404(ClassSession, class_id)
    effect = _refused(session)
    # Where somebody was quicker, it is under way already: the page shows how far.
    if effect is not None:
        with suppress(ActionNotPossible):
            transaction(admin_actions.retry, effect, auth.me())
    return answer(session)


@admin.post("/classes/<int:class_id>/links")
def class_relink(class_id: int) -> flask.typing.ResponseReturnValue:
    """Let Zoom be asked again for every personal link that it refused."""
    session = get_or_404(ClassSession, class_id)
    transaction(personal_links.retry_links, session, auth.me())
    return answer(session)


@admin.post("/classes/<int:class_id>/meetings")
def class_meeting(class_id: int) -> flask.typing.ResponseReturnValue:
    """Another meeting in place of one that was deleted inside Zoom; asking twice makes one."""
    session = get_or_404(ClassSession, class_id)
    requested = transaction(meeting_lifecycle.recreate_meeting, session, auth.me())
    if not requested and not wanted_fragment():
        flask.flash("A new meeting is under way already, or none is needed any more.", "warn")
    return answer(session)


@admin.post("/classes/<int:class_id>/readings")
def class_reread(class_id: int) -> flask.typing.ResponseReturnValue:
    """Have Zoom asked again what the meeting is like; it may have been changed there."""
    session = get_or_404(ClassSession, class_id)
    if session.has_meeting:
        transaction(meeting_refresh.request_refresh, session)
        flask.flash("Zoom is being asked")
    return answer(session)


@admin.post("/classes/<int:class_id>/instances/<int:instance_id>")
def class_instance(class_id: int, instance_id: int) -> flask.typing.ResponseReturnValue:
    """Say whether one time that the meeting was held was the class; twice is once."""
    asked = select(MeetingInstance).filter_by(id=instance_id, session_id=class_id)
    instance = one_or_404(asked)
    was_class = {"1": True, "0": False}.get(flask.request.form.get("was_class", ""))
    if was_class is None:
        flask.abort(400)
    transaction(live.say_was_class, instance, was_class, auth.me())
    if not wanted_fragment():
        flask.flash("It counts as the class" if was_class else "It is kept apart from the class")
    return answer(instance.session)


def answer(session: ClassSession) -> flask.Response:
    """After a button: the part of the page that asks for itself, or where it was pressed."""
    if wanted_fragment():
        return show(session)
    return see(auth.back_or(flask.url_for("admin.class_show", class_id=session.id)))


def show(session: ClassSession) -> flask.Response:
    """The page, or the part of it that asks for itself."""
    shown = ClassPage(session)
    return page("admin/classes/show.html", fragments=FRAGMENTS, this=shown, session=session)


def _refused(session: ClassSession) -> Effect | None:
    """The effect of the button: the meeting's own, or the removal of a second meeting."""
    status = meeting_status.meeting_status_of(session)
    effect = status.effect or status.stray
    is_it = effect is not None and str(effect.id) == flask.request.form.get("effect", "")
    return effect if is_it else None


class ClassPage:
    """What the page shows. Each part is looked up when it is drawn, so a fragment costs its own."""

    def __init__(self, session: ClassSession) -> None:
        self.session = session
        self.now = clock.now()

    @cached_property
    def url(self) -> str:
        return flask.url_for("admin.class_show", class_id=self.session.id)

    @cached_property
    def all_undoable(self) -> Sequence[Undoable]:
        return undoable(subject=self.session.subject)

    @property
    def undoable(self) -> Sequence[Undoable]:
        """What can be undone of the class itself; of a recording it stands on its card."""
        return [each for each in self.all_undoable if each.batch.kind != VISIBILITY]

    @property
    def undoable_recordings(self) -> Sequence[Undoable]:
        return [each for each in self.all_undoable if each.batch.kind == VISIBILITY]

    @cached_property
    def phase(self) -> Phase:
        return live.phase_of(self.session, self.now)

    @cached_property
    def live_since(self) -> datetime | None:
        return self.session.started_at if self.session.is_live else None

    @cached_property
    def zoom(self) -> MeetingStatus:
        return meeting_status.meeting_status_of(self.session)

    @cached_property
    def can_retry(self) -> bool:
        effect = self.zoom.effect
        return effect is not None and meeting_status.can_retry(self.session, effect, self.now)

    @cached_property
    def can_have_another(self) -> bool:
        """Whether a new meeting may be made in place of one that was deleted inside Zoom."""
        return meeting_lifecycle.can_recreate_meeting(self.session, self.now)

    @property
    def submission(self) -> str:
        """The one-time key of a button on the page."""
        return new_key()

    @cached_property
    def can_start(self) -> bool:
        return entry.can_start(self.session, self.now)

    @property
    def goes_on_until(self) -> datetime | None:
        """Until when a meeting that is started again goes on with the class."""
        return self.session.ended_at and self.session.ended_at + AFTER

    @cached_property
    def judged_instances(self) -> Sequence[MeetingInstance]:
        """The times that the meeting was held and that are not simply the class."""
        held = self.session.instances
        return [each for each in held if not each.is_counted or each.was_class is not None]

    @cached_property
    def is_over(self) -> bool:
        return self.phase is Phase.ENDED or self.session.is_cancelled

    @cached_property
    def roster(self) -> Roster:
        return Roster(self.session, self.now)

    @property
    def roster_shown(self) -> Sequence[RosterLine]:
        return self.roster.lines[:ROSTER_SHOWN]

    @cached_property
    def unknowns(self) -> int:
        """How many participants are not matched to a person."""
        return len(unmatched_participants.unmatched_participants(self.session, self.now))

    @cached_property
    def links(self) -> Links:
        return personal_links.links_of(self.session)

    @cached_property
    def recordings(self) -> RecordingCard:
        return RecordingCard(self.session, self.now)

    @cached_property
    def notices(self) -> Sequence[Line]:
        return notices_of(self.session)

    @cached_property
    def timeline(self) -> Sequence[Any]:
        return timeline(newest_events(self.session), self.session.time_zone)

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
        if self.recordings.sync:
            return MOVING_SECONDS
        if self.is_near:
            return NEAR_SECONDS
        processing = self.recordings.state == RecordingState.PROCESSING
        return PROCESSING_SECONDS if processing else None
