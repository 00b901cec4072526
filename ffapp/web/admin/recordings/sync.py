"""Asking Zoom for recordings now, and watching it being done."""

import flask

from ffapp.core.db import db, transaction
from ffapp.meetings.jobs import sync_now
from ffapp.recordings import sync_runs
from ffapp.recordings.models import SyncRun
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.admin.classes.pages import show
from ffapp.web.admin.recordings.sync_labels import words_of
from ffapp.web.kit import htmx, listing
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import form_id


@admin.post("/recordings/sync")
def recording_sync() -> flask.typing.ResponseReturnValue:
    """Sync all, or the class `session_id`; a second click joins the run that waits already."""
    asked = flask.request.form.get("session_id", "")
    if asked and not (asked.isascii() and asked.isdecimal()):
        flask.abort(400)
    session = class_or_404(form_id("session_id")) if asked else None
    if session is not None and session.zoom_meeting_id is None:
        flask.flash("This class has no Zoom meeting, so there is nothing to ask for.", "warn")
        return see(flask.url_for("admin.class_show", class_id=session.id))
    run = transaction(sync_now, auth.me(), session)
    if session is not None and htmx.wanted_fragment():
        return show(session)
    here = flask.url_for("admin.recording_run", run_id=run.id)
    back = auth.back_or(here)
    if back != here:  # the page of the run says by itself how far it is
        flask.flash("Zoom is being asked now.")
    return see(back)


@admin.get("/recordings/sync/<int:run_id>")
def recording_run(run_id: int) -> flask.typing.ResponseReturnValue:
    run = db.session.get(SyncRun, run_id) if run_id <= listing.LARGEST else None
    if run is None:
        flask.abort(404)
    return page(
        "admin/recordings/sync.html",
        fragments=("sync_run",),
        run=run,
        told=words_of(run),
        session=sync_runs.class_of(run),
    )
