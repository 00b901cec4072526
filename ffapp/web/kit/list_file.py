"""A list as a CSV file: all rows that its filters find, in their order, written as they are read.

UTF-8 with a byte order mark: without it Excel takes नमस्ते for something else. What begins like a
formula gets an apostrophe before it, so that a name cannot compute.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import flask
from sqlalchemy.orm import Session

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.web import rendering

if TYPE_CHECKING:
    from ffapp.web.kit.list_view import ListView

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def answer(view: "ListView") -> flask.Response:
    """The file of a list, for those who may see the list."""
    today = clock.local(clock.now(), rendering.own_zone()).date()
    named = view.page.file_name
    name = named(*view.asked.of) if named else f"{view.id}-{today.isoformat()}"
    # The request's database session lives on until the last line: what the list is about is in it.
    session = db.session()
    db.session.registry.clear()
    answer = flask.Response(
        flask.stream_with_context(_parts(view, session)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    answer.call_on_close(session.close)
    return answer


def safe(value: Any) -> Any:
    """The cell as it may stand in a file that a spreadsheet opens."""
    if value is None or isinstance(value, int):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


def lines(rows: Iterable[Iterable[Any]]) -> str:
    """The rows as lines of a file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _parts(view: "ListView", session: Session) -> Iterator[bytes]:
    db.session.registry.set(session)
    page, asked = view.page, view.asked
    columns = [each for each in page.columns if each.in_file]
    head = [
        f"{each.label} ({each.unit(*asked.of)})" if each.unit else each.label for each in columns
    ]
    yield lines([head]).encode("utf-8-sig")
    for batch in page.ordered(asked).batches():
        items = page.load(batch, *asked.of)
        yield lines([each.value(item) for each in columns] for item in items).encode()
