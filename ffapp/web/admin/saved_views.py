"""Keeping and removing an admin's saved views of a list."""

import flask

from ffapp.core.db import transaction
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.kit.list_page import LISTS
from ffapp.web.kit.page import see
from ffapp.web.kit.saved_views import CannotSave, remove_view, save_view


@admin.post("/views")
def view_save() -> flask.typing.ResponseReturnValue:
    """Keep what a list shows now under a name."""
    form = flask.request.form
    name, title = form.get("list", ""), form.get("title", "").replace("\0", "")
    if name not in LISTS:
        flask.abort(404)
    query = form.get("query", "").replace("\0", "")[:2000]
    try:
        transaction(save_view, auth.me(), name, title, query)
    except CannotSave as problem:
        flask.flash(str(problem), "warn")
    else:
        flask.flash(f"Saved as “{' '.join(title.split())}”")
    return see(auth.back_or(flask.url_for("admin.today")))


@admin.post("/views/<int:view_id>/removals")
def view_remove(view_id: int) -> flask.typing.ResponseReturnValue:
    view = transaction(remove_view, auth.me(), view_id)
    if view is None:
        flask.abort(404)
    flask.flash("The view is removed")
    return see(auth.back_or(flask.url_for("admin.today")))
