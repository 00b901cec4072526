"""Store who joined and left, as Zoom tells it: twice, late and in any order comes to the same.

There is one row for each join that Zoom numbers. What is told of it again can only complete it: the
earliest join and the latest leave count, and a name that was left out does not erase one.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from ffapp.attendance.matching import match_sessions
from ffapp.attendance.models import ParticipantSession
from ffapp.classes.models import ClassSession
from ffapp.core.db import db
from ffapp.providers.zoom.webhook import WebhookEvent
from ffapp.providers.zoom.wire_people import PastParticipant

WORDS = ("name", "email", "zoom_id", "registrant_id")
EARLIEST = ("joined_at", "listed_joined_at")
LATEST = ("left_at", "listed_left_at")


def record_list(session: ClassSession, uuid: str, told: Iterable[PastParticipant]) -> int:
    """Store Zoom's list of who was in a meeting that has ended; answers how many joins it names.

    Nothing is removed because the list does not name it. The caller holds the class.
    """
    rows = {
        each.user_id: _listed_row(session, uuid, each)
        for each in told
        if each.user_id and each.was_in_meeting and each.join_time
    }
    if rows:
        _write(session, list(rows.values()))
    return len(rows)


def _listed_row(session: ClassSession, uuid: str, told: PastParticipant) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "meeting_uuid": uuid,
        "user_id": told.user_id,
        "name": told.name,
        "email": told.user_email.strip().lower(),
        "zoom_id": told.id,
        "registrant_id": told.registrant_id,
        "listed_joined_at": told.join_time,
        "listed_left_at": told.leave_time,
    }


def _write(session: ClassSession, rows: list[dict[str, Any]]) -> None:
    statement = insert(ParticipantSession).values(rows)
    new, old = statement.excluded, ParticipantSession.__table__.c
    # GREATEST and LEAST pass over what is missing; an empty word is less than any other.
    ids = db.session.scalars(
        statement.on_conflict_do_update(
            index_elements=["meeting_uuid", "user_id"],
            set_={
                **{name: func.greatest(old[name], new[name]) for name in (*WORDS, *LATEST)},
                **{name: func.least(old[name], new[name]) for name in EARLIEST},
            },
        ).returning(ParticipantSession.id)
    ).all()
    written = db.session.scalars(
        select(ParticipantSession)
        .where(ParticipantSession.id.in_(ids))
        .execution_options(populate_existing=True)
    ).all()
    match_sessions(session, written)


def _joined_or_left(session: ClassSession, event: WebhookEvent) -> None:
    """Store a webhook on somebody who joined or left, if it says who, where and when."""
    told = event.participant
    if told is None or not event.uuid or not (told.join_time or told.leave_time):
        return
    user_id = told.user_id or told.participant_uuid
    is_host = bool(event.host_id) and told.id == event.host_id
    row = {
        "session_id": session.id,
        "meeting_uuid": event.uuid,
        "user_id": user_id,
        "name": told.user_name,
        "email": told.email.strip().lower() or (session.zoom_host_email.lower() if is_host else ""),
        "zoom_id": told.id,
        "registrant_id": told.registrant_id,
        "joined_at": told.join_time,
        "left_at": told.leave_time,
    }
    if user_id:
        _write(session, [row])


WEBHOOKS = {
    "meeting.participant_joined": _joined_or_left,
    "meeting.participant_left": _joined_or_left,
}
