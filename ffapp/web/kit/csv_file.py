"""CSV files, written as they are read: of a list, all rows that its filters find, in their order.

UTF-8 with a byte order mark: without it Excel takes नमस्ते for something else.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import flask

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.table_files import csv_line
from ffapp.web import rendering


def stream(name: str, lines: Iterable[str]) -> flask.Response:
    """A file of these lines, which may ask the database until the last one."""
    # The request ends before the file does: its database session is kept for the lines.
    session = db.session()
    db.session.registry.clear()

    def body() -> Iterator[bytes]:
        db.session.registry.set(session)
        yield "\ufeff".encode()
        yield from (line.encode() for line in lines)

    answer = flask.Response(
        flask.stream_with_context(body()),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
    answer.call_on_close(session.close)
    return answer


def list_file(view: Any) -> flask.Response:
    """The file of a list (a `ListView`), for those who may see the list."""
    today = clock.local(clock.now(), rendering.own_zone()).date()
    named = view.page.file_name
    name = named(*view.asked.of) if named else f"{view.id}-{today.isoformat()}"
    return stream(name, _lines(view))


def _lines(view: Any) -> Iterator[str]:
    page, asked = view.page, view.asked
    columns = [each for each in page.columns if each.in_file]
    yield csv_line(
        f"{each.label} ({each.unit(*asked.of)})" if each.unit else each.label for each in columns
    )
    for batch in page.ordered(asked).batches():
        for item in page.load(batch, *asked.of):
            yield csv_line(_text(each.value(item)) for each in columns)


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)
