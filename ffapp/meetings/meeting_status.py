"""Where a class's meeting stands: what Zoom has, and what the ledger is doing about it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.ledger.models import Effect, State
from ffapp.meetings.meeting_requests import KINDS


class MeetingState(StrEnum):
    """The one word for a class's meeting."""

    NONE = "none"
    MAKING = "making"
    READY = "ready"
    CHANGING = "changing"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    DELETING = "deleting"
    DELETED = "deleted"
    GONE = "gone"  # deleted inside Zoom, and not by us


DOING = {
    "zoom.create": MeetingState.MAKING,
    "zoom.update": MeetingState.CHANGING,
    "zoom.delete": MeetingState.DELETING,
}
MOVING = frozenset({*DOING.values(), MeetingState.UNCERTAIN})
OPEN = (State.PLANNED, State.SENDING, State.UNCERTAIN)
DECIDED = (State.SENT, State.FAILED)


@dataclass(frozen=True)
class MeetingStatus:
    """The state, and the effect that explains it: under way, failed, or of unknown fate.

    `stray` is the removal of a second meeting (made by an attempt that came late) that failed.
    """

    state: MeetingState
    effect: Effect | None = None
    stray: Effect | None = None

    @property
    def is_moving(self) -> bool:
        """Whether it will change without anybody's help."""
        return self.state in MOVING

    @property
    def reason(self) -> str | None:
        return self.effect.reason if self.effect else None


def meeting_statuses(sessions: Sequence[ClassSession]) -> dict[int, MeetingStatus]:
    """Class id → where its meeting stands; one query for all of them."""
    found: dict[str, list[Effect]] = defaultdict(list)
    for effect in db.session.scalars(
        select(Effect)
        .where(
            Effect.subject.in_([each.subject for each in sessions]),
            Effect.kind.in_(KINDS),
            Effect.state.in_([*OPEN, *DECIDED]),
        )
        .order_by(Effect.id)
    ):
        found[effect.subject].append(effect)
    return {each.id: _standing(each, found[each.subject]) for each in sessions}


def meeting_status_of(session: ClassSession) -> MeetingStatus:
    """Where the meeting of one class stands."""
    return meeting_statuses([session])[session.id]


def can_retry(session: ClassSession, effect: Effect, now: datetime) -> bool:
    """Whether another try could help: a class that is over needs no meeting any more."""
    return effect.state == State.FAILED and (effect.kind == "zoom.delete" or session.ends_at > now)


def host_is_settled(session: ClassSession, standing: MeetingStatus) -> bool:
    """Whether a meeting exists, or may come to exist, at the host whom the class has now."""
    asked = standing.effect is not None and standing.effect.state in (
        State.SENDING,
        State.UNCERTAIN,
    )
    return session.has_meeting or asked


def _standing(session: ClassSession, effects: Sequence[Effect]) -> MeetingStatus:
    own = [each for each in effects if "meeting_id" not in each.payload]
    stray = next((each for each in effects if each not in own and each.state == State.FAILED), None)
    # One is in flight at a time, the others wait behind it in the order of their ids.
    opened = [each for each in own if each.state in OPEN]
    if opened:
        first = min(opened, key=lambda each: (each.state == State.PLANNED, each.id))
        unknown = first.state == State.UNCERTAIN
        return MeetingStatus(MeetingState.UNCERTAIN if unknown else DOING[first.kind], first, stray)
    last = own[-1] if own else None
    gone = session.zoom_gone_at is not None and not session.is_cancelled
    if gone and not (last and last.kind == "zoom.create" and last.state == State.FAILED):
        return MeetingStatus(MeetingState.GONE, None, stray)
    if last is not None and last.state == State.FAILED and _still_matters(session, last):
        return MeetingStatus(MeetingState.FAILED, last, stray)
    if last is not None and last.kind == "zoom.delete" and last.state == State.SENT:
        return MeetingStatus(MeetingState.DELETED, last, stray)
    if session.zoom_gone_at is not None:
        return MeetingStatus(MeetingState.DELETED, None, stray)
    return MeetingStatus(
        MeetingState.READY if session.zoom_meeting_id else MeetingState.NONE, None, stray
    )


def _still_matters(session: ClassSession, failed: Effect) -> bool:
    if failed.kind == "zoom.delete":
        return session.is_cancelled and session.zoom_join_url is not None
    if session.is_cancelled:
        return False
    if failed.kind == "zoom.create":
        return not session.has_meeting
    return session.zoom_revision != session.revision
