"""The files that came with a mail of the simulated mailbox."""

import base64

import flask
from sqlalchemy import select

from ffapp.providers.simulating import store
from ffapp.providers.simulating.store import journal, open_store

blueprint = flask.Blueprint("mail_files", __name__)


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
