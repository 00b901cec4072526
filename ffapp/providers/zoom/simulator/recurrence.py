"""Recurring meetings with a fixed time (type 8): the rule, and the occurrences that it makes."""

import calendar
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ffapp.core import clock
from ffapp.providers.zoom.simulator import state
from ffapp.providers.zoom.simulator.answers import invalid
from ffapp.providers.zoom.simulator.state import Data
from ffapp.providers.zoom.wire import instant

DAILY, WEEKLY, MONTHLY = 1, 2, 3
MOST = 60
LONGEST_DAYS = MOST * 366
NUMBERS = {  # of the rule: name → the least and the largest value
    "repeat_interval": (1, 99),
    "monthly_day": (1, 31),
    "monthly_week": (-1, 4),
    "monthly_week_day": (1, 7),
    "end_times": (1, MOST),
}


def checked(asked: Any) -> Data:
    """The rule as it is kept; raises ZoomError 300 naming what is wrong."""
    if not isinstance(asked, dict):
        raise invalid("recurrence")
    kind = asked.get("type")
    if kind not in (DAILY, WEEKLY, MONTHLY):
        raise invalid("recurrence.type")
    rule: Data = {"type": kind, "repeat_interval": 1}
    for name, (least, largest) in NUMBERS.items():
        if asked.get(name) is not None:
            number = str(asked[name])
            if not number.lstrip("-").isdecimal() or not least <= int(number) <= largest:
                raise invalid(f"recurrence.{name}")
            rule[name] = int(number)
    if asked.get("weekly_days"):
        days = str(asked["weekly_days"]).replace(" ", "")
        if not set(days.split(",")) <= set("1234567"):
            raise invalid("recurrence.weekly_days")
        rule["weekly_days"] = days
    if asked.get("end_date_time"):
        try:
            rule["end_date_time"] = instant(datetime.fromisoformat(str(asked["end_date_time"])))
        except ValueError as error:
            raise invalid("recurrence.end_date_time") from error
    elif "end_times" not in rule:
        rule["end_times"] = 1
    return rule


def occurrences(rule: Data, start_time: str, zone: str, minutes: int) -> list[Data]:
    """The times of the series, the first at `start_time` or after it, at most sixty."""
    first = state.instant(start_time).astimezone(clock.zone(zone))
    last = state.instant(rule["end_date_time"]) if "end_date_time" in rule else None
    found: list[Data] = []
    for after in range(LONGEST_DAYS):
        day = first.date() + timedelta(days=after)
        start = datetime.combine(day, first.time(), first.tzinfo).astimezone(UTC)
        if len(found) >= rule.get("end_times", MOST) or (last and start > last):
            break
        if _falls_on(day, first.date(), rule):
            found.append(
                {
                    "occurrence_id": str(int(start.timestamp() * 1000)),
                    "start_time": instant(start),
                    "duration": minutes,
                    "status": "available",
                }
            )
    return found


def changed(meeting: Data, occurrence_id: str, **changes: Any) -> list[Data]:
    """The meeting's occurrences with changes to one of them. Raises ZoomError 300."""
    known = meeting.get("occurrences") or []
    if occurrence_id not in {each["occurrence_id"] for each in known}:
        raise invalid("occurrence_id")
    return [
        {**each, **changes} if each["occurrence_id"] == occurrence_id else each for each in known
    ]


def _falls_on(day: date, first: date, rule: Data) -> bool:
    every = rule["repeat_interval"]
    weekday = day.isoweekday() % 7 + 1  # 1 is Sunday
    if rule["type"] == DAILY:
        return (day - first).days % every == 0
    if rule["type"] == WEEKLY:
        wanted = rule.get("weekly_days") or str(first.isoweekday() % 7 + 1)
        weeks = ((day - first).days + first.isoweekday() % 7) // 7
        return weeks % every == 0 and str(weekday) in wanted.split(",")
    months = (day.year - first.year) * 12 + day.month - first.month
    if months % every:
        return False
    if "monthly_week" not in rule:
        return day.day == rule.get("monthly_day", first.day)
    is_last = day.day + 7 > calendar.monthrange(day.year, day.month)[1]
    week = rule["monthly_week"]
    in_week = is_last if week == -1 else (day.day - 1) // 7 + 1 == week
    return in_week and weekday == rule.get("monthly_week_day", 1)
