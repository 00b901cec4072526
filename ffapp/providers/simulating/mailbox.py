"""The mailbox: every mail that the simulated SendGrid took, as its reader would see it."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import flask
from sqlalchemy import func, select

from ffapp.providers.simulating import lists, store
from ffapp.providers.simulating.store import callbacks, journal, open_store

SNIPPET_LETTERS = 160
HEAD = re.compile(r"<head(\s[^>]*)?>", re.I)
TOP_WINDOW = '<base target="_top">'
# The mail is a stranger's HTML: it may look as it likes, run nothing and load nothing.
SANDBOX = "allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    f"form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
)
blueprint = flask.Blueprint("mailbox", __name__)
is_mail = journal.c.act == "mail"


@dataclass(frozen=True)
class Event:
    """One event of a mail: when, what, and how its post to us went."""

    at: datetime
    name: str
    words: str
    state: str
    answers: Sequence[Any]


@blueprint.get("/mailbox")
def listed() -> str:
    """Filters: `to` (an address), `q` (anywhere in address, name, subject or text)."""
    asked = lists.filters()
    facts = journal.c.facts
    columns = [facts[name].astext for name in ("name", "subject", "text")]
    query = (
        select(
            journal.c.id,
            journal.c.at,
            journal.c.recipient,
            facts["name"].astext.label("name"),
            facts["subject"].astext.label("subject"),
            facts["scenario"].astext.label("scenario"),
            func.left(facts["text"].astext, SNIPPET_LETTERS).label("snippet"),
        )
        .where(is_mail)
        .order_by(journal.c.id.desc())
    )
    if asked.get("to"):
        query = query.where(journal.c.recipient == asked["to"])
    query = lists.search(query, (journal.c.recipient, *columns))
    with open_store().connect() as connection:
        page = lists.fetch(connection, query)
        people = lists.people(connection, "mail")
    return flask.render_template("simulators/mailbox.html", page=page, people=people)


@blueprint.get("/mailbox/<int(max=9223372036854775807):mail_id>")
def message(mail_id: int) -> str:
    """One mail: its HTML in a frame, its text, and the events that tell what became of it."""
    with open_store().connect() as connection:
        mail = connection.execute(
            select(journal).where(is_mail, journal.c.id == mail_id)
        ).one_or_none()
        if mail is None:
            flask.abort(404)
        needle = f'"sg_message_id":"{mail.facts["sg_message_id"]}"'
        posts = connection.execute(
            select(callbacks.c.body, callbacks.c.state, callbacks.c.answers)
            .where(
                callbacks.c.provider == mail.provider,
                callbacks.c.due_at >= mail.at,  # spares the bodies of older posts
                func.strpos(callbacks.c.body, needle) > 0,
            )
            .order_by(callbacks.c.id)
        ).all()
    return flask.render_template(
        "simulators/message.html",
        mail=mail,
        events=_events(posts, mail.facts["sg_message_id"]),
        sandbox=SANDBOX,
    )


@blueprint.get("/mailbox/<int(max=9223372036854775807):mail_id>/html")
def html(mail_id: int) -> flask.Response:
    """The mail's HTML alone, for the frame; its links lead to the top window."""
    with open_store().connect() as connection:
        markup = connection.scalar(
            select(journal.c.facts["html"].astext).where(is_mail, journal.c.id == mail_id)
        )
    if not markup:
        flask.abort(404)
    head = HEAD.search(markup)
    cut = head.end() if head else 0
    response = flask.Response(
        markup[:cut] + TOP_WINDOW + markup[cut:], content_type="text/html; charset=utf-8"
    )
    response.headers.update(
        {
            "Content-Security-Policy": POLICY,
            "X-Frame-Options": "SAMEORIGIN",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
    )
    return response


def _events(posts: Sequence[Any], sg_message_id: str) -> list[Event]:
    found = [
        Event(
            at=datetime.fromtimestamp(row["timestamp"], UTC),
            name=f"{row['event']} ({row['type']})" if row["event"] == "bounce" else row["event"],
            words=row.get("reason") or row.get("response") or "",
            state=post.state,
            answers=post.answers,
        )
        for post in posts
        for row in json.loads(post.body)
        if row["sg_message_id"] == sg_message_id
    ]
    return sorted(found, key=lambda event: event.at)


@blueprint.get("/mailbox/<int(max=9223372036854775807):mail_id>/files/<int(max=999):index>")
def download(mail_id: int, index: int) -> flask.Response:
    """One file, as it was sent; it is saved and never opened in the browser."""
    with open_store().connect() as connection:
        mail = connection.execute(
            select(journal.c.provider, journal.c.facts).where(
                journal.c.act == "mail", journal.c.id == mail_id
            )
        ).one_or_none()
    files = mail.facts.get("attachments", []) if mail else []
    if mail is None or index >= len(files):
        flask.abort(404)
    kept = store.get(mail.provider, "attachment", f"{mail.facts['message_id']}.{index}")
    if kept is None:
        flask.abort(404)
    response = flask.Response(
        base64.b64decode(kept["content"]), content_type="application/octet-stream"
    )
    name = files[index]["filename"].encode("ascii", "replace").decode().replace("?", "_")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
