"""What the tests of changes inside Zoom do there by hand, and what they look at afterwards."""

from typing import Any

from sqlalchemy import func, select

from ffapp.classes.models import ClassSession
from ffapp.classes.schedule import Plan
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger.models import Effect
from ffapp.meetings.zoom_changes import topic_of
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import meetings, state


def change_inside(session: ClassSession, **asked: Any) -> None:
    """A host changes the meeting on Zoom's own pages; Zoom posts it."""
    found = state.meeting(session.zoom_meeting_id or 0)
    assert found is not None
    if "start_time" in asked:
        asked["start_time"] = wire.instant(asked["start_time"])
    assert meetings.change_meeting(found, asked), "nothing was different"


def delete_inside(session: ClassSession) -> None:
    found = state.meeting(session.zoom_meeting_id or 0)
    assert found is not None
    meetings.delete_meeting(found)


def plan_of(session: ClassSession, **changes: Any) -> Plan:
    facts = {
        "title": session.title,
        "description": session.description,
        "starts_at": session.starts_at,
        "duration_minutes": session.duration_minutes,
        "host_email": session.zoom_host_email,
    }
    return Plan(**{**facts, **changes})


def told_to_zoom(act: str = "meeting.update", status: int | None = None) -> int:
    """How many calls of that kind the simulated Zoom has had; with that answer, if one is given."""
    with store.open_store().connect() as connection:
        journal = store.journal.c
        query = select(func.count()).where(journal.provider == "zoom", journal.act == act)
        if status is not None:
            query = query.where(journal.status == status)
        return int(connection.scalar(query) or 0)


def effects(session: ClassSession, kind: str) -> list[Effect]:
    db.session.rollback()
    query = select(Effect).where(Effect.subject == session.subject, Effect.kind == kind)
    return list(db.session.scalars(query.order_by(Effect.id)))


def events(session: ClassSession, *names: str) -> list[Event]:
    db.session.rollback()
    query = select(Event).where(
        Event.subject_type == "sessions", Event.subject_id == session.id, Event.name.in_(names)
    )
    return list(db.session.scalars(query.order_by(Event.id)))


def says(session: ClassSession) -> tuple[str, str, int]:
    """Topic, start and length as the class says them."""
    db.session.rollback()
    db.session.refresh(session)
    return topic_of(session), wire.instant(session.starts_at), session.duration_minutes


def zoom_says(session: ClassSession) -> tuple[str, str, int]:
    """The same as Zoom has them."""
    found = state.meeting(session.zoom_meeting_id or 0)
    assert found is not None
    return found["topic"], found["start_time"], found["duration"]
