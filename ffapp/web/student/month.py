"""A student's classes of a month, in the student's own zone."""

from typing import Any

import flask

from ffapp.classes import permissions
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.web import auth, month
from ffapp.web.kit.page import page
from ffapp.web.month import Month
from ffapp.web.rendering import own_zone
from ffapp.web.student.blueprint import student


@student.get("/schedule/month")
def schedule_month() -> flask.typing.ResponseReturnValue:
    person = auth.me()
    today = clock.local(clock.now(), own_zone()).date()
    first = month.asked(today)
    begins, ends = month.instants(first)
    sessions = db.session.scalars(
        permissions.classes_of(person.id)
        .where(ClassSession.starts_at >= begins, ClassSession.starts_at < ends)
        .order_by(ClassSession.starts_at, ClassSession.id)
    ).all()
    shown = month.arrange(
        first,
        today,
        sessions,
        zone_of=lambda session: person.time_zone or session.time_zone,
        url_of=lambda session: flask.url_for("student.class_show", class_id=session.id),
    )
    return page(
        "student/month.html",
        month=shown,
        month_url=lambda first: flask.url_for("student.schedule_month", month=f"{first:%Y-%m}"),
        this_month=today.replace(day=1),
        **_zones(shown, person.time_zone),
    )


def _zones(shown: Month, own: str | None) -> dict[str, Any]:
    """How many cohorts the month's classes are of, and which is held in a zone other than `own`."""
    zones = {(each.session.cohort.name, each.session.time_zone) for each in shown.entries}
    return {
        "many_cohorts": len(zones) > 1,
        "cohort_zones": sorted((name, zone) for name, zone in zones if zone != own),
    }
