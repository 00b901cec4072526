"""A student's classes for the calendar they keep."""

import flask

from ffapp.classes import calendar
from ffapp.classes.permissions import CLASSES
from ffapp.web.kit.queries import get_or_404
from ffapp.web.student.blueprint import student


@student.get("/classes/<int:class_id>.ics")
def class_ics(class_id: int) -> flask.typing.ResponseReturnValue:
    """One class as a file, for whoever has a seat in it."""
    session = get_or_404(CLASSES, class_id)
    response = flask.Response(
        calendar.file_of(session), content_type="text/calendar; charset=utf-8"
    )
    name = calendar.file_name(session)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
