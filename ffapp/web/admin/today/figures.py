"""The figures of the week, each against the week before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import flask
from sqlalchemy import ColumnElement, func, select, tuple_

from ffapp.classes.models import Join, MeetingInstance
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State
from ffapp.recordings.models import RecordingView

DAYS = 7


@dataclass(frozen=True)
class Figure:
    """This week's count, last week's, and one point for each day of this week.

    Who joined on three days is one in the week, and one on each of the days.
    """

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
        _figure(
            "Classes held",
            MeetingInstance.session_id,
            MeetingInstance.started_at,
            classes,
            _is_no_rehearsal(),
        ),
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
    counts = _counts(what, at, now, conditions)
    points = [counts.get((1, day), 0) for day in range(DAYS, 2 * DAYS)]
    return Figure(label, counts.get((1, None), 0), counts.get((0, None), 0), points, url)


def _counts(
    what: Any, at: Any, now: datetime, conditions: Sequence[Any]
) -> dict[tuple[int, int | None], int]:
    """How many different ones: by (week, day) of the last fourteen days, and by (week, None)."""
    begins = now - timedelta(days=2 * DAYS)
    day = func.least(func.floor(func.extract("epoch", at - begins) / 86_400), 2 * DAYS - 1)
    each = (
        select(what.label("what"), day.label("day"), func.floor(day / DAYS).label("week"))
        .where(at > begins, at <= now, *conditions)
        .subquery()
    )
    rows = db.session.execute(
        select(each.c.week, each.c.day, func.count(each.c.what.distinct())).group_by(
            func.grouping_sets(tuple_(each.c.week), tuple_(each.c.week, each.c.day))
        )
    )
    return {
        (int(week), None if number is None else int(number)): count for week, number, count in rows
    }


def _is_no_rehearsal() -> ColumnElement[bool]:
    return MeetingInstance.is_rehearsal.is_(False)
