"""Requests whose address and form hold nothing that could break what reads them."""

from collections.abc import Iterable, Mapping
from typing import Any

import flask
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from werkzeug.datastructures.structures import iter_multi_items

from ffapp.core.texts import clean


class CleanMultiDict(ImmutableMultiDict[str, Any]):
    """Parameters of the address, fields of a form, or files, with cleaned texts."""

    def __init__(self, mapping: Mapping[str, Any] | Iterable[Any] | None = None) -> None:
        pairs = iter_multi_items(mapping or ())  # type: ignore[arg-type]
        super().__init__([(clean(name), _clean(value)) for name, value in pairs])


def install(app: flask.Flask) -> None:
    """Must come after what exchanges the class of requests, as Htmx does."""
    app.request_class = type(
        "Request", (app.request_class,), {"parameter_storage_class": CleanMultiDict}
    )


def _clean(value: Any) -> Any:
    if isinstance(value, FileStorage):
        value.filename = clean(value.filename or "")
        return value
    return clean(value)
