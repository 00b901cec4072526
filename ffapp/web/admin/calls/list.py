"""The list of calls, and what they cost this month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import flask
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import contains_eager

from ffapp.calls.models import CallLog
from ffapp.calls.states import state_of_call, states_of_calls
from ffapp.core import clock, phone
from ffapp.core.db import db
from ffapp.core.runs import Run, unfinished
from ffapp.people.models import Person
from ffapp.programme.models import Enrolment
from ffapp.web.admin.calls.words import MICROS, spell_cost, spell_seconds
from ffapp.web.admin.classes.list import cohort_options
from ffapp.web.kit.cells import Chip, RowLink, When, lines
from ffapp.web.kit.filters import Choice, Filters, Only, Search, row_id
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.status_badges import states_of
from ffapp.web.rendering import own_zone

PERIODS = (("today", "Today"), ("week", "The last 7 days"), ("month", "This month"))
RUNS_LAST = timedelta(hours=1)


@dataclass(frozen=True)
class CallRow:
    call: CallLog
    state: str

    @property
    def whom(self) -> Any:
        url = flask.url_for("admin.call_show", call_id=self.call.id)
        number = phone.display(self.call.phone) if self.call.phone else ""
        return lines(RowLink(self.call.person.name, url), number)


@dataclass(frozen=True)
class Month:
    """What was called since the first of the month; `micros` are millionths of a US dollar."""

    calls: int
    seconds: int
    micros: int

    @property
    def cost(self) -> str:
        return spell_cost(self.micros)

    @property
    def minutes(self) -> int:
        return round(self.seconds / 60)


def this_month() -> Month:
    """The figures of the calls that ended this month, on the viewer's calendar."""
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(CallLog.seconds), 0),
            func.coalesce(func.sum(CallLog.cost_micros), 0),
        ).where(CallLog.ended_at >= _since("month"))
    ).one()
    return Month(*map(int, row))


def run_at_work() -> Run | None:
    """The run that is planning calls just now."""
    return unfinished("calls", None, asked_after=clock.now() - RUNS_LAST)


def _since(period: str) -> datetime:
    today = clock.local(clock.now(), own_zone())
    begin = today.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "week":
        return begin - timedelta(days=6)
    return begin.replace(day=1) if period == "month" else begin


def _calls() -> Select[Any]:
    return (
        select(CallLog)
        .join(CallLog.effect)
        .join(CallLog.person)
        .options(contains_eager(CallLog.effect), contains_eager(CallLog.person))
    )


def _rows(calls: Sequence[CallLog]) -> list[CallRow]:
    states = states_of_calls([each.id for each in calls])
    return [CallRow(each, states[each.id]) for each in calls]


def _is_of_cohort(cohort_id: int) -> Any:
    return exists().where(
        Enrolment.person_id == CallLog.person_id, Enrolment.cohort_id == cohort_id
    )


def _name_of(person_id: int) -> str:
    found = db.session.get(Person, person_id)
    return f"To {found.name}" if found else "To nobody known"


CALLS = ListPage(
    name="calls",
    heading="Calls",
    lead="Calls by a computer voice, how each went and what it cost.",
    noun=("call", "calls"),
    rows=_calls,
    key=CallLog.id,
    load=_rows,
    order="-asked",
    filters=Filters(
        (
            Choice("state", "State", states_of("call"), state_of_call(), every="Any state"),
            Choice(
                "when",
                "When",
                PERIODS,
                every="Any time",
                condition=lambda period: CallLog.created_at >= _since(period),
            ),
            Choice(
                "cohort", "Cohort", cohort_options, every="All cohorts", condition=_is_of_cohort
            ),
            Only("person", "Person", CallLog.person_id, _name_of, row_id),
        ),
        Search("Name or e-mail", (Person.name, Person.email)),
    ),
    columns=(
        Column("Whom", lambda it: it.whom, func.lower(Person.name)),
        Column("Phone", lambda it: it.call.phone, on_page=False),
        Column("State", lambda it: Chip("call", it.state), on_phone=True),
        Column("Asked", lambda it: When(it.call.created_at), CallLog.created_at),
        Column("Script", lambda it: it.call.script),
        Column("Try", lambda it: it.call.attempt, on_page=False),
        Column("Talk", lambda it: spell_seconds(it.call.seconds), CallLog.seconds, end=True),
        Column("Seconds", lambda it: it.call.seconds, on_page=False),
        Column(
            "Cost",
            lambda it: spell_cost(it.call.cost_micros),
            CallLog.cost_micros,
            end=True,
            in_file=False,
        ),
        Column(
            "Cost in US$",
            lambda it: None if it.call.cost_micros is None else it.call.cost_micros / MICROS,
            on_page=False,
        ),
        Column("Problem", lambda it: it.call.problem or it.call.effect.reason, on_page=False),
        Column("Execution at Bolna", lambda it: it.call.execution_id, on_page=False),
    ),
    row_id=lambda it: it.call.id,
    empty=("Nobody was called yet", "Call a student from their page, or several from a list."),
    no_match="No call fits these filters",
    template="admin/calls/index.html",
)
