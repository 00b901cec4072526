"""What needs a person: a query, a sentence and a button, declared by a domain.

Today shows what is found, `ffapp doctor` and /healthz that of the alerts which belong there too.
All alerts are one statement, however many rows they find.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import DateTime, Select, bindparam, func, literal, select, union_all

from ffapp.core import clock
from ffapp.core.db import db

TODAY, DOCTOR, HEALTHZ = "today", "doctor", "healthz"
SHOWN = 20  # at most so many rows of one alert
NOW = bindparam("now", type_=DateTime(timezone=True))


@dataclass(frozen=True)
class Button:
    """Posts `fields` to `action`, or leads to `link`.

    With `choices` (value of `person_id`, label) there is a button for each instead.
    """

    label: str
    action: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    choices: Sequence[tuple[str, str]] = ()
    link: str | None = None


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One kind of thing that needs a person.

    query     a SELECT of what the sentence says, made once of the instant at which it will be asked
              (an expression); its column `since` says since when, or is NULL. It is limited to
              SHOWN rows. Instants but `since` come as ISO text
    sentence  what is wrong, of a row
    button    what mends it; None where nothing on our pages does
    page      where more can be read
    load      completes the rows that were found, in a constant number of queries; may split them
    tone      "bad", or "warn" for what can wait
    where     who reads it besides Today
    title     what is looked at, in the doctor's list; `well` is said when nothing was found
    hint      what to do at the terminal; else the doctor names the button on Today
    delay     Today waits for so long; what has no `since` is not on Today either
    """

    name: str
    query: Callable[[Any], Select[Any]]
    sentence: Callable[[Any], str]
    button: Callable[[Any], Button]
    page: Callable[[Any], str | None] = lambda row: None
    load: Callable[[Sequence[Any]], Sequence[Any]] = lambda rows: rows
    tone: str = "bad"
    where: frozenset[str] = frozenset({TODAY})
    title: str = ""
    well: str = "None."
    hint: str = ""
    delay: timedelta = timedelta()


@dataclass(frozen=True)
class Found:
    """One thing that needs a person."""

    alert: Alert
    row: Any
    since: datetime | None

    @property
    def sentence(self) -> str:
        return self.alert.sentence(self.row)


ALERTS: Sequence[Alert] = ()  # what the domains declare; see `web.kit.domains`


def read_by(reader: str) -> list[Alert]:
    """The alerts that this reader (TODAY, DOCTOR or HEALTHZ) shows."""
    return [each for each in ALERTS if reader in each.where]


def find(alerts: Sequence[Alert]) -> dict[str, list[Found]]:
    """Name of the alert → what was found; one query, and those of `load` where there are rows."""
    rows: dict[int, list[Any]] = defaultdict(list)
    for index, since, facts in db.session.execute(_union(tuple(alerts)), {"now": clock.now()}):
        rows[index].append(SimpleNamespace(**{**facts, "since": since}))
    found: dict[str, list[Found]] = defaultdict(list)
    for index, mine in sorted(rows.items()):
        alert = alerts[index]
        found[alert.name] += [Found(alert, row, row.since) for row in alert.load(mine)]
    return found


def on_today() -> tuple[Sequence[Found], bool]:
    """What is urgent before what can wait, and of those the oldest first.

    And whether there may be more: there may where an alert has found as many as it shows.
    """
    now = clock.wall()
    by_name = find(read_by(TODAY))
    found = [
        each
        for mine in by_name.values()
        for each in mine
        if each.since and (not each.alert.delay or each.since < now - each.alert.delay)
    ]
    ordered = sorted(found, key=lambda each: (each.alert.tone != "bad", each.since))
    return ordered, any(len(mine) >= SHOWN for mine in by_name.values())


@cache
def _union(alerts: tuple[Alert, ...]) -> Any:
    """All the queries as one: the number of the alert, since when, and the whole row as JSON.

    To build the statement takes longer than to run it, so it is built once.
    """
    parts = []
    for index, each in enumerate(alerts):
        row = each.query(NOW).limit(SHOWN).subquery(f"alert_{index}")
        facts = func.to_jsonb(row.table_valued())
        parts.append(select(literal(index), row.c.since, facts))
    return union_all(*parts)
