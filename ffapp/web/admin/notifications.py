"""The bell's page for admins."""

import flask

from ffapp.web import bell
from ffapp.web.admin.blueprint import admin


@admin.get("/notifications")
def notification_index() -> flask.typing.ResponseReturnValue:
    return bell.index("admin/notifications.html")


@admin.get("/notifications/<int:notification_id>")
def notification_show(notification_id: int) -> flask.typing.ResponseReturnValue:
    return bell.follow(notification_id)


@admin.post("/notifications/readings")
def notification_read_all() -> flask.typing.ResponseReturnValue:
    return bell.read_all()
