"""Asking Zoom for recordings now; its run is shown as every run is."""

from collections.abc import Sequence

import flask

from ffapp.classes.models import ClassSession
from ffapp.core.db import db, transaction
from ffapp.core.runs import Run
from ffapp.recordings import sync
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.admin.classes.pages import show
from ffapp.web.kit import htmx
from ffapp.web.kit.page import see
from ffapp.web.kit.queries import form_id
from ffapp.web.kit.runs import Again, Link, RunView, show_as


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
    run = transaction(sync.start_sync, auth.me(), session)
    if session is not None and htmx.wanted_fragment():
        return show(session)
    here = flask.url_for("admin.run_show", run_id=run.id)
    back = auth.back_or(here)
    if back != here:  # the page of the run says by itself how far it is
        flask.flash("Zoom is being asked now.")
    return see(back)


def _class_of(run: Run) -> ClassSession | None:
    """The class that a run is about; None for one that is about all."""
    subject = run.subject or ""
    return db.session.get(ClassSession, int(subject.removeprefix("class="))) if subject else None


def _about(run: Run) -> Link | None:
    session = _class_of(run)
    return session and (session.title, flask.url_for("admin.class_show", class_id=session.id))


def _figures(run: Run) -> Sequence[tuple[str, object]]:
    hosts = [("Hosts asked", f"{run.done} of {run.total}")] if run.subject is None else []
    labels = {"classes": "Classes", "calls": "Calls to Zoom", "files_new": "New files"}
    labels["became_available"] = "Became available"
    return [*hosts, *((label, run.fact(name)) for name, label in labels.items())]


def _links(run: Run) -> Sequence[Link]:
    about = _about(run)
    if about is not None:
        return [("Open the class", about[1])]
    return [("See the recordings", flask.url_for("admin.recording_index"))]


def _again(run: Run) -> Again:
    session = _class_of(run)
    fields = {"session_id": session.id} if session else {}
    return "Sync now", flask.url_for("admin.recording_sync"), fields


def _result(run: Run) -> str:
    found = run.fact("files_new") or run.problems
    return _counts(run) if found else f"{_asked(run)}; nothing was new"


def _counts(run: Run) -> str:
    found = _number(run.fact("files_new"), "new file")
    ready = _number(run.fact("became_available"), "recording")
    return f"{_asked(run)} and found {found}; {ready} became available"


def _asked(run: Run) -> str:
    about = _number(run.fact("classes"), "class", "classes")
    return f"asked Zoom about {about} in {_number(run.fact('calls'), 'call')}"


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count or 'no'} {one if count == 1 else many or one + 's'}"


show_as(
    sync.KIND,
    RunView(
        heading="Sync of recordings",
        label="Asking Zoom, host by host",
        crumb=("Recordings", lambda run: flask.url_for("admin.recording_index")),
        summary=_counts,
        result=_result,
        about=_about,
        figures=_figures,
        links=_links,
        again=_again,
        nothing="There was nothing to ask: no class is waiting for its recording.",
    ),
)
