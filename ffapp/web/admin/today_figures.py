"""The figures of the week, each against the week before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import flask
from sqlalchemy import ColumnElement, func, select

from ffapp import clock
from ffapp.classes.models import Join, MeetingInstance, RecordingView
from ffapp.db import db
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State

DAYS = 7


@dataclass(frozen=True)
class Figure:
    """This week's count, last week's, and one point for each day of this week."""

    label: str
    now: int
    before: int
    points: Sequence[int]
    url: str

    @property
    def change(self) -> str:
        difference = self.now - self.before
        return f"{difference:+d}" if difference else "as before"

    @property
    def trend(self) -> str | None:
        if self.now == self.before:
            return None
        return "up" if self.now > self.before else "down"


def figures() -> list[Figure]:
    """Each is one query over two weeks, by day."""
    classes = flask.url_for("admin.class_index", when="past")
    sent = (Effect.state == State.SENT, Effect.kind.in_(MESSAGE_KINDS))
    return [
        _figure("Classes held", MeetingInstance.session_id, MeetingInstance.started_at, classes),
        _figure("Students who joined", Join.person_id, Join.at, classes),
        _figure(
            "Messages sent",
            Effect.id,
            Effect.settled_at,
            flask.url_for("admin.message_index", state="sent"),
            *sent,
        ),
        _figure(
            "Recordings watched",
            RecordingView.id,
            RecordingView.at,
            flask.url_for("admin.recording_index"),
        ),
    ]


def _figure(label: str, what: Any, at: Any, url: str, *conditions: ColumnElement[bool]) -> Figure:
    now = clock.now()
    days = _by_day(what, at, now, conditions)
    week, before = days[DAYS:], days[:DAYS]
    return Figure(label, sum(week), sum(before), week, url)


def _by_day(what: Any, at: Any, now: datetime, conditions: Sequence[Any]) -> list[int]:
    """How many different ones on each of the last fourteen days, the oldest first."""
    begins = now - timedelta(days=2 * DAYS)
    day = func.least(func.floor(func.extract("epoch", at - begins) / 86_400), 2 * DAYS - 1)
    rows = db.session.execute(
        select(day, func.count(what.distinct()))
        .where(at > begins, at <= now, *conditions)
        .group_by(day)
    )
    found = {int(number): count for number, count in rows}
    return [found.get(number, 0) for number in range(2 * DAYS)]
