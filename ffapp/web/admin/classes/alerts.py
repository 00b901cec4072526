"""Meetings that Zoom refused or changed or that were no class, and personal links that failed."""

from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import Interval, Select, Text, cast, func, literal, select

from ffapp.classes.models import ClassSession, InstanceState, MeetingInstance
from ffapp.ledger.models import Effect, Lane, State
from ffapp.meetings import registration
from ffapp.meetings.meeting_refresh import ASK_AGAIN_THOUGH_REFUSED
from ffapp.meetings.meeting_status import MeetingState, has_problem
from ffapp.web.kit.alerts import Alert, Button

LOOKS_BACK = timedelta(days=7)


def _meetings(now: Any) -> Select[Any]:
    """With the effect that explains the problem, if any does."""
    known = (Effect.settled_at, Effect.planned_at, ClassSession.zoom_gone_at)
    return (
        select(
            ClassSession.id,
            ClassSession.title,
            ClassSession.meeting_state,
            ClassSession.meeting_problem.label("problem"),
            (ClassSession.ends_at > now).label("is_ahead"),
            Effect.id.label("effect_id"),
            Effect.kind,
            Effect.state,
            func.coalesce(*known, ClassSession.starts_at).label("since"),
        )
        .outerjoin(Effect, Effect.id == ClassSession.meeting_effect_id)
        .where(has_problem(now))
        .order_by(ClassSession.starts_at)
    )


def _meeting_words(row: Any) -> str:
    """The stored sentence, with the class named in it."""
    words = str(row.problem.replace(" meeting", f" meeting of “{row.title}”", 1))
    is_gone = row.meeting_state == MeetingState.GONE
    return f"{words.rstrip('.')}; nobody can join." if is_gone else words


def _meeting_button(row: Any) -> Button:
    if row.meeting_state == MeetingState.GONE:
        return Button("Make a new meeting", flask.url_for("admin.class_meeting", class_id=row.id))
    if row.state == State.UNCERTAIN:
        url = flask.url_for("admin.message_decide", message_id=row.effect_id)
        return Button("Ask Zoom now", url, {"verb": "ask"})
    if row.state == State.FAILED and (row.is_ahead or row.kind == "zoom.delete"):
        url = flask.url_for("admin.class_retry", class_id=row.id)
        return Button("Retry", url, {"effect": row.effect_id})
    return Button("Open class", link=_class_page(row))


def _class_page(row: Any) -> str:
    return flask.url_for("admin.class_show", class_id=row.id)


def _links(now: Any, kind: str) -> Select[Any]:
    """One row for each class and reason, however many students it is about."""
    settled_at = func.min(Effect.settled_at)
    return (
        select(
            ClassSession.id,
            ClassSession.title,
            Effect.reason,
            func.max(Effect.id).label("newest"),
            settled_at.label("since"),
            func.count().label("people"),
        )
        .join(ClassSession, Effect.subject == func.concat("class=", ClassSession.id))
        .where(
            Effect.kind == kind,
            Effect.state == State.FAILED,
            Effect.payload["meeting_id"].as_string() == cast(ClassSession.zoom_meeting_id, Text),
            ClassSession.cancelled_at.is_(None),
            ClassSession.zoom_gone_at.is_(None),
            ClassSession.ends_at > now,
        )
        .group_by(ClassSession.id, ClassSession.title, Effect.reason)
        .order_by(settled_at)
    )


def _retry_links(row: Any) -> Button:
    return Button(
        "Retry" if row.people == 1 else f"Retry all {row.people}",
        flask.url_for("admin.message_group"),
        {"effect_id": row.newest, "state": State.FAILED},
    )


def _none_of_their_own(row: Any) -> str:
    who = "1 student has" if row.people == 1 else f"{row.people} students have"
    return f"{who} no link of their own into “{row.title}”: {row.reason}"


def _not_ended(row: Any) -> str:
    what = "1 personal link" if row.people == 1 else f"{row.people} personal links"
    return f"{what} into “{row.title}” could not be ended, and would still work: {row.reason}"


def _unread(now: Any) -> Select[Any]:
    asked_at = func.coalesce(ClassSession.zoom_read_due_at, now) - literal(
        ASK_AGAIN_THOUGH_REFUSED, Interval()
    )
    return (
        select(
            ClassSession.id,
            ClassSession.title,
            ClassSession.zoom_read_problem.label("problem"),
            asked_at.label("since"),
        )
        .where(
            ClassSession.zoom_read_problem.is_not(None),
            ClassSession.zoom_gone_at.is_(None),
            ClassSession.cancelled_at.is_(None),
            ClassSession.ends_at > now,
        )
        .order_by(ClassSession.starts_at)
    )


def _too_late(now: Any) -> Select[Any]:
    """Meetings that Zoom lets us make only when their class is over."""
    return (
        select(
            ClassSession.id,
            ClassSession.title,
            Effect.reason,
            Effect.planned_at.label("since"),
        )
        .join(ClassSession, Effect.subject == func.concat("class=", ClassSession.id))
        .where(
            Effect.state == State.PLANNED,
            Effect.lane == Lane.ACTS,
            Effect.kind == "zoom.create",
            Effect.due_at >= ClassSession.ends_at,
            ClassSession.ends_at > now,
            ClassSession.cancelled_at.is_(None),
        )
        .order_by(ClassSession.starts_at)
    )


def _apart(now: Any) -> Select[Any]:
    """Meetings that were no class, and of which no admin has said anything yet."""
    held = MeetingInstance
    return (
        select(
            ClassSession.id,
            ClassSession.title,
            held.id.label("instance_id"),
            held.state,
            held.ended_at.is_(None).label("runs"),
            held.started_at.label("since"),
        )
        .join(ClassSession, ClassSession.id == held.session_id)
        .where(
            held.state.in_((InstanceState.OUTSIDE, InstanceState.REOPENED)),
            held.was_class.is_(None),
            held.started_at > now - LOOKS_BACK,
        )
        .order_by(held.started_at)
    )


def _apart_words(row: Any) -> str:
    is_again = row.state == InstanceState.REOPENED
    when = "again after the class" if is_again else "outside the time of the class"
    runs = " It runs now." if row.runs else ""
    return f"The meeting of “{row.title}” was opened {when}; it is kept apart from it.{runs}"


ALERTS = (
    Alert(
        name="meeting_apart",
        query=_apart,
        sentence=_apart_words,
        button=lambda row: Button(
            "Keep it apart",
            flask.url_for("admin.class_instance", class_id=row.id, instance_id=row.instance_id),
            {"was_class": 0},
        ),
        page=_class_page,
        tone="warn",
    ),
    Alert(
        name="meeting",
        query=_meetings,
        sentence=_meeting_words,
        button=_meeting_button,
        page=_class_page,
    ),
    Alert(
        name="meeting_too_late",
        query=_too_late,
        sentence=lambda row: (
            f"“{row.title}” has no Zoom meeting, and gets one only after the class: {row.reason}"
            " Try now, give it another host, or move it."
        ),
        button=lambda row: Button("Try now", flask.url_for("admin.today_try"), {"channel": "zoom"}),
        page=_class_page,
    ),
    Alert(
        name="link_not_made",
        query=lambda now: _links(now, registration.KIND),
        sentence=_none_of_their_own,
        button=_retry_links,
        page=_class_page,
        tone="warn",  # who has none gets in all the same, and registers with Zoom by themselves
    ),
    Alert(
        name="link_not_ended",
        query=lambda now: _links(now, registration.END_KIND),
        sentence=_not_ended,
        button=_retry_links,
        page=_class_page,
    ),
    Alert(
        name="meeting_unread",
        query=_unread,
        sentence=lambda row: (
            f"Zoom does not tell us how the meeting of “{row.title}” is now; it may have been"
            f" changed there: {row.problem}"
        ),
        button=lambda row: Button(
            "Ask Zoom now", flask.url_for("admin.class_reread", class_id=row.id)
        ),
        page=_class_page,
    ),
)
