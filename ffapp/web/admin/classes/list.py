"""The list of classes."""

from collections.abc import Sequence
from typing import Any

import flask

from ffapp.classes import phase, queries
from ffapp.classes.models import ClassSession
from ffapp.classes.queries import ClassFilters
from ffapp.core import clock
from ffapp.core.db import db
from ffapp.meetings import meeting_status
from ffapp.meetings.meeting_problems import needs_attention
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.web.admin.blueprint import admin
from ffapp.web.kit import listing
from ffapp.web.kit.page import page
from ffapp.web.kit.undo import undoable

PER_PAGE = 25
ATTENTION = "attention"


@admin.get("/classes")
def class_index() -> flask.typing.ResponseReturnValue:
    wanted = _wanted()
    counts = queries.count_by_period(wanted)
    here = listing.page_of(counts[wanted.period], PER_PAGE)
    latest_first = _latest_first(wanted.period)
    query = queries.classes(wanted, latest_first=latest_first)
    sessions = db.session.scalars(query.limit(here.per_page).offset(here.offset)).all()
    return page(
        "admin/classes/index.html",
        fragments=("class_list",),
        rows=_rows(sessions),
        pager=here,
        page_url=listing.page_url,
        wanted=wanted,
        attention=_is_attention(),
        tabs=_tabs(wanted.period, counts),
        time_column=_time_column(latest_first),
        narrowed=bool(wanted.cohort_id or wanted.host or wanted.title or _is_attention()),
        cohorts=queries.cohorts(),
        hosts=_hosts(),
        undoable=undoable(kind="cancel"),
    )


def class_or_404(class_id: int) -> ClassSession:
    """The class of an address."""
    session = db.session.get(ClassSession, class_id) if class_id <= listing.LARGEST else None
    return session or flask.abort(404)


def _wanted() -> ClassFilters:
    now = clock.now()
    period = listing.query_str("when") or "coming"
    return ClassFilters(
        now=now,
        period=period if period in queries.PERIODS else "coming",
        cohort_id=listing.query_int("cohort"),
        host=listing.query_str("host"),
        title=listing.query_str("q"),
        more=(needs_attention(now),) if _is_attention() else (),
    )


def _is_attention() -> bool:
    return listing.query_str("state") == ATTENTION


def _latest_first(period: str) -> bool:
    """What comes next stands first, and of what is past the latest; a click turns it around."""
    return {"": period != "coming", "-time": True}.get(listing.query_str("sort"), False)


def _time_column(latest_first: bool) -> dict[str, Any]:
    return {
        "label": "When",
        "url": listing.current_url(sort="time" if latest_first else "-time"),
        "sorted": "descending" if latest_first else "ascending",
    }


def _tabs(period: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    labels = {"coming": "Coming", "past": "Past", "all": "All"}
    lists = [
        {
            "label": labels[each],
            "url": listing.current_url(when=None if each == "coming" else each, sort=None),
            "current": each == period,
            "count": counts[each],
        }
        for each in queries.PERIODS
    ]
    month = flask.url_for("admin.class_month", cohort=listing.query_int("cohort"))
    return [*lists, {"label": "Month", "url": month}]


def _hosts() -> list[tuple[str, str]]:
    """Address and label: a host of the usual domain is called by what stands before it."""
    usual = "@" + ZoomSettings.current().host_email.partition("@")[2]
    return [(each, each.removesuffix(usual)) for each in queries.hosts()]


def _rows(sessions: Sequence[ClassSession]) -> list[dict[str, Any]]:
    now = clock.now()
    standings = meeting_status.meeting_statuses(sessions)
    return [
        {
            "session": each,
            "phase": phase.phase_of(each, now),
            "zoom": standings[each.id],
            "recording": phase.recording_state(each, now),
        }
        for each in sessions
    ]
