"""Personal links into coming classes that Zoom refused to make, or to end."""

from collections.abc import Iterable
from typing import Any

import flask
from sqlalchemy import Row, Text, cast, func, select

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import Effect, State
from ffapp.meetings import link_revocation, registration
from ffapp.web.admin.alerts.alert import SHOWN, Alert


def alerts() -> Iterable[Alert]:
    """One for each class and reason, however many students it is about."""
    for row in _groups():
        yield Alert(
            kind="link_failed",
            sentence=SENTENCES[row.kind](row.title, row.people, row.reason),
            since=row.since,
            verb="Retry" if row.people == 1 else f"Retry all {row.people}",
            action=flask.url_for("admin.message_group"),
            fields={"effect_id": row.newest, "state": State.FAILED},
            page=flask.url_for("admin.class_show", class_id=row.id),
            # Who has none gets in all the same, and registers with Zoom by themselves.
            tone="warn" if row.kind == registration.KIND else "bad",
        )


def _groups() -> list[Row[Any]]:
    return list(
        db.session.execute(
            select(
                ClassSession.id,
                ClassSession.title,
                Effect.kind,
                Effect.reason,
                func.max(Effect.id).label("newest"),
                func.min(Effect.settled_at).label("since"),
                func.count().label("people"),
            )
            .join(ClassSession, Effect.subject == func.concat("class=", ClassSession.id))
            .where(
                Effect.kind.in_(SENTENCES),
                Effect.state == State.FAILED,
                Effect.payload["meeting_id"].as_string()
                == cast(ClassSession.zoom_meeting_id, Text),
                ClassSession.cancelled_at.is_(None),
                ClassSession.zoom_gone_at.is_(None),
                ClassSession.ends_at > clock.now(),
            )
            .group_by(ClassSession.id, ClassSession.title, Effect.kind, Effect.reason)
            .order_by(func.min(Effect.settled_at))
            .limit(SHOWN)
        )
    )


def _none_of_their_own(title: str, people: int, reason: str) -> str:
    who = "1 student has" if people == 1 else f"{people} students have"
    return f"{who} no link of their own into “{title}”: {reason}"


def _not_ended(title: str, people: int, reason: str) -> str:
    what = "1 personal link" if people == 1 else f"{people} personal links"
    return f"{what} into “{title}” could not be ended, and would still work: {reason}"


SENTENCES = {registration.KIND: _none_of_their_own, link_revocation.KIND: _not_ended}
