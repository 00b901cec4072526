"""The list of cohorts."""

from collections.abc import Sequence
from typing import Any

import flask
from sqlalchemy import case, func, select

from ffapp.classes.queries import next_classes
from ffapp.core import clock
from ffapp.programme.cohorts import enrolled_counts
from ffapp.programme.models import Cohort
from ffapp.web.auth import admin
from ffapp.web.kit.cells import Link, RowLink, When, lines
from ffapp.web.kit.filters import Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.timeline import day

PERIODS = (("now", "Running and upcoming"), ("over", "Over"))
EMPTY = {
    "over": ("No cohort is over yet", "A cohort comes here after its last day."),
    "now": ("No cohorts yet", "Create the first one; then invite its students."),
}


def _period() -> Any:
    return case((Cohort.ends_on < clock.now().date(), "over"), else_="now")


def _rows(cohorts: Sequence[Cohort]) -> list[tuple[Cohort, int, Any]]:
    ids = [each.id for each in cohorts]
    enrolled, upcoming = enrolled_counts(ids), next_classes(ids)
    return [(each, enrolled.get(each.id, 0), upcoming.get(each.id)) for each in cohorts]


def _name(row: Any) -> RowLink:
    return RowLink(row[0].name, flask.url_for("admin.cohort_show", cohort_id=row[0].id))


def _next(row: Any) -> Any:
    cohort, _, upcoming = row
    if upcoming is None:
        return None
    url = flask.url_for("admin.class_show", class_id=upcoming.id)
    return lines(Link(upcoming.title, url), When(upcoming.starts_at, cohort.time_zone))


COHORTS = ListPage(
    name="cohorts",
    heading="Cohorts",
    lead="A group that learns together, its seats and its time zone.",
    noun=("cohort", "cohorts"),
    rows=lambda: select(Cohort),
    key=Cohort.id,
    load=_rows,
    order="-first-day",
    filters=Filters(
        (Choice("when", "Cohorts by time", PERIODS, _period, style="tabs", default="now"),),
        Search("Name", (Cohort.name,)),
    ),
    columns=(
        Column("Cohort", _name, func.lower(Cohort.name)),
        Column("First day", lambda it: day(it[0].starts_on), Cohort.starts_on),
        Column("Last day", lambda it: day(it[0].ends_on), Cohort.ends_on),
        Column("Seats taken", lambda it: f"{it[1]} of {it[0].seats}", end=True, on_phone=True),
        Column("Time zone", lambda it: it[0].time_zone.replace("_", " ")),
        Column("Next class", _next),
    ),
    empty=lambda asked: EMPTY[asked["when"] or "now"],
    template="admin/cohorts/index.html",
)


@admin.get("/cohorts")
def cohort_index() -> flask.typing.ResponseReturnValue:
    return COHORTS.respond()
