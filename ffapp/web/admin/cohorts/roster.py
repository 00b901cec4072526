"""The roster of a cohort: who is enrolled, who was withdrawn."""

from collections.abc import Sequence
from typing import Any

import flask
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import contains_eager

from ffapp.people.account_status import account_status
from ffapp.people.models import Person
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web.admin.people.list import SEARCH, STATES, WRITE, PersonRow, person_rows
from ffapp.web.kit.cells import Chip, Press, When, lines
from ffapp.web.kit.filters import Choice, Filters
from ffapp.web.kit.list_page import Column, ListPage

Row = tuple[Enrolment, PersonRow]
PLACES = (("enrolled", "Enrolled"), ("withdrawn", "Withdrawn"))
PLACE = case((Enrolment.withdrawn_at.is_(None), "enrolled"), else_="withdrawn")


def _enrolments(cohort: Cohort) -> Select[Any]:
    return (
        select(Enrolment)
        .join(Enrolment.person)
        .join(Person.user)
        .where(Enrolment.cohort_id == cohort.id)
        .options(contains_eager(Enrolment.person).contains_eager(Person.user))
    )


def _rows(enrolments: Sequence[Enrolment], cohort: Cohort) -> list[Row]:
    people = person_rows([each.person for each in enrolments])
    return list(zip(enrolments, people, strict=True))


def _consent(row: Row) -> Any:
    said = row[1].said
    return lines(row[1].consent, said[1] if said else "")


def _button(row: Row) -> Press:
    """The way out, or back in."""
    enrolment, person = row[0], row[1].person
    url = {"cohort_id": enrolment.cohort_id}
    if enrolment.is_active:
        address = flask.url_for("admin.cohort_withdraw", **url)
        return Press("Withdraw", address, "person_id", person.id, f"Withdraw {person.name}")
    address = flask.url_for("admin.cohort_seat", **url)
    return Press("Enrol again", address, "person_id", person.id, f"Enrol {person.name} again")


ROSTER = ListPage(
    name="roster",
    caption="Students of the cohort",
    noun=("student", "students"),
    rows=_enrolments,
    key=Enrolment.person_id,
    load=_rows,
    order="student",
    filters=Filters(
        (
            Choice("place", "Enrolment", PLACES, PLACE, style="chips", default="enrolled"),
            Choice("state", "Can sign in", STATES, account_status, every="Any state"),
        ),
        SEARCH,
    ),
    columns=(
        Column("Student", lambda it: it[1].name, func.lower(Person.name)),
        Column("E-mail", lambda it: it[1].person.email, on_page=False),
        Column("Phone", lambda it: it[1].person.phone, on_page=False),
        Column("Can sign in", lambda it: Chip("person", it[1].state), on_phone=True),
        Column("Guardian", _consent),
        Column(
            "Withdrawn",
            lambda it: When(it[0].withdrawn_at) if it[0].withdrawn_at else None,
            on_page=False,
        ),
        Column("Withdraw", _button, fit=True, is_hidden_label=True, in_file=False),
    ),
    actions=(WRITE,),
    action_fields=lambda cohort: {"roster": cohort.id},
    row_id=lambda it: it[1].person.id,
    can_choose=lambda it: it[0].is_active,
    has_row_buttons=True,
    empty=(
        "Nobody is enrolled yet",
        "Students appear here with their invitation and what their guardian said.",
    ),
    no_match="Nobody fits these filters",
    template="admin/cohorts/show.html",
)
