"""The phone: what people read on WhatsApp, how far each message came, and what they write back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import flask
from sqlalchemy import select
from werkzeug.wrappers import Response

from ffapp.core import clock, phone
from ffapp.providers.simulating import lists
from ffapp.providers.simulating.store import journal, open_store

LONGEST_TEXT = 4096  # what WhatsApp lets a person write at once
MESSAGE, REPLY = "whatsapp", "whatsapp.reply"
blueprint = flask.Blueprint("phone", __name__)


@blueprint.get("/phone")
def listed() -> str:
    """Filters: `to` (a number), `q` (anywhere in number, name, campaign or text)."""
    number = lists.filters().get("to", "")
    facts = journal.c.facts
    query = select(journal).where(journal.c.act.in_((MESSAGE, REPLY))).order_by(journal.c.id.desc())
    query = lists.filter_by(query, to=journal.c.recipient)
    columns = (facts[name].astext for name in ("name", "text", "campaign"))
    query = lists.search(query, (journal.c.recipient, *columns))
    with open_store().connect() as connection:
        page = lists.fetch(connection, query)
        people = lists.people(connection, MESSAGE, REPLY)
    return flask.render_template(
        "simulators/phone.html",
        page=page,
        bubbles=[_bubble(row) for row in page.rows],
        people=people,
        number=number,
        owner=next((each for each in people if each.recipient == number), None),
        display=_display,
        wrong=flask.request.args.get("wrong", ""),
        can_write=_writer() is not None,
    )


@blueprint.post("/phone/replies")
def reply() -> Response:
    """Form: `from` (a number), `text`. Writes to the school as that person."""
    write = _writer() or flask.abort(404)
    form = flask.request.form
    text = form.get("text", "").replace("\0", "").strip()
    try:
        number = phone.parse(form.get("from", ""))
    except phone.NotAPhoneNumber as error:
        return _back(wrong=str(error))
    if not 0 < len(text) <= LONGEST_TEXT:
        return _back(wrong=f"Write between 1 and {LONGEST_TEXT} letters.", to=number)
    write(number, _name_of(number), text)
    return _back(done="written", to=number)


def _bubble(row: Any) -> dict[str, Any]:
    """How far a message of ours has come: `state`, why no further, and what is to come next."""
    if row.act == REPLY:
        return {"row": row, "by_person": True}
    now = clock.now()
    steps = [(step, datetime.fromisoformat(step["at"])) for step in row.facts["steps"]]
    past = [step for step, at in steps if at <= now]
    failed = past[-1] if past and past[-1]["code"] else None
    return {
        "row": row,
        "state": past[-1]["status"].lower() if past else "accepted",
        "failure": f"{failed['code']}, {row.facts['scenario']}" if failed else "",
        "next": next(((step["status"].lower(), at) for step, at in steps if at > now), None),
    }


def _writer() -> Callable[[str, str, str], None] | None:
    """How a person writes back, where a simulated provider offers it."""
    providers = flask.current_app.extensions["providers"]
    return next((each.reply for each in providers if each.reply and each.is_active), None)


def _name_of(number: str) -> str:
    """How the last message to or from that number called its owner; else the number itself."""
    query = (
        select(journal.c.facts["name"].astext)
        .where(journal.c.act.in_((MESSAGE, REPLY)), journal.c.recipient == number)
        .order_by(journal.c.id.desc())
        .limit(1)
    )
    with open_store().connect() as connection:
        return connection.scalar(query) or number.removeprefix("+")


def _display(number: str) -> str:
    try:
        return phone.display(phone.parse(number))
    except phone.NotAPhoneNumber:
        return number


def _back(**said: str) -> Response:
    return flask.redirect(flask.url_for("phone.listed", **said), 303)
