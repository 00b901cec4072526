"""A month as a calendar shows it: weeks of days, from Monday, each with its classes in order."""

import calendar
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import flask
from sqlalchemy import Select

from ffapp.classes import phase as live
from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase
from ffapp.core import clock, i18n
from ffapp.core.db import db
from ffapp.web.rendering import own_zone

FIRST, LAST = date(2020, 1, 1), date(2100, 12, 1)
MARGIN = timedelta(days=1)  # no zone is further from UTC than that


@dataclass(frozen=True)
class Entry:
    """A class on its day; `at` is its time there, with the zone's name."""

    session: ClassSession
    phase: Phase
    at: str
    url: str


@dataclass(frozen=True)
class Day:
    date: date
    entries: tuple[Entry, ...]
    is_today: bool


@dataclass(frozen=True)
class Month:
    """`weeks` has None where a week's day belongs to another month."""

    first: date
    weeks: tuple[tuple[Day | None, ...], ...]
    this: date  # the first day of the month that it is now
    filters: Mapping[str, Any]

    @property
    def title(self) -> str:
        return i18n.format_date(self.first, "LLLL y")

    def url(self, first: date) -> str:
        """The page of another month."""
        month = f"{first:%Y-%m}"
        return flask.url_for(flask.request.endpoint or "", month=month, **self.filters)

    @property
    def previous(self) -> date | None:
        return _earlier(self.first) if self.first > FIRST else None

    @property
    def next(self) -> date | None:
        return _later(self.first) if self.first < LAST else None

    @property
    def weekdays(self) -> list[date]:
        """Seven days that can name the columns, Monday first."""
        monday = date(2024, 1, 1)
        return [monday + timedelta(days=each) for each in range(7)]

    @property
    def entries(self) -> list[Entry]:
        return [entry for week in self.weeks for day in week if day for entry in day.entries]


def month_of(classes: Select[Any], zone: str | None = None, **filters: Any) -> Month:
    """The month in the address (`2026-12`), else today's, with these classes, each on its day in
    `zone`, or else its own; `filters` stay in the addresses of other months."""
    today = clock.local(clock.now(), own_zone()).date()
    first = _asked(today)
    begins = datetime.combine(first, time(0), UTC) - MARGIN
    ends = datetime.combine(_later(first), time(0), UTC) + MARGIN
    sessions = db.session.scalars(
        classes.where(ClassSession.starts_at >= begins, ClassSession.starts_at < ends).order_by(
            ClassSession.starts_at, ClassSession.id
        )
    )
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for session in sessions:
        day, entry = _entry(session, zone or session.time_zone)
        by_day[day].append(entry)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    days = tuple(
        tuple(
            Day(day, tuple(by_day[day]), day == today) if day.month == first.month else None
            for day in week
        )
        for week in weeks
    )
    return Month(first, days, today.replace(day=1), filters)


def _entry(session: ClassSession, zone: str) -> tuple[date, Entry]:
    local = clock.local(session.starts_at, zone)
    label = clock.zone_label(session.starts_at, zone)
    at = f"{clock.spell_time(session.starts_at, zone)} {label}"
    url = flask.url_for(".class_show", class_id=session.id)
    return local.date(), Entry(session, live.phase_of(session, clock.now()), at, url)


def _asked(today: date) -> date:
    typed = flask.request.args.get("month", "")
    try:
        first = datetime.strptime(typed, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        first = today.replace(day=1)
    return min(max(first, FIRST), LAST)


def _later(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _earlier(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)
