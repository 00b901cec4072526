"""A student's recordings: found through enrolment, played through us."""

import flask
from sqlalchemy import exists

from ffapp.classes import visible
from ffapp.classes.join import watch
from ffapp.classes.models import ClassSession, Recording
from ffapp.db import db, transaction
from ffapp.web import guard
from ffapp.web.page import page
from ffapp.web.student.door import student


@student.get("/recordings")
def recording_index() -> flask.typing.ResponseReturnValue:
    has_video = exists().where(
        Recording.session_id == ClassSession.id,
        Recording.visible.is_(True),
        Recording.is_video,
    )
    rows = db.session.scalars(
        visible.classes_of(guard.me())
        .where(has_video)
        .order_by(ClassSession.starts_at.desc(), ClassSession.id)
    )
    classes = [(each, visible.watchable(each)) for each in rows]
    return page("student/recordings.html", classes=[each for each in classes if each[1]])


@student.get("/recordings/classes/<int:class_id>")
def recordings_of_class(class_id: int) -> flask.typing.ResponseReturnValue:
    session = visible.class_of(guard.me(), class_id)
    if session is None:
        flask.abort(404)
    videos = visible.watchable(session)
    return page("student/recording.html", session=session, videos=videos)


@student.get("/recordings/<int:recording_id>/play")
def play(recording_id: int) -> flask.typing.ResponseReturnValue:
    """Write down the view and go to Zoom; the address is never printed in a page."""
    recording = visible.recording_of(guard.me(), recording_id)
    if recording is None or not recording.is_video:
        flask.abort(404)
    return flask.redirect(transaction(watch, recording, guard.me()), 302)
