"""Which classes have a meeting that needs a person: `zoom_state`, asked of all at once."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased

from ffapp.classes.models import ClassSession, RecordingState
from ffapp.ledger.models import Effect, State
from ffapp.meetings.meeting_requests import KINDS
from ffapp.meetings.meeting_status import DECIDED, OPEN


def has_problem(now: datetime) -> ColumnElement[bool]:
    """Zoom refused in a way that still matters, nobody knows, or a second meeting is left over."""
    return or_(is_deleted(now), _has_trouble(now))


def is_deleted(now: datetime) -> ColumnElement[bool]:
    """The meeting was deleted inside Zoom, and the class is still to come."""
    return and_(
        ClassSession.zoom_gone_at.is_not(None),
        ClassSession.cancelled_at.is_(None),
        ClassSession.ends_at > now,
    )


def _has_trouble(now: datetime) -> ColumnElement[bool]:
    failed = Effect.state == State.FAILED
    stray = _is_stray(Effect)
    return exists().where(
        Effect.subject == func.concat("class=", ClassSession.id),
        Effect.kind.in_(KINDS),
        or_(
            and_(Effect.state == State.UNCERTAIN, ~stray),
            and_(failed, stray),
            and_(failed, ~_is_overtaken(), _matters(now)),
        ),
    )


def _matters(now: datetime) -> ColumnElement[bool]:
    """What failed would still be of use; a class that is over needs no meeting any more."""
    ends = ClassSession.ends_at
    ahead = and_(ClassSession.cancelled_at.is_(None), ends > now)
    without_meeting = or_(
        ClassSession.zoom_meeting_id.is_(None), ClassSession.zoom_gone_at.is_not(None)
    )
    unknown_to_zoom = ClassSession.zoom_revision.is_distinct_from(ClassSession.revision)
    return or_(
        and_(Effect.kind == "zoom.create", ahead, without_meeting),
        and_(Effect.kind == "zoom.update", ahead, unknown_to_zoom),
        and_(
            Effect.kind == "zoom.delete",
            ClassSession.cancelled_at.is_not(None),
            ClassSession.zoom_join_url.is_not(None),
        ),
    )


def _is_overtaken() -> ColumnElement[bool]:
    """Something newer was decided, or something is under way."""
    other = aliased(Effect)
    return exists().where(
        other.subject == Effect.subject,
        other.kind.in_(KINDS),
        other.state.in_([*OPEN, *DECIDED]),
        ~_is_stray(other),
        or_(other.id > Effect.id, other.state.in_(OPEN)),
    )


def _is_stray(effect: type[Effect]) -> ColumnElement[bool]:
    return effect.payload.has_key("meeting_id")


def needs_attention(now: datetime) -> ColumnElement[bool]:
    """The meeting was refused or nobody knows its fate, or the recording could not be asked for."""
    return or_(has_problem(now), ClassSession.recording_state == RecordingState.FAILED.value)
