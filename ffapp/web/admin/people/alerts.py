"""Guardians who have not answered or cannot be asked, and passwords that somebody guesses."""

from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Interval,
    Select,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from ffapp.messaging.models import Suppression
from ffapp.people.age import ADULT_YEARS
from ffapp.people.guardian_requests import may_be_asked
from ffapp.people.models import Guardian, Person
from ffapp.people.throttle import SignInFailures
from ffapp.programme.guardian_reminders import unanswered
from ffapp.web.kit.alerts import DOCTOR, TODAY, Alert, Button

GUESSED_WITHIN = timedelta(hours=1)
MANY_GUESSES = 50


def _open(now: Any) -> Select[Any]:
    """The statement is kept for days, so who is an adult follows from `now`."""
    years = cast(literal(f"{ADULT_YEARS} years"), Interval)
    return unanswered(cast(now - years, Date))


def _unanswered(now: Any) -> Select[Any]:
    """One row for all of them together."""
    since = func.min(func.coalesce(Guardian.asked_at, Person.created_at))
    return (
        _open(now)
        .join(Guardian, Guardian.student_id == Person.id)
        .where(may_be_asked(now))
        .with_only_columns(
            func.count(Person.id.distinct()).label("students"),
            func.min(Person.name).label("name"),
            since.label("since"),
        )
        .having(func.count() > 0)
    )


def _sentence(row: Any) -> str:
    if row.students == 1:
        return f"No guardian of {row.name} has answered yet"
    others = row.students - 1
    return f"No guardian of {row.name} and {others} other{'s'[: others > 1]} has answered yet"


def _works(address: Any) -> ColumnElement[bool]:
    """Whether there is such an address, and it takes messages."""
    silent = exists().where(Suppression.address == address, Suppression.holds)
    return address.is_not(None) & ~silent


def _out_of_reach(now: Any) -> Select[Any]:
    reachable = exists().where(
        Guardian.student_id == Person.id, or_(_works(Guardian.email), _works(Guardian.phone))
    )
    return (
        _open(now)
        .where(~reachable)
        .with_only_columns(Person.id, Person.name, Person.created_at.label("since"))
        .order_by(Person.id)
    )


def _guessed(now: Any) -> Select[Any]:
    """Wrong passwords, and tries that were not even looked at, of the last hours together."""
    rows = SignInFailures
    times = cast(func.sum(rows.count + rows.refused), BigInteger)
    last = func.max(rows.last_at)
    return (
        select(func.min(rows.id).label("id"), times.label("times"), last.label("since"))
        .where(rows.last_at > now - GUESSED_WITHIN, rows.subject.like("email:%"))
        .having(times >= MANY_GUESSES)
    )


ALERTS = (
    Alert(
        name="passwords_guessed",
        query=_guessed,
        sentence=lambda row: f"{row.times} wrong passwords were tried within an hour",
        button=lambda row: Button("Look at your sessions", link=flask.url_for("account.show")),
        tone="warn",
        where=frozenset({TODAY, DOCTOR}),
        title="passwords",
        well="Nobody tries many wrong ones.",
        hint="The guessing is slowed down; give every admin a second factor.",
    ),
    Alert(
        name="guardian_unanswered",
        query=_unanswered,
        sentence=_sentence,
        button=lambda row: Button("Remind them", flask.url_for("admin.guardian_reminders")),
        page=lambda row: flask.url_for("admin.person_index", role="student", consent="not_asked"),
        tone="warn",
    ),
    Alert(
        name="guardian_out_of_reach",
        query=_out_of_reach,
        sentence=lambda row: f"No guardian of {row.name} can be asked: no address works",
        button=lambda row: Button(
            "Open", link=flask.url_for("admin.person_show", person_id=row.id, _anchor="guardians")
        ),
        page=lambda row: flask.url_for("admin.person_show", person_id=row.id, _anchor="guardians"),
        tone="warn",
    ),
)
