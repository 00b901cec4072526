"""Cohorts: the list, one with its roster, making and changing them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import flask
import wtforms
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from ffapp.classes.upcoming import next_classes, upcoming_classes
from ffapp.core import clock, config
from ffapp.core.db import EditConflict, db
from ffapp.people.account_status import account_statuses
from ffapp.people.consent import latest_consents
from ffapp.people.models import Person
from ffapp.programme import cohorts as room
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web import auth
from ffapp.web.admin import histories
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.sentences import sentence, timeline
from ffapp.web.kit.forms import DateField, Form, Length, NumberField, Required, TextField, ZoneField
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.undo import undoable

COMING_SHOWN = 6


class CohortForm(Form):
    revision = wtforms.IntegerField(widget=wtforms.widgets.HiddenInput(), default=1)
    name = TextField("Name", [Required("Give the cohort a name."), Length(120)])
    starts_on = DateField("First day", [Required("Choose the first day.")])
    ends_on = DateField("Last day", [Required("Choose the last day.")])
    seats = NumberField("Seats", 1, 10_000, " seats", validators=[Required("Say how many seats.")])
    time_zone = ZoneField("Time zone", [Required("Choose a time zone.")])

    @property
    def facts(self) -> dict[str, Any]:
        """What the room asks for."""
        names = ("name", "starts_on", "ends_on", "seats", "time_zone")
        return {name: self[name].data for name in names}


@admin.get("/cohorts")
def cohort_index() -> flask.typing.ResponseReturnValue:
    today = clock.now().date()
    rows = room.cohorts_with_counts()
    over = [row for row in rows if row[0].ends_on < today]
    current = [row for row in rows if row[0].ends_on >= today]
    past = flask.request.args.get("past") == "1"
    return page(
        "admin/cohorts/index.html",
        rows=over if past else current,
        counts=(len(current), len(over)),
        past=past,
        next_class=next_classes(),
    )


@admin.route("/cohorts/new", methods=["GET", "POST"])
def cohort_new() -> flask.typing.ResponseReturnValue:
    form = CohortForm(time_zone=config.current().time_zone, seats=20)
    if form.validate_on_submit():

        def work() -> str:
            cohort = room.create_cohort(**form.facts, by=auth.me())
            flask.flash(f"{cohort.name} is there. Now invite its students.")
            return flask.url_for("admin.cohort_show", cohort_id=cohort.id)

        try:
            return submit(form.submission.data, work)
        except room.NotPossible as problem:
            form.refuse(problem.field, str(problem))
    return _form_page(form, None, 422 if form.is_submitted() else 200)


@admin.get("/cohorts/<int:cohort_id>")
def cohort_show(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    enrolments = _enrolments(cohort)
    students = [each.person_id for each in enrolments]
    return page(
        "admin/cohorts/show.html",
        cohort=cohort,
        roster=[each for each in enrolments if each.is_active],
        withdrawn=[each for each in enrolments if not each.is_active],
        standing=account_statuses(students),
        consents=latest_consents(students),
        coming=upcoming_classes(cohort.id, COMING_SHOWN),
        undoable=undoable(subject=cohort.subject),
        timeline=timeline(histories.of_cohort(cohort), cohort.time_zone),
    )


@admin.route("/cohorts/<int:cohort_id>/edit", methods=["GET", "POST"])
def cohort_edit(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    form = CohortForm(obj=cohort)
    if not form.validate_on_submit():
        return _form_page(form, cohort, 422 if form.is_submitted() else 200)

    def work() -> str:
        revision = form.revision.data or 0
        room.change_cohort(cohort, revision=revision, **form.facts, by=auth.me())
        flask.flash("Saved")
        return flask.url_for("admin.cohort_show", cohort_id=cohort.id)

    try:
        return submit(form.submission.data, work)
    except room.NotPossible as problem:
        form.refuse(problem.field, str(problem))
        return _form_page(form, cohort, 422)
    except EditConflict:
        return _changed_meanwhile(form, cohort)


def _changed_meanwhile(form: CohortForm, cohort: Cohort) -> flask.Response:
    """What was typed stays; saving again, at the revision of now, replaces what the other wrote."""
    edits = cohort.revision - (form.revision.data or 0)
    changes = histories.newest(cohort, "cohort_changed", max(edits, 1))
    form.revision.raw_data, form.revision.data = None, cohort.revision
    told = [(sentence(each, cohort.time_zone), each.at) for each in changes]
    return _form_page(form, cohort, 409, told=told)


def _form_page(
    form: CohortForm,
    cohort: Cohort | None,
    status: int,
    told: Sequence[tuple[str, datetime]] = (),
) -> flask.Response:
    return page(
        "admin/cohorts/form.html",
        form=form,
        cohort=cohort,
        told=told,
        zones=sorted(clock.zone_names()),
        status=status,
    )


def _enrolments(cohort: Cohort) -> Sequence[Enrolment]:
    return db.session.scalars(
        select(Enrolment)
        .join(Enrolment.person)
        .options(contains_eager(Enrolment.person))
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(Person.name, Person.id)
    ).all()
