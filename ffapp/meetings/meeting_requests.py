"""Plan the effects of a class's Zoom meeting, and say when they have become obsolete."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from ffapp.classes.models import ClassSession, lock_classes
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger import admin_actions
from ffapp.ledger.models import Effect, State
from ffapp.ledger.plan import plan
from ffapp.meetings.meeting_status import DELETED_INSIDE, store_state
from ffapp.people.models import Person

RULE = "zoom_meeting"


def request_meeting(session: ClassSession, cause: Event) -> None:
    """Request that the class has a meeting; requesting it again changes nothing."""
    _plan("zoom.create", session, cause)


def request_recreation(session: ClassSession, cause: Event) -> None:
    """Request a meeting in place of one that was deleted inside Zoom."""
    _plan("zoom.create", session, cause, f":event={cause.id}")


def request_change(session: ClassSession, cause: Event, by: Person) -> None:
    """Request that Zoom learns what has changed. A create that had failed is tried again.

    A meeting that was deleted inside Zoom cannot be changed; another one is made only when
    somebody requests it, and then gets everything.
    """
    if not session.has_meeting:
        request_meeting(session, cause)
        create = effect_of(session, "zoom.create")
        if create is not None and create.state == State.FAILED:
            admin_actions.retry(create, by)
    if session.zoom_gone_at is None:
        request_update(session, cause)


def request_update(session: ClassSession, cause: Event) -> None:
    """Request that Zoom learns what the class is like now."""
    _plan("zoom.update", session, cause, f":event={cause.id}", supersedes=["zoom.update"])


def request_deletion(session: ClassSession, cause: Event) -> None:
    """Request that nothing is left at Zoom. A create that is uncertain is waited for."""
    _plan("zoom.delete", session, cause, supersedes=["zoom.create", "zoom.update"])


def request_stray_removal(
    session: ClassSession, meeting_id: int, cause_event_id: int | None
) -> None:
    """Request that a second meeting of the class, made by a late attempt, is deleted."""
    cause = db.session.get(Event, cause_event_id) if cause_event_id else None
    _plan("zoom.delete", session, cause, f":meeting={meeting_id}", meeting_id=meeting_id)


def effect_of(session: ClassSession, kind: str) -> Effect | None:
    """The newest effect of that kind for the class."""
    return db.session.scalar(
        select(Effect)
        .where(Effect.subject == session.subject, Effect.kind == kind)
        .order_by(Effect.id.desc())
        .limit(1)
    )


def why_obsolete(effects: Sequence[Effect]) -> dict[int, str]:
    """The ledger's question before it acts: which of these would be pointless now."""
    sessions = sessions_of(effects)
    answers = {effect.id: _why_not(effect, sessions[effect.id]) for effect in effects}
    return {effect_id: reason for effect_id, reason in answers.items() if reason}


def sessions_of(effects: Sequence[Effect]) -> dict[int, ClassSession]:
    """Effect id → its class, locked, since what happens to the meeting is written on it."""
    ids = {effect.payload["class_id"] for effect in effects}
    found = {session.id: session for session in lock_classes(ClassSession.id.in_(ids))}
    return {effect.id: found[effect.payload["class_id"]] for effect in effects}


def _why_not(effect: Effect, session: ClassSession) -> str | None:
    if effect.kind == "zoom.delete":
        none = session.zoom_meeting_id is None and "meeting_id" not in effect.payload
        return "There was no meeting to delete." if none else None
    if session.is_cancelled:
        return "The class was cancelled."
    if session.ends_at <= clock.now():
        return "The class is over."
    if effect.kind == "zoom.create":
        return "The class has its meeting already." if session.has_meeting else None
    if session.zoom_gone_at is not None:
        return DELETED_INSIDE
    if not session.has_meeting:
        return "There is no meeting to change."
    if session.zoom_revision == session.revision:
        return "Zoom knows this already."
    return None


def _plan(
    kind: str,
    session: ClassSession,
    cause: Event | None,
    which: str = "",
    *,
    supersedes: Sequence[str] = (),
    **facts: Any,
) -> None:
    plan(
        f"{kind}:{session.subject}{which}",
        kind=kind,
        purpose="classes",
        subject=session.subject,
        rule=RULE,
        cause=cause,
        payload={"class_id": session.id, **facts},
        serial=f"zoom:{session.subject}",
        supersedes=supersedes,
    )
    store_state(session)
