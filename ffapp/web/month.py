"""A month as a calendar shows it: weeks of days, from Monday, each with its classes in order."""

import calendar
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import flask

from ffapp.classes import phase as live
from ffapp.classes.models import ClassSession
from ffapp.classes.phase import Phase
from ffapp.core import clock, i18n

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

    @property
    def title(self) -> str:
        return i18n.format_date(self.first, "LLLL y")

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


def asked(today: date) -> date:
    """The first day of the month in the address (`2026-12`); without a readable one, today's."""
    typed = flask.request.args.get("month", "")
    try:
        first = datetime.strptime(typed, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        first = today.replace(day=1)
    return min(max(first, FIRST), LAST)


def instants(first: date) -> tuple[datetime, datetime]:
    """From when to when a class may begin to stand in that month, whatever its zone is."""
    begins = datetime.combine(first, time(0), UTC)
    return begins - MARGIN, datetime.combine(_later(first), time(0), UTC) + MARGIN


def arrange(
    first: date,
    today: date,
    sessions: Iterable[ClassSession],
    zone_of: Callable[[ClassSession], str],
    url_of: Callable[[ClassSession], str],
) -> Month:
    """The month with these classes, each on its day in `zone_of` it; what lies outside is left out.

    `sessions` come in order of their start.
    """
    now = clock.now()
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for session in sessions:
        zone = zone_of(session)
        at = f"{clock.spell_time(session.starts_at, zone)} "
        entry = Entry(
            session,
            live.phase_of(session, now),
            at + clock.zone_label(session.starts_at, zone),
            url_of(session),
        )
        by_day[clock.local(session.starts_at, zone).date()].append(entry)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return Month(
        first,
        tuple(
            tuple(
                Day(day, tuple(by_day[day]), day == today) if day.month == first.month else None
                for day in week
            )
            for week in weeks
        ),
    )


def _later(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _earlier(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)
