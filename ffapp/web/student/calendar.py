"""A student's classes for the calendar they keep."""

import flask

from ffapp.classes import calendar, permissions
from ffapp.web import auth
from ffapp.web.student.blueprint import student


@student.get("/classes/<int:class_id>.ics")
def class_ics(class_id: int) -> flask.typing.ResponseReturnValue:
    """One class as a file, for whoever has a seat in it."""
    session = permissions.class_of(auth.me(), class_id)
    if session is None:
        flask.abort(404)
    response = flask.Response(
        calendar.file_of(session), content_type="text/calendar; charset=utf-8"
    )
    name = calendar.file_name(session)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
