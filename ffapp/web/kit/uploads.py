"""Big files: only views that say so take them, and one that is too big is refused in a sentence.

All other requests may carry 2 MB. The limit is set before anything reads the form (the check of
its CSRF token does): a file that is too big is never kept, in memory or on disk.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import flask

MOST_MEGABYTES = 20
MOST_BYTES = MOST_MEGABYTES * 1024 * 1024
READ_AT_MOST = 10 * MOST_BYTES
CHUNK = 256 * 1024
FILE = "file"
MULTIPART = "multipart/form-data"
NOT_FORMS = ("hooks", "simulators")
TOO_BIG = (
    f"This file is bigger than {MOST_MEGABYTES} MB. Remove pictures and sheets that are not needed,"
    " or divide it, and upload it again."
)

View = TypeVar("View", bound=Callable[..., Any])


def accepts_upload(view: View) -> View:
    """Mark a view whose form carries a file. Where it was too big, its GET has `refused=size`."""
    view.accepts_upload = True  # type: ignore[attr-defined]
    return view


def install(app: flask.Flask) -> None:
    """Must come before the CSRF protection."""
    app.before_request(_allow)


def refusal() -> str | None:
    """Why the upload that was just tried was refused."""
    return TOO_BIG if flask.request.args.get("refused") == "size" else None


def _allow() -> Any:
    request = flask.request
    view = flask.current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "accepts_upload", False):
        return _refuse_files()
    request.max_content_length = MOST_BYTES
    if (request.content_length or 0) <= MOST_BYTES:
        return _refuse_files()
    _read_to_the_end()
    return flask.redirect(flask.url_for(request.endpoint, **request.view_args, refused="size"), 303)


def _refuse_files() -> None:
    """A field of a form that carries a file is called FILE: no other may be one."""
    request = flask.request
    is_form = request.blueprint not in NOT_FORMS and request.mimetype == MULTIPART
    if is_form and any(name != FILE for name in request.files):
        flask.abort(422)


def _read_to_the_end() -> None:
    """Read what is sent and keep nothing: a browser shows no answer before all has been taken."""
    body, left = flask.request.environ["wsgi.input"], READ_AT_MOST
    while left > 0 and (chunk := body.read(CHUNK)):
        left -= len(chunk)
