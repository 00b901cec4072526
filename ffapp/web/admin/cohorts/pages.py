"""Cohorts: one with its roster, making and changing them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import flask
import wtforms

from ffapp.classes.upcoming import upcoming_classes
from ffapp.core import clock, config
from ffapp.core.db import EditConflict
from ffapp.programme import cohorts as room
from ffapp.programme.models import Cohort
from ffapp.web import auth
from ffapp.web.admin import histories
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.cohorts.roster import ROSTER
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
    return ROSTER.respond(
        cohort,
        cohort=cohort,
        enrolled=lambda: room.enrolled_count(cohort),
        coming=lambda: upcoming_classes(cohort.id, COMING_SHOWN),
        undoable=lambda: undoable(subject=cohort.subject),
        timeline=lambda: timeline(histories.of_cohort(cohort), cohort.time_zone),
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
