"""Recordings: watching, hiding, the transcript, and the sync with Zoom."""

from collections.abc import Sequence

import flask
from sqlalchemy import select

from ffapp.classes.models import ClassSession
from ffapp.core.db import db, transaction
from ffapp.core.runs import Run
from ffapp.recordings import sync, transcripts
from ffapp.recordings.files import VISIBILITY, set_visible
from ffapp.recordings.models import Recording, Transcript
from ffapp.recordings.views import record_view
from ffapp.web import auth
from ffapp.web.admin.classes.pages import answer
from ffapp.web.auth import admin
from ffapp.web.kit.page import page, see, wanted_fragment
from ffapp.web.kit.queries import form_id, get_or_404, one_or_404
from ffapp.web.kit.runs import Again, Link, RunView, show_as
from ffapp.web.kit.undo import UndoView, counted, flash_with_undo, show_undo_as
from ffapp.web.kit.visits import is_deliberate


@admin.get("/recordings/<int:recording_id>/play")
def recording_play(recording_id: int) -> flask.typing.ResponseReturnValue:
    """Write down the view and go to Zoom; the address is never printed in a page."""
    recording = get_or_404(Recording, recording_id)
    if not recording.play_url or not recording.is_available:
        flask.abort(404)
    if not is_deliberate():
        url = flask.url_for("admin.class_show", class_id=recording.session_id)
        return flask.redirect(url, 302)
    return flask.redirect(transaction(record_view, recording, auth.me()), 302)


@admin.post("/recordings/<int:recording_id>/visibility")
def recording_visibility(recording_id: int) -> flask.typing.ResponseReturnValue:
    """Let students see the file, or not; saying it twice changes nothing."""
    recording = get_or_404(Recording, recording_id)
    wanted = {"1": True, "0": False}.get(flask.request.form.get("visible", ""))
    if wanted is None:
        flask.abort(400)
    batch = transaction(set_visible, recording, wanted, auth.me())
    if not wanted_fragment():
        text = "Students can watch it now." if wanted else "Students do not see it any more."
        flash_with_undo(text, batch)
    return answer(recording.session)


@admin.get("/recordings/<int:recording_id>/transcript")
def transcript_show(recording_id: int) -> flask.typing.ResponseReturnValue:
    """What was said in it, or why that is not known."""
    transcript = _transcript(recording_id)
    return page(
        "admin/recordings/transcript.html",
        transcript=transcript,
        session=transcript.recording.session,
    )


@admin.post("/recordings/<int:recording_id>/transcript")
def transcript_fetch(recording_id: int) -> flask.typing.ResponseReturnValue:
    """Have Zoom asked once more for a transcript that could not be fetched."""
    transcript = _transcript(recording_id)
    transaction(transcripts.retry_transcript, transcript, auth.me())
    return answer(transcript.recording.session)


def _transcript(recording_id: int) -> Transcript:
    return one_or_404(select(Transcript).where(Transcript.recording_id == recording_id))


show_undo_as(
    VISIBILITY,
    UndoView(
        name="the change of who sees a recording",
        done=lambda batch: "A recording was " + ("shown" if batch.facts["visible"] else "hidden"),
        things=counted("recording is", "recordings are", "seen as before"),
        page=lambda batch: flask.url_for("admin.class_show", class_id=batch.facts["class_id"]),
    ),
)


@admin.post("/recordings/sync")
def recording_sync() -> flask.typing.ResponseReturnValue:
    """Sync all, or the class `session_id`; a second click joins the run that waits already."""
    is_of_one = flask.request.form.get("session_id")
    session = get_or_404(ClassSession, form_id("session_id")) if is_of_one else None
    if session is not None and session.zoom_meeting_id is None:
        flask.flash("This class has no Zoom meeting, so there is nothing to ask for.", "warn")
        return see(flask.url_for("admin.class_show", class_id=session.id))
    run = transaction(sync.start_sync, auth.me(), session)
    if session is not None and wanted_fragment():
        return answer(session)
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
    labels = {
        "classes": "Classes",
        "calls": "Calls to Zoom",
        "files_new": "New files",
        "became_available": "Became available",
    }
    return [*hosts, *((label, run.fact(name)) for name, label in labels.items())]


def _links(run: Run) -> Sequence[Link]:
    if about := _about(run):
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
    found = _number(run.fact("files_new"), "new file", "new files")
    ready = _number(run.fact("became_available"), "recording", "recordings")
    return f"{_asked(run)} and found {found}; {ready} became available"


def _asked(run: Run) -> str:
    about = _number(run.fact("classes"), "class", "classes")
    return f"asked Zoom about {about} in {_number(run.fact('calls'), 'call', 'calls')}"


def _number(count: int, one: str, several: str) -> str:
    return f"{count or 'no'} {one if count == 1 else several}"


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
