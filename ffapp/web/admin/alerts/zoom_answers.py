"""What Zoom was asked about a class and did not tell: who was in it, how its meeting is now."""

from collections.abc import Iterable
from datetime import timedelta

import flask
from sqlalchemy import exists, select

from ffapp.attendance.models import ParticipantCheck
from ffapp.classes import phase
from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.meetings.meeting_refresh import ASK_AGAIN_THOUGH_REFUSED
from ffapp.web.admin.alerts.alert import SHOWN, Alert

# Zoom counts for a while after the end; and what it has not told for so long it never will.
COUNTS_FOR, LOOKS_BACK = timedelta(hours=2), timedelta(days=7)


def alerts() -> Iterable[Alert]:
    yield from _uncounted()
    yield from _unread()


def _uncounted() -> Iterable[Alert]:
    """Classes that were held, and of whose participants Zoom gives no list."""
    now = clock.now()
    held = exists().where(MeetingInstance.session_id == ClassSession.id, phase.ended_as_class())
    rows = db.session.execute(
        select(ClassSession, ParticipantCheck.problem, ParticipantCheck.over_at)
        .join(ParticipantCheck, ParticipantCheck.session_id == ClassSession.id)
        .where(
            ParticipantCheck.problem.is_not(None),
            ParticipantCheck.over_at.between(now - LOOKS_BACK, now - COUNTS_FOR),
            held,
        )
        .order_by(ParticipantCheck.over_at)
        .limit(SHOWN)
    )
    for session, problem, over_at in rows:
        yield Alert(
            kind="participants_unknown",
            sentence=f"Zoom does not list who was in “{session.title}”: {problem}",
            since=over_at,
            verb="Ask Zoom now",
            action=flask.url_for("admin.class_recount", class_id=session.id),
            page=flask.url_for("admin.class_attendance", class_id=session.id),
            tone="warn",
        )


def _unread() -> Iterable[Alert]:
    """Classes to come whose meeting was changed inside Zoom, and Zoom does not say how."""
    rows = db.session.scalars(
        select(ClassSession)
        .where(
            ClassSession.zoom_read_problem.is_not(None),
            ClassSession.zoom_gone_at.is_(None),
            ClassSession.cancelled_at.is_(None),
            ClassSession.ends_at > clock.now(),
        )
        .order_by(ClassSession.starts_at)
        .limit(SHOWN)
    )
    for session in rows:
        yield Alert(
            kind="meeting_unread",
            sentence=(
                f"Zoom does not tell us how the meeting of “{session.title}” is now; it may have"
                f" been changed there: {session.zoom_read_problem}"
            ),
            since=(session.zoom_read_due_at or clock.now()) - ASK_AGAIN_THOUGH_REFUSED,
            verb="Ask Zoom now",
            action=flask.url_for("admin.class_reread", class_id=session.id),
            page=flask.url_for("admin.class_show", class_id=session.id),
        )
