"""The mailbox: every mail that the simulated SendGrid took, as its reader would see it."""

import base64
import json
import re
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
MAIL = "/mailbox/<int(max=9223372036854775807):mail_id>"
blueprint = flask.Blueprint("mailbox", __name__)
is_mail = journal.c.act == "mail"


@blueprint.get("/mailbox")
def listed() -> str:
    """Filters: `to` (an address), `q` (anywhere in address, name, subject or text)."""
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
    query = lists.filter_by(query, to=journal.c.recipient)
    query = lists.search(query, (journal.c.recipient, *columns))
    with open_store().connect() as connection:
        page = lists.fetch(connection, query)
        people = lists.people(connection, "mail")
    return flask.render_template("simulators/mailbox.html", page=page, people=people)


@blueprint.get(MAIL)
def message(mail_id: int) -> str:
    """One mail: its HTML in a frame, its text, and the events that tell what became of it."""
    mail = _mail(mail_id)
    needle = f'"sg_message_id":"{mail.facts["sg_message_id"]}"'
    query = select(callbacks.c.body, callbacks.c.state, callbacks.c.answers).where(
        callbacks.c.provider == mail.provider,
        callbacks.c.due_at >= mail.at,  # spares the bodies of older posts
        func.strpos(callbacks.c.body, needle) > 0,
    )
    with open_store().connect() as connection:
        posts = connection.execute(query.order_by(callbacks.c.id)).all()
    rows = [
        {**row, "at": datetime.fromtimestamp(row["timestamp"], UTC), "post": post}
        for post in posts
        for row in json.loads(post.body)
        if row["sg_message_id"] == mail.facts["sg_message_id"]
    ]
    return flask.render_template(
        "simulators/message.html",
        mail=mail,
        events=sorted(rows, key=lambda row: row["at"]),
        sandbox=SANDBOX,
    )


@blueprint.get(f"{MAIL}/html")
def html(mail_id: int) -> flask.Response:
    """The mail's HTML alone, for the frame; its links lead to the top window."""
    markup = _mail(mail_id).facts["html"] or flask.abort(404)
    head = HEAD.search(markup)
    cut = head.end() if head else 0
    response = flask.Response(markup[:cut] + TOP_WINDOW + markup[cut:])
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get(f"{MAIL}/files/<int(max=999):index>")
def download(mail_id: int, index: int) -> flask.Response:
    """One file, as it was sent; it is saved and never opened in the browser."""
    mail = _mail(mail_id)
    kept = store.get(mail.provider, "attachment", f"{mail.facts['message_id']}.{index}")
    if kept is None:
        flask.abort(404)
    response = flask.Response(
        base64.b64decode(kept["content"]), content_type="application/octet-stream"
    )
    name = mail.facts["attachments"][index]["filename"].encode("ascii", "replace").decode()
    response.headers.set("Content-Disposition", "attachment", filename=name.replace("?", "_"))
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _mail(mail_id: int) -> Any:
    query = select(journal).where(is_mail, journal.c.id == mail_id)
    with open_store().connect() as connection:
        return connection.execute(query).one_or_none() or flask.abort(404)
