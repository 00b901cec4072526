"""Who watched the recording of a class, and who has not."""

from typing import Any

import flask

from ffapp.recordings import viewers
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit import listing
from ffapp.web.kit.page import page

PER_PAGE = 50
LABELS = {"all": "All", "watched": "Watched", "not-yet": "Not yet"}
FIRST = "-last"  # whoever watched last stands first


@admin.get("/classes/<int:class_id>/views")
def class_views(class_id: int) -> flask.typing.ResponseReturnValue:
    session = class_or_404(class_id)
    shown = listing.query_str("show") or "all"
    shown = shown if shown in viewers.SHOWN else "all"
    order = listing.query_str("sort") or FIRST
    order = order if order.removeprefix("-") in viewers.ORDERS else FIRST
    counts = viewers.counts(session)
    here = listing.page_of(counts[shown], PER_PAGE)
    rows = viewers.viewers(session, shown, order, limit=here.per_page, offset=here.offset)
    return page(
        "admin/classes/views.html",
        session=session,
        rows=rows,
        shown=shown,
        counts=counts,
        tabs=_tabs(shown, counts),
        head=_head(order),
        videos=sum(each.file_type == "MP4" for each in session.recordings),
        pager=here,
        page_url=listing.page_url,
    )


def _tabs(shown: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": LABELS[each],
            "url": listing.current_url(show=None if each == "all" else each),
            "current": each == shown,
            "count": counts[each],
        }
        for each in viewers.SHOWN
    ]


def _head(order: str) -> list[Any]:
    return [
        listing.column("Student", "name", order),
        listing.column("Times", "times", order, align="end"),
        {"label": "Files", "align": "end"},
        listing.column("Last", "last", order),
    ]
