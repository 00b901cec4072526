"""Who comes to a class and goes, as Zoom tells it; times are minutes after the class's start."""

from datetime import datetime, timedelta
from typing import Any

from ffapp.classes.models import ClassSession
from ffapp.core.db import db, transaction
from ffapp.meetings.models import PersonalLink
from ffapp.meetings.zoom_webhook import handle
from ffapp.people.models import Person
from ffapp.webhooks.models import DeliveryState
from tests import zoom_posts


def begin(session: ClassSession, travel: Any) -> None:
    """The class's time has come, and its host begins."""
    db.session.refresh(session)
    travel.to(session.starts_at)
    deliver(zoom_posts.started(session.zoom_meeting_id, session.starts_at))


def deliver(*bodies: dict[str, Any]) -> None:
    """Handle posts of Zoom, as the job does."""
    for body in bodies:
        handled = transaction(handle, zoom_posts.raw(body))
        assert handled.state == DeliveryState.DONE


def minute(session: ClassSession, number: float) -> datetime:
    return session.starts_at + timedelta(minutes=number)


def registrant(session: ClassSession, person: Person) -> str:
    """Zoom's id for the person in this class."""
    db.session.rollback()
    found = db.session.scalar(
        db.select(PersonalLink.registrant_id).filter_by(session_id=session.id, person_id=person.id)
    )
    assert found, f"{person.name} has no link"
    return found


def came(session: ClassSession, number: float, user: str = "u1", **who: str) -> dict[str, Any]:
    return zoom_posts.joined(session.zoom_meeting_id, minute(session, number), user, **who)


def went(session: ClassSession, number: float, user: str = "u1", **who: str) -> dict[str, Any]:
    return zoom_posts.left(session.zoom_meeting_id, minute(session, number), user, **who)


def over(session: ClassSession, number: float = 60, uuid: str = "firstQ==") -> dict[str, Any]:
    """The meeting, begun with the class, has ended."""
    return zoom_posts.ended(
        session.zoom_meeting_id, session.starts_at, minute(session, number), uuid
    )


def attend(session: ClassSession, person: Person, start: float, end: float) -> None:
    """The person came in by their own link, and went."""
    who = {"registrant_id": registrant(session, person), "name": person.first_name}
    user = f"{person.id}-{start}"
    deliver(came(session, start, user, **who), went(session, end, user, **who))
