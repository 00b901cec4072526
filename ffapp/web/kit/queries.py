"""Finding the row that an address names."""

from typing import Any, TypeVar

import flask
from sqlalchemy.orm.interfaces import ORMOption

from ffapp.core.db import db
from ffapp.core.permissions import Permission
from ffapp.web import auth
from ffapp.web.kit.listing import LARGEST

T = TypeVar("T")


def get_or_404(what: type[T] | Permission[T], row_id: int, *options: ORMOption) -> T:
    """The row, or 404; also for a number that Postgres would not take for an id.

    `what` is a model, or the permission by which the viewer may see its rows.
    """
    if row_id > LARGEST:
        flask.abort(404)
    if isinstance(what, Permission):
        row = what.find(auth.me().id, row_id)
    else:
        row = db.session.get(what, row_id, options=options)
    return row if row is not None else flask.abort(404)


def form_id(name: str) -> int:
    """The id that a form carries; 404 when it carries none."""
    text = flask.request.form.get(name, "")
    # Python reads no number of thousands of digits, and no id has so many.
    if not (text.isascii() and text.isdecimal() and len(text) < 20) or int(text) > LARGEST:
        flask.abort(404)
    return int(text)


def form_ids(name: str) -> list[int]:
    """The ids that a form carries under one name, once each; what is none is left out."""
    texts = dict.fromkeys(flask.request.form.getlist(name))
    ids = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 20]
    return [each for each in ids if each <= LARGEST]


def one_or_404(query: Any) -> Any:
    """The one row that a query finds, or 404."""
    row = db.session.scalar(query)
    return row if row is not None else flask.abort(404)
