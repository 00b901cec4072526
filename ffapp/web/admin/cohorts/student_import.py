"""Importing students into a cohort from a file."""

import flask

from ffapp.programme.models import Cohort
from ffapp.programme.student_import import STUDENTS
from ffapp.web.admin.blueprint import admin
from ffapp.web.kit.imports import ImportView, home_of, show_import_as, upload_page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.uploads import accepts_upload

show_import_as(
    STUDENTS.kind, ImportView("student", "students", home_of("admin.cohort_show", "cohort_id"))
)


@admin.route("/cohorts/<int:cohort_id>/imports/new", methods=["GET", "POST"])
@accepts_upload
def cohort_import(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    home = (cohort.name, flask.url_for("admin.cohort_show", cohort_id=cohort_id))
    lead = "New students are invited; those who are known are enrolled."
    return upload_page(STUDENTS, cohort_id, heading="Import students", crumb=home, lead=lead)
