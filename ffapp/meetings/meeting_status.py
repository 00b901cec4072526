"""The state of a class's meeting: stored on the class whenever something changes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select

from ffapp.classes.models import ClassSession, RecordingState, lock_classes
from ffapp.core.db import db, is_among
from ffapp.ledger.models import Effect, State

KINDS = ("zoom.create", "zoom.update", "zoom.delete")
DELETED_INSIDE = "The meeting was deleted inside Zoom."


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
DONE = {"zoom.create": "made", "zoom.update": "changed", "zoom.delete": "deleted"}
MOVING = frozenset({*DOING.values(), MeetingState.UNCERTAIN})
OPEN = (State.PLANNED, State.SENDING, State.UNCERTAIN)
DECIDED = (State.SENT, State.FAILED)


@dataclass(frozen=True)
class MeetingStatus:
    """The state, and the effect that explains it: under way, failed, or uncertain.

    `stray` is the failed removal of a second meeting, which a late attempt has made.
    """

    state: MeetingState
    effect: Effect | None = None
    stray: Effect | None = None

    @property
    def is_moving(self) -> bool:
        """Whether it will change without anybody's help."""
        return self.state in MOVING


def meeting_status_of(session: ClassSession) -> MeetingStatus:
    """The status of one class's meeting."""
    state, effect_id = MeetingState(session.meeting_state), session.meeting_effect_id
    effect = db.session.get(Effect, effect_id) if effect_id else None
    if effect is not None and _is_stray(effect):
        return MeetingStatus(state, None, effect)
    return MeetingStatus(state, effect)


def has_problem(now: datetime) -> ColumnElement[bool]:
    """In a query: Zoom refused, it is uncertain, it was deleted there, or a second one is left.

    What matters still: a class that is over needs no meeting, and a cancelled one needs none left.
    """
    matters = or_(ClassSession.ends_at > now, ClassSession.cancelled_at.is_not(None))
    return and_(ClassSession.meeting_problem.is_not(None), matters)


def needs_attention(now: datetime) -> ColumnElement[bool]:
    """The same, or the recording could not be asked for."""
    return or_(has_problem(now), ClassSession.recording_state == RecordingState.FAILED.value)


def can_retry(session: ClassSession, effect: Effect, now: datetime) -> bool:
    """Whether another try could help: a class that is over needs no meeting any more."""
    return effect.state == State.FAILED and (effect.kind == "zoom.delete" or session.ends_at > now)


def host_is_settled(session: ClassSession) -> bool:
    """Whether a meeting exists, or may come to exist, at the host whom the class has now."""
    effect = None if session.has_meeting else meeting_status_of(session).effect
    return session.has_meeting or (
        effect is not None and effect.state in (State.SENDING, State.UNCERTAIN)
    )


def store_states(effect_ids: Sequence[int]) -> None:
    """Store the state of each class that one of these effects is about; the ledger's listener."""
    ids = select(Effect.payload["class_id"].as_integer()).where(
        is_among(Effect.id, effect_ids), Effect.kind.in_(KINDS)
    )
    for session in lock_classes(ClassSession.id.in_(ids)):
        store_state(session)


def store_state(session: ClassSession) -> None:
    """Write the meeting's state, its problem and the effect that explains it on the class."""
    db.session.flush()
    effects = db.session.scalars(
        select(Effect)
        .where(
            Effect.subject == session.subject,
            Effect.kind.in_(KINDS),
            Effect.state.in_([*OPEN, *DECIDED]),
        )
        .order_by(Effect.id)
        .execution_options(populate_existing=True)
    ).all()
    state, effect = _state_of(session, [each for each in effects if not _is_stray(each)])
    problem = _problem(state, effect)
    if problem is None and state not in MOVING:
        stray = next((e for e in effects if _is_stray(e) and e.state == State.FAILED), None)
        if stray is not None:
            effect, problem = stray, f"A second meeting is left at Zoom: {stray.reason}"
    session.meeting_state, session.meeting_problem = state, problem
    session.meeting_effect_id = effect.id if effect else None


def _is_stray(effect: Effect) -> bool:
    """Whether it removes a second meeting; only these name the meeting."""
    return "meeting_id" in effect.payload


def _state_of(
    session: ClassSession, effects: Sequence[Effect]
) -> tuple[MeetingState, Effect | None]:
    # One is in flight at a time, the others wait behind it in the order of their ids.
    opened = [each for each in effects if each.state in OPEN]
    if opened:
        first = min(opened, key=lambda each: (each.state == State.PLANNED, each.id))
        unknown = first.state == State.UNCERTAIN
        return (MeetingState.UNCERTAIN if unknown else DOING[first.kind]), first
    last = effects[-1] if effects else None
    gone = session.zoom_gone_at is not None and not session.is_cancelled
    if gone and not (last and last.kind == "zoom.create" and last.state == State.FAILED):
        return MeetingState.GONE, None
    if last is not None and last.state == State.FAILED and _still_matters(session, last):
        return MeetingState.FAILED, last
    if last is not None and last.kind == "zoom.delete" and last.state == State.SENT:
        return MeetingState.DELETED, last
    if session.zoom_gone_at is not None:
        return MeetingState.DELETED, None
    return (MeetingState.READY if session.zoom_meeting_id else MeetingState.NONE), None


def _still_matters(session: ClassSession, failed: Effect) -> bool:
    if failed.kind == "zoom.delete":
        return session.is_cancelled and session.zoom_join_url is not None
    if session.is_cancelled:
        return False
    if failed.kind == "zoom.create":
        return not session.has_meeting
    return session.zoom_revision != session.revision


def _problem(state: MeetingState, effect: Effect | None) -> str | None:
    if state is MeetingState.GONE:
        return DELETED_INSIDE
    if effect is None or state not in (MeetingState.FAILED, MeetingState.UNCERTAIN):
        return None
    known = state is MeetingState.FAILED
    what = "The meeting could not be" if known else "Nobody knows whether the meeting was"
    why = effect.reason or "no answer has come yet."
    return f"{what} {DONE[effect.kind]}: {why}"
