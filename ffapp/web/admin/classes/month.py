"""The classes of a month, each in the zone of its cohort."""

from typing import Any

import flask
from sqlalchemy import select

from ffapp.classes import queries
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.web import month
from ffapp.web.admin.blueprint import admin
from ffapp.web.kit import listing
from ffapp.web.kit.page import page
from ffapp.web.rendering import own_zone


@admin.get("/classes/month")
def class_month() -> flask.typing.ResponseReturnValue:
    cohort_id = listing.query_int("cohort")
    today = clock.local(clock.now(), own_zone()).date()
    first = month.asked(today)
    begins, ends = month.instants(first)
    wanted = select(ClassSession).where(
        ClassSession.starts_at >= begins, ClassSession.starts_at < ends
    )
    if cohort_id is not None:
        wanted = wanted.where(ClassSession.cohort_id == cohort_id)
    in_order = wanted.order_by(ClassSession.starts_at, ClassSession.id)
    shown = month.arrange(
        first,
        today,
        db.session.scalars(in_order),
        zone_of=lambda session: session.time_zone,
        url_of=lambda session: flask.url_for("admin.class_show", class_id=session.id),
    )
    return page(
        "admin/classes/month.html",
        fragments=("month_view",),
        month=shown,
        month_url=lambda first: _here(first, cohort_id),
        this_month=today.replace(day=1),
        tabs=_tabs(cohort_id),
        cohorts=queries.cohorts(),
        cohort_id=cohort_id,
    )


def _here(first: Any, cohort_id: int | None) -> str:
    return flask.url_for("admin.class_month", month=f"{first:%Y-%m}", cohort=cohort_id)


def _tabs(cohort_id: int | None) -> list[dict[str, Any]]:
    """The list's own tabs, and this one."""
    periods = (("Coming", None), ("Past", "past"), ("All", "all"))
    lists = [
        {"label": label, "url": flask.url_for("admin.class_index", when=when, cohort=cohort_id)}
        for label, when in periods
    ]
    here = {"label": "Month", "url": flask.url_for("admin.class_month", cohort=cohort_id)}
    return [*lists, {**here, "current": True}]
