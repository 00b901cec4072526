"""What a request names: words, numbers, and the rows of the ids that it carries."""

from typing import Any, TypeVar

import flask
from sqlalchemy.orm.interfaces import ORMOption

from ffapp.core.db import db
from ffapp.core.permissions import Permission
from ffapp.web import auth
from ffapp.web.kit.filters import clean, parse_number

T = TypeVar("T")


def query_str(name: str) -> str:
    """A parameter of the address, cleaned; empty when it is not there."""
    return clean(flask.request.args.get(name, ""))


def query_int(name: str) -> int | None:
    """A parameter that ought to be a whole number; None when it is not."""
    return parse_number(query_str(name))


def form_id(name: str) -> int:
    """The id that a form carries; 404 when it carries none."""
    found = parse_number(flask.request.form.get(name, ""))
    return found if found is not None else flask.abort(404)


def sent_ids(name: str) -> list[int]:
    """The ids that the address or the form names, once each; what is none is left out."""
    texts = dict.fromkeys(flask.request.values.getlist(name))
    return [each for each in map(parse_number, texts) if each is not None]


def get_or_404(what: type[T] | Permission[T], row_id: int, *options: ORMOption) -> T:
    """The row, or 404. `what` is a model, or the permission by which one may see its rows."""
    if isinstance(what, Permission):
        row = what.find(auth.me().id, row_id)
    else:
        row = db.session.get(what, row_id, options=options)
    return row if row is not None else flask.abort(404)


def one_or_404(query: Any) -> Any:
    """The one row that a query finds, or 404."""
    row = db.session.scalar(query)
    return row if row is not None else flask.abort(404)
