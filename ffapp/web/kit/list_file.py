"""A list as a CSV file: all rows that its filters find, in their order, written as they are read.

UTF-8 with a byte order mark: without it Excel takes नमस्ते for something else. What begins like a
formula gets an apostrophe before it, so that a name cannot compute.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import flask

from ffapp.core import clock
from ffapp.web import rendering

if TYPE_CHECKING:
    from ffapp.web.kit.list_view import ListView

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def answer(view: "ListView") -> flask.Response:
    """The file of a list, for whoever may see the list."""
    day = clock.local(clock.now(), rendering.own_zone()).date()
    return flask.Response(
        flask.stream_with_context(_parts(view)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{view.id}-{day.isoformat()}.csv"'},
    )


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


def _parts(view: "ListView") -> Iterator[bytes]:
    page, asked = view.page, view.asked
    columns = [each for each in page.columns if each.in_file]
    yield lines([[each.label for each in columns]]).encode("utf-8-sig")
    for batch in page.ordered(asked).batches():
        items = page.load(batch, *asked.of)
        yield lines([each.value(item) for each in columns] for item in items).encode()
