"""Classes whose meeting Zoom refused, or of whose fate nobody knows."""

from collections.abc import Iterable

import flask
from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.meetings.meeting_problems import has_problem
from ffapp.meetings.meeting_status import MeetingState, MeetingStatus, can_retry, meeting_statuses
from ffapp.web.admin.alerts.alert import SHOWN, Alert

DONE = {"zoom.create": "made", "zoom.update": "changed", "zoom.delete": "deleted"}


def alerts() -> Iterable[Alert]:
    now = clock.now()
    sessions = db.session.scalars(
        select(ClassSession).where(has_problem(now)).order_by(ClassSession.starts_at).limit(SHOWN)
    ).all()
    found = meeting_statuses(sessions)
    for session in sessions:
        effect = found[session.id].stray or found[session.id].effect
        if found[session.id].state == MeetingState.GONE:
            yield _gone(session)
        elif effect is not None:
            yield _need(session, found[session.id], effect)


def _gone(session: ClassSession) -> Alert:
    return Alert(
        kind="meeting_gone",
        sentence=f"The meeting of “{session.title}” was deleted inside Zoom; nobody can join.",
        since=session.zoom_gone_at or session.starts_at,
        verb="Make a new meeting",
        action=flask.url_for("admin.class_meeting", class_id=session.id),
        page=flask.url_for("admin.class_show", class_id=session.id),
    )


def _need(session: ClassSession, standing: MeetingStatus, effect: Effect) -> Alert:
    here = flask.url_for("admin.class_show", class_id=session.id)
    since = effect.settled_at or effect.planned_at
    name = f"“{session.title}”"
    if standing.stray is not None:
        sentence = f"A second meeting of {name} is left at Zoom: {effect.reason}"
    elif standing.state == MeetingState.UNCERTAIN:
        why = f": {effect.reason}" if effect.reason else "."
        sentence = f"Nobody knows whether the meeting of {name} was {DONE[effect.kind]}{why}"
        return Alert(
            kind="meeting_uncertain",
            sentence=sentence,
            since=since,
            verb="Ask Zoom now",
            action=flask.url_for("admin.message_decide", message_id=effect.id),
            fields={"verb": "ask"},
            page=here,
            tone="warn",
        )
    else:
        sentence = f"The meeting of {name} could not be {DONE[effect.kind]}: {effect.reason}"
    retry = can_retry(session, effect, clock.now())
    return Alert(
        kind="meeting_failed",
        sentence=sentence,
        since=since,
        verb="Retry" if retry else "Open class",
        action=flask.url_for("admin.class_retry", class_id=session.id) if retry else None,
        fields={"effect": effect.id},
        link=None if retry else here,
        page=here,
    )
