"""Who watched the recording of a class, and who has not."""

from typing import Any

import flask
from sqlalchemy import func

from ffapp.classes.models import ClassSession
from ffapp.recordings import views as viewers
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit.cells import Figure, RowLink, When, lines
from ffapp.web.kit.filters import Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage

SHOWN = (("watched", "Watched"), ("not-yet", "Not yet"))
EMPTY = {
    "watched": (
        "Nobody has watched it yet",
        "Each time a student opens it here is counted.",
    ),
    "not-yet": ("Everybody has watched it", "Nobody is left."),
    None: ("Nobody is enrolled", "Students of the cohort appear here."),
}


def _rows(viewers: Any, session: ClassSession) -> list[tuple[Any, ClassSession, int]]:
    videos = sum(each.file_type == "MP4" for each in session.recordings)
    return [(each, session, videos) for each in viewers]


def _name(row: Any) -> Any:
    viewer = row[0]
    url = flask.url_for("admin.person_show", person_id=viewer.id)
    return lines(RowLink(viewer.name, url), "" if viewer.is_enrolled else "Not enrolled any more")


def _files(row: Any) -> Figure:
    viewer, _, videos = row
    return Figure(viewer.files, f" of {videos}" if videos > 1 else "")


VIEWERS = ListPage(
    name="class-views",
    caption="Who watched",
    noun=("student", "students"),
    rows=viewers.viewers,
    key=viewers.PERSON_ID,
    load=_rows,
    order="-last",
    ties=(func.lower(viewers.NAME),),
    filters=Filters(
        (Choice("show", "Students", SHOWN, viewers.HAS_WATCHED, style="tabs"),),
        Search("Name", (viewers.NAME,)),
    ),
    columns=(
        Column("Student", _name, func.lower(viewers.NAME), name="name"),
        Column("Times", lambda it: Figure(it[0].times), viewers.TIMES, end=True, on_phone=True),
        Column("Files", _files, end=True),
        Column(
            "Last",
            lambda it: When(it[0].last_at, it[1].time_zone) if it[0].last_at else "Not yet",
            viewers.LAST_AT,
        ),
    ),
    empty=lambda asked: EMPTY[asked["show"]],
    template="admin/classes/views.html",
)


@admin.get("/classes/<int:class_id>/views")
def class_views(class_id: int) -> flask.typing.ResponseReturnValue:
    session = class_or_404(class_id)
    return VIEWERS.respond(session, session=session, counts=lambda: viewers.count_watched(session))
