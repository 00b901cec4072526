"""Cohorts: one with its roster, making and changing them, importing students."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import flask
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import contains_eager

from ffapp.classes.queries import upcoming_classes
from ffapp.core import clock, config
from ffapp.core.events import Event
from ffapp.people.account_status import account_status
from ffapp.people.models import Person
from ffapp.programme import cohorts
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web import auth
from ffapp.web.admin.people.list import CALL, SEARCH, STATES, WRITE, PersonRow, person_rows
from ffapp.web.auth import admin
from ffapp.web.kit.cells import Chip, Press, When, lines
from ffapp.web.kit.filters import Choice, Filters
from ffapp.web.kit.forms import DateField, Length, NumberField, Required, TextField, ZoneField
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.resource import ResourceForm, respond
from ffapp.web.kit.timeline import edits_in_words, newest_events, timeline
from ffapp.web.kit.undo import undoable

UPCOMING_SHOWN = 6


class CohortForm(ResourceForm):
    name = TextField("Name", [Required("Give the cohort a name."), Length(120)])
    starts_on = DateField("First day", [Required("Choose the first day.")])
    ends_on = DateField("Last day", [Required("Choose the last day.")])
    seats = NumberField("Seats", 1, 10_000, " seats", validators=[Required("Say how many seats.")])
    time_zone = ZoneField("Time zone", [Required("Choose a time zone.")])

    @property
    def facts(self) -> dict[str, Any]:
        """What a cohort is made of."""
        names = ("name", "starts_on", "ends_on", "seats", "time_zone")
        return {name: self[name].data for name in names}


@admin.route("/cohorts/new", methods=["GET", "POST"])
def cohort_new() -> flask.typing.ResponseReturnValue:
    form = CohortForm(time_zone=config.current().time_zone, seats=20)

    def save() -> str:
        cohort = cohorts.create_cohort(**form.facts, by=auth.me())
        flask.flash(f"{cohort.name} is created. Now invite its students.")
        return flask.url_for("admin.cohort_show", cohort_id=cohort.id)

    return respond(form, save, partial(_form_page, form, None))


@admin.get("/cohorts/<int:cohort_id>")
def cohort_show(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    return ROSTER.respond(
        cohort,
        cohort=cohort,
        enrolled=lambda: cohorts.enrolled_count(cohort),
        upcoming=lambda: upcoming_classes(cohort.id, UPCOMING_SHOWN),
        undoable=lambda: undoable(subject=cohort.subject),
        timeline=lambda: timeline(_events(cohort), cohort.time_zone),
    )


@admin.route("/cohorts/<int:cohort_id>/edit", methods=["GET", "POST"])
def cohort_edit(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    form = CohortForm(obj=cohort)

    def save() -> str:
        cohorts.change_cohort(cohort, revision=form.typed_revision, **form.facts, by=auth.me())
        flask.flash("Saved")
        return flask.url_for("admin.cohort_show", cohort_id=cohort.id)

    return respond(form, save, partial(_form_page, form, cohort), cohort)


def _events(cohort: Cohort) -> Sequence[Event]:
    """What happened to the cohort itself, and who came and went."""
    ids = select(Enrolment.id).where(Enrolment.cohort_id == cohort.id)
    return newest_events(cohort, also=[(Enrolment.__tablename__, ids)])


def _form_page(
    form: CohortForm, cohort: Cohort | None, status: int, conflict: int | None = None
) -> flask.Response:
    return page(
        "admin/cohorts/form.html",
        form=form,
        cohort=cohort,
        conflict=edits_in_words(cohort, conflict, cohort and cohort.time_zone),
        zones=sorted(clock.zone_names()),
        status=status,
    )


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
    heading="Students of the cohort",
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
    actions=(WRITE, CALL),
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
