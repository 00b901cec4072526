"""The figures of the week, each against the week before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import flask
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    func,
    literal,
    select,
    union_all,
)

from ffapp.classes.models import Join, MeetingInstance
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State
from ffapp.recordings.models import RecordingView

DAYS = 7
# The fourteen days are bits, the oldest first.
LAST_WEEK = (1 << DAYS) - 1
THIS_WEEK = LAST_WEEK << DAYS


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
    """All of them in one query over two weeks."""
    now = clock.now()
    started_at, is_class = MeetingInstance.started_at, MeetingInstance.is_rehearsal.is_(False)
    is_sent = (Effect.state == State.SENT, Effect.kind.in_(sorted(MESSAGE_KINDS)))
    past = flask.url_for("admin.class_index", when="past")
    asked = (
        ("Classes held", past, _different(MeetingInstance.session_id, started_at, now, is_class)),
        ("Students who joined", past, _different(Join.person_id, Join.at, now)),
        (
            "Messages sent",
            flask.url_for("admin.message_index", state="sent"),
            _each(Effect.settled_at, now, *is_sent),
        ),
        (
            "Recordings watched",
            flask.url_for("admin.recording_index"),
            _each(RecordingView.at, now),
        ),
    )
    counts: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for label, days, count in db.session.execute(
        union_all(*(_by_days(label, query) for label, _, query in asked))
    ):
        counts[label].append((days, count))
    return [_figure(label, counts[label], url) for label, url, _ in asked]


def _figure(label: str, counts: Sequence[tuple[int, int]], url: str) -> Figure:
    def on(days: int) -> int:
        return sum(count for mask, count in counts if mask & days)

    points = [on(1 << day) for day in range(DAYS, 2 * DAYS)]
    return Figure(label, on(THIS_WEEK), on(LAST_WEEK), points, url)


def _by_days(label: str, query: Select[Any]) -> Select[Any]:
    rows = query.subquery()
    return select(literal(label), rows.c.days, func.count()).group_by(rows.c.days)


def _each(at: Any, now: datetime, *conditions: ColumnElement[bool]) -> Select[Any]:
    """One row a thing, with the bit of its day."""
    return select(_day(at, now).label("days")).where(*_in_two_weeks(at, now), *conditions)


def _different(what: Any, at: Any, now: datetime, *conditions: ColumnElement[bool]) -> Select[Any]:
    """One row for each different thing, with the bits of all its days: to count distinct ones for
    each day and each week, Postgres would sort every row several times."""
    return (
        select(func.bit_or(_day(at, now)).label("days"))
        .where(*_in_two_weeks(at, now), *conditions)
        .group_by(what)
    )


def _in_two_weeks(at: Any, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return at > now - timedelta(days=2 * DAYS), at <= now


def _day(at: Any, now: datetime) -> ColumnElement[int]:
    begins = [now - timedelta(days=days) for days in range(2 * DAYS - 1, 0, -1)]
    number = func.width_bucket(at, literal(begins, ARRAY(DateTime(timezone=True))))
    return literal(1, Integer).op("<<")(number)
