"""A student's classes for the calendar they keep."""

import flask

from ffapp.classes import calendar, visible
from ffapp.web import guard
from ffapp.web.student.door import student


@student.get("/classes/<int:class_id>.ics")
def class_ics(class_id: int) -> flask.typing.ResponseReturnValue:
    """One class as a file, for whoever has a seat in it."""
    session = visible.class_of(guard.me(), class_id)
    if session is None:
        flask.abort(404)
    response = flask.Response(
        calendar.file_of(session), content_type="text/calendar; charset=utf-8"
    )
    name = calendar.file_name(session)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
