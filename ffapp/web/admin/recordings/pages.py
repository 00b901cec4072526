"""One recording: watching it, hiding it, its transcript."""

import flask
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.recordings import transcripts
from ffapp.recordings.files import VISIBILITY, set_visible
from ffapp.recordings.models import Recording, Transcript
from ffapp.recordings.views import record_view
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.pages import show
from ffapp.web.kit import htmx, listing
from ffapp.web.kit.page import page, see
from ffapp.web.kit.undo import UndoView, counted, flash_with_undo, show_undo_as


@admin.get("/recordings/<int:recording_id>/play")
def recording_play(recording_id: int) -> flask.typing.ResponseReturnValue:
    """Write down the view and go to Zoom; the address is never printed in a page."""
    recording = _recording(recording_id)
    if not recording.play_url or not recording.is_available:
        flask.abort(404)
    return flask.redirect(transaction(record_view, recording, auth.me()), 302)


@admin.post("/recordings/<int:recording_id>/visibility")
def recording_visibility(recording_id: int) -> flask.typing.ResponseReturnValue:
    """Let students see the file, or not; saying it twice changes nothing."""
    recording = _recording(recording_id)
    wanted = {"1": True, "0": False}.get(flask.request.form.get("visible", ""))
    if wanted is None:
        flask.abort(400)
    batch = transaction(set_visible, recording, wanted, auth.me())
    if htmx.wanted_fragment():
        return show(recording.session)
    text = "Students can watch it now." if wanted else "Students do not see it any more."
    if batch is not None:
        flash_with_undo(text, batch)
    else:
        flask.flash(text)
    return see(flask.url_for("admin.class_show", class_id=recording.session_id))


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
    session = transcript.recording.session
    if htmx.wanted_fragment():
        return show(session)
    return see(auth.back_or(flask.url_for("admin.class_show", class_id=session.id)))


def _transcript(recording_id: int) -> Transcript:
    query = select(Transcript).where(Transcript.recording_id == _recording(recording_id).id)
    return db.session.scalar(query) or flask.abort(404)


def _recording(recording_id: int) -> Recording:
    recording = db.session.get(Recording, recording_id) if recording_id <= listing.LARGEST else None
    return recording or flask.abort(404)


show_undo_as(
    VISIBILITY,
    UndoView(
        name="the change of who sees a recording",
        done=lambda batch: "A recording was " + ("shown" if batch.facts["visible"] else "hidden"),
        things=counted("recording is", "recordings are", "seen as before"),
        page=lambda batch: flask.url_for("admin.class_show", class_id=batch.facts["class_id"]),
    ),
)
