"""The bell's page, at the student door."""

import flask

from ffapp.web import bell
from ffapp.web.student.blueprint import student


@student.get("/notifications")
def notification_index() -> flask.typing.ResponseReturnValue:
    return bell.index("student/notifications.html")


@student.get("/notifications/<int:notification_id>")
def notification_show(notification_id: int) -> flask.typing.ResponseReturnValue:
    return bell.follow(notification_id)


@student.post("/notifications/readings")
def notification_read_all() -> flask.typing.ResponseReturnValue:
    return bell.read_all()
