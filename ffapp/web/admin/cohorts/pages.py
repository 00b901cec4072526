"""Cohorts: one with its roster, making and changing them."""

from functools import partial
from typing import Any

import flask

from ffapp.classes.queries import upcoming_classes
from ffapp.core import clock, config
from ffapp.programme import cohorts
from ffapp.programme.models import Cohort
from ffapp.web import auth
from ffapp.web.admin import histories
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.cohorts.roster import ROSTER
from ffapp.web.kit.forms import DateField, Length, NumberField, Required, TextField, ZoneField
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.resource import ResourceForm, respond
from ffapp.web.kit.timeline import edits_in_words, timeline
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
        timeline=lambda: timeline(histories.of_cohort(cohort), cohort.time_zone),
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


def _form_page(
    form: CohortForm, cohort: Cohort | None, status: int, conflict: int | None = None
) -> flask.Response:
    return page(
        "admin/cohorts/form.html",
        form=form,
        cohort=cohort,
        conflict=edits_in_words(cohort, conflict, cohort.time_zone)
        if cohort and conflict is not None
        else None,
        zones=sorted(clock.zone_names()),
        status=status,
    )
