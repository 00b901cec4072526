"""The classes: as a list, each with its meeting and its recording, and as a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import case, func, select

from ffapp.classes import phase as live
from ffapp.classes import queries
from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.meetings.meeting_status import needs_attention
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.web import month
from ffapp.web.auth import admin
from ffapp.web.kit.bulk_actions import BulkAction
from ffapp.web.kit.cells import Chip, RowLink, When, lines
from ffapp.web.kit.filters import Asked, Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import query_int
from ffapp.web.kit.undo import undoable

PERIODS = (("coming", "Coming"), ("past", "Past"))
NONE_PAST = ("No class is over yet", "Classes come here when they have ended.")
NONE = ("No classes yet", "A class that you schedule appears here with its Zoom meeting.")


@dataclass(frozen=True)
class ClassRow:
    session: ClassSession
    phase: str

    @property
    def when(self) -> Any:
        session = self.session
        zone = session.time_zone.replace("_", " ")
        at = When(session.starts_at, session.time_zone)
        return lines(at, f"{session.duration_minutes} min · {zone}")

    @property
    def title(self) -> Any:
        url = flask.url_for("admin.class_show", class_id=self.session.id)
        return lines(RowLink(self.session.title, url), self.session.cohort.name)

    @property
    def recording(self) -> Chip | None:
        state = self.session.recording_state
        return Chip("recording", state) if state else None

    @property
    def host(self) -> Any:
        name, _, domain = self.session.zoom_host_email.partition("@")
        return lines(name, f"@{domain}")


def _rows(sessions: Sequence[ClassSession]) -> list[ClassRow]:
    now = clock.now()
    return [ClassRow(each, live.phase_of(each, now)) for each in sessions]


def _period() -> Any:
    return case((queries.over(clock.now()), "past"), else_="coming")


def cohort_options(asked: Asked | None = None) -> list[tuple[int, str]]:
    """All cohorts, the newest first."""
    return [(each.id, each.name) for each in queries.cohorts()]


def _hosts(asked: Asked) -> list[tuple[str, str]]:
    """Address and label: a host of the usual domain is called by what stands before it."""
    usual = "@" + ZoomSettings.current().host_email.partition("@")[2]
    return [(each, each.removesuffix(usual)) for each in queries.hosts()]


CLASSES = ListPage(
    name="classes",
    heading="Classes",
    lead="Each with its Zoom meeting and its recording.",
    noun=("class", "classes"),
    rows=lambda: select(ClassSession),
    key=ClassSession.id,
    load=_rows,
    # What comes next stands first, and of what is past the latest.
    order=lambda asked: "-time" if asked["when"] == "past" else "time",
    per_page=25,
    filters=Filters(
        (
            Choice(
                "when",
                "Classes by time",
                PERIODS,
                _period,
                style="tabs",
                default="coming",
                links=lambda asked: [
                    (flask.url_for("admin.class_month", cohort=asked["cohort"]), "Month")
                ],
            ),
            Choice("cohort", "Cohort", cohort_options, ClassSession.cohort_id, every="All cohorts"),
            Choice(
                "host", "Host", _hosts, func.lower(ClassSession.zoom_host_email), every="All hosts"
            ),
            Choice(
                "state",
                "State",
                (("attention", "Needs attention"),),
                every="Any state",
                condition=lambda value: needs_attention(clock.now()),
            ),
        ),
        Search("Search in titles", (ClassSession.title,)),
    ),
    columns=(
        Column("When", lambda it: it.when, ClassSession.starts_at, name="time"),
        Column("Class", lambda it: it.title, lead=True),
        Column("Cohort", lambda it: it.session.cohort.name, on_page=False),
        Column("Host", lambda it: it.host),
        Column("State", lambda it: Chip("class", it.phase), on_phone=True),
        Column("Meeting", lambda it: Chip("zoom", it.session.meeting_state)),
        Column("Recording", lambda it: it.recording),
    ),
    actions=(BulkAction("Cancel them", "admin.class_cancellations", icon="ban", danger=True),),
    row_id=lambda it: it.session.id,
    can_choose=lambda it: it.phase not in (live.Phase.CANCELLED, live.Phase.ENDED),
    empty=lambda asked: NONE_PAST if asked["when"] == "past" else NONE,
    template="admin/classes/index.html",
)


@admin.get("/classes")
def class_index() -> flask.typing.ResponseReturnValue:
    return CLASSES.respond(undoable=lambda: undoable(kind="cancel"))


@admin.get("/classes/month")
def class_month() -> flask.typing.ResponseReturnValue:
    """The classes of a month, each in the zone of its cohort."""
    cohort_id = query_int("cohort")
    classes = select(ClassSession)
    if cohort_id is not None:
        classes = classes.where(ClassSession.cohort_id == cohort_id)
    return page(
        "admin/classes/month.html",
        fragments=("month_view",),
        month=month.month_of(classes, cohort=cohort_id),
        tabs=_tabs(cohort_id),
        cohorts=queries.cohorts(),
        cohort_id=cohort_id,
    )


def _tabs(cohort_id: int | None) -> list[dict[str, Any]]:
    """The list's own tabs, and this one."""
    periods = (("Coming", None), ("Past", "past"), ("All", "all"))
    lists = [
        {"label": label, "url": flask.url_for("admin.class_index", when=when, cohort=cohort_id)}
        for label, when in periods
    ]
    here = {"label": "Month", "url": flask.url_for("admin.class_month", cohort=cohort_id)}
    return [*lists, {**here, "current": True}]
