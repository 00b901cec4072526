"""What the simulated providers were asked for, and what they post back or will."""

import json

import flask
from sqlalchemy import Text, cast, func, select
from werkzeug.wrappers import Response

from ffapp.providers.simulating import lists
from ffapp.providers.simulating.callbacks import post_now
from ffapp.providers.simulating.store import callbacks, journal, open_store

STATES = {"due": "due", "delivered": "delivered", "given_up": "given up", "held": "held"}
FACT_LETTERS, BODY_LETTERS = 600, 4000
blueprint = flask.Blueprint("journal", __name__)
callbacks_blueprint = flask.Blueprint("callbacks", __name__)


@blueprint.get("/journal")
def listed() -> str:
    """Filters: `provider`, `act`, `effect` (exact), `q` (anywhere in recipient, act or facts)."""
    columns = (journal.c.recipient, journal.c.act, cast(journal.c.facts, Text))
    query = select(journal).order_by(journal.c.id.desc())
    query = lists.filter_by(
        query, provider=journal.c.provider, act=journal.c.act, effect=journal.c.effect_id
    )
    with open_store().connect() as connection:
        page = lists.fetch(connection, lists.search(query, columns))
        acts = connection.scalars(select(journal.c.act).distinct().order_by(journal.c.act)).all()
    return flask.render_template("simulators/journal.html", page=page, acts=acts, facts=_facts)


@callbacks_blueprint.get("/callbacks", endpoint="listed")
def listed_callbacks() -> str:
    """Filters: `provider`, `state`, `q` (anywhere in event or body)."""
    query = select(
        *(column for column in callbacks.c if column.name != "body"),
        func.left(callbacks.c.body, BODY_LETTERS).label("body"),
        func.octet_length(callbacks.c.body).label("size"),
    )
    query = query.order_by(callbacks.c.id.desc())
    query = lists.filter_by(query, provider=callbacks.c.provider, state=callbacks.c.state)
    with open_store().connect() as connection:
        page = lists.fetch(connection, lists.search(query, (callbacks.c.event, callbacks.c.body)))
    return flask.render_template("simulators/callbacks.html", page=page, states=STATES)


@callbacks_blueprint.post("/callbacks/<int(max=9223372036854775807):callback_id>/post")
def post(callback_id: int) -> Response:
    """Ask the worker to post it now, whatever its state."""
    if not post_now(callback_id):
        flask.abort(404)
    back = flask.url_for("callbacks.listed", done="posted", **lists.filters())
    return flask.redirect(back, 303)


def _facts(facts: dict[str, object]) -> list[tuple[str, str]]:
    """Name and value of each fact, long ones cut."""
    return [
        (name, (value if isinstance(value, str) else json.dumps(value, indent=1))[:FACT_LETTERS])
        for name, value in facts.items()
        if value not in ("", None, [], {})
    ]
