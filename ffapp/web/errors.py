"""Error pages: what happened, what we did about it, what you can do."""

import flask
import structlog
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, SecurityError

from ffapp.core.db import EditConflict, db
from ffapp.core.i18n import gettext
from ffapp.web.account.confirm import ask_again
from ffapp.web.auth import NotFresh, SessionOver
from ffapp.web.public.access import session_ended

RETRY_AFTER_SECONDS = 5
PAGES = (400, 403, 404, 409, 413, 429)

BARE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{0}</title><h1>{0}</h1><p>{1} {2}</p></html>
"""

log = structlog.get_logger()


def install(app: flask.Flask) -> None:
    app.register_error_handler(CSRFError, lambda error: session_ended())
    app.register_error_handler(SessionOver, lambda error: session_ended())
    app.register_error_handler(NotFresh, lambda error: ask_again())
    app.register_error_handler(HTTPException, _expected)
    app.register_error_handler(EditConflict, lambda error: _page(409, 409))
    app.register_error_handler(NoConnectionFree, _busy)
    app.register_error_handler(500, _our_mistake)
    # Flask would write it too, with the path, which may carry a link that signs somebody in.
    app.log_exception = lambda exc_info: None  # type: ignore[method-assign]


def _expected(error: HTTPException) -> flask.Response | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    if code == 405:  # the address is none for this kind of request
        return _page(404, code)
    return _page(code if code in PAGES else 400 if code < 500 else 500, code)


def _our_mistake(error: HTTPException) -> flask.Response:
    db.session.rollback()
    original = getattr(error, "original_exception", None)
    log.error("request.failed", exc_info=original or error)
    return _page(500, 500)


def _busy(error: NoConnectionFree) -> flask.Response:
    """All connections are taken: nothing broke, and the same is likely to work in a moment."""
    log.warning("request.no_connection_free")
    response = _page(503, 503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(template: int, status: int) -> flask.Response:
    """The page, which asks the database nothing; a bare one where even that cannot be drawn.

    That is so under a host name that is not ours, since it has no addresses.
    """
    reference = flask.g.get("request_id") if status >= 500 else None
    if status >= 500 or "user_session" not in flask.g:
        flask.g.user_session = None
    bare = BARE.format(gettext("Something went wrong"), status, reference or "")
    if isinstance(flask.request.routing_exception, SecurityError):
        return flask.make_response(bare, status)
    try:
        body = flask.render_template(f"errors/{template}.html", reference=reference)
    except Exception:  # whatever it is: something must be said
        log.exception("error_page.bare")
        body = bare
    return flask.make_response(body, status)
