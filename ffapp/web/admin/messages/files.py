"""The files that go with a message, as its recipient gets them."""

import flask

from ffapp.ledger.models import Effect
from ffapp.messaging import show
from ffapp.web.admin.blueprint import admin
from ffapp.web.kit.queries import get_or_404


@admin.get("/messages/<int:message_id>/files/<int:index>")
def message_file(message_id: int, index: int) -> flask.typing.ResponseReturnValue:
    """One file; it is saved and never opened in the browser."""
    seen = show.as_seen(get_or_404(Effect, message_id))
    files = seen[0].attachments if seen else ()
    if index >= len(files):
        flask.abort(404)
    response = flask.Response(files[index].content, mimetype=files[index].mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=files[index].filename)
    return response
