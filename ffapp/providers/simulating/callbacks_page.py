"""The callbacks: what the simulated providers have posted to our webhooks, or will."""

import flask
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from ffapp.providers.simulating import paging
from ffapp.providers.simulating.callbacks import post_now
from ffapp.providers.simulating.store import callbacks, open_store

STATES = {"due": "due", "delivered": "delivered", "given_up": "given up"}
BODY_LETTERS = 4000
blueprint = flask.Blueprint("callbacks", __name__)


@blueprint.get("/callbacks")
def listed() -> str:
    """Filters: `provider`, `state`, `q` (anywhere in event or body)."""
    asked = paging.filters()
    shown = [column for column in callbacks.c if column.name != "body"]
    query = select(
        *shown,
        func.left(callbacks.c.body, BODY_LETTERS).label("body"),
        func.octet_length(callbacks.c.body).label("size"),
    ).order_by(callbacks.c.id.desc())
    if asked.get("provider"):
        query = query.where(callbacks.c.provider == asked["provider"])
    if asked.get("state") in STATES:
        query = query.where(callbacks.c.state == asked["state"])
    words = asked.get("q")
    if words:
        pattern = paging.like(words)
        query = query.where(callbacks.c.event.ilike(pattern) | callbacks.c.body.ilike(pattern))
    with open_store().connect() as connection:
        page = paging.fetch(connection, query)
    return flask.render_template("simulators/callbacks.html", page=page, states=STATES)


@blueprint.post("/callbacks/<int(max=9223372036854775807):callback_id>/post")
def post(callback_id: int) -> Response:
    """Ask the worker to post it now, whatever its state."""
    if not post_now(callback_id):
        flask.abort(404)
    back = flask.url_for("callbacks.listed", done="posted", **paging.filters())
    return flask.redirect(back, 303)
