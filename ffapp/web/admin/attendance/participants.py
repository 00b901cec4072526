"""People in the meeting whom nobody knows: an admin says who they are, or that they are guests."""

import flask

from ffapp.attendance.participant_assignment import assign_participant, release_participant
from ffapp.attendance.roster import roster
from ffapp.classes.models import ClassSession
from ffapp.core.db import db, transaction
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.admin.attendance.pages import show
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.kit import listing
from ffapp.web.kit.page import see

MOST = 1000  # ticked at a time


@admin.post("/classes/<int:class_id>/assignments")
def class_assign(class_id: int) -> flask.typing.ResponseReturnValue:
    """Those who are ticked are one student, or guests."""
    session = class_or_404(class_id)
    ticked = flask.request.form.getlist("identity")[:MOST]
    as_guests = "guest" in (flask.request.form.get("whose"), flask.request.form.get("person_id"))
    chosen = _student(session)
    person = None if as_guests else chosen
    if not ticked:
        return show(session, 422, trouble="Tick the participants first.", chosen=chosen)
    if person is None and not as_guests:
        return show(session, 422, trouble="Choose which student they are.", ticked=ticked)
    names = transaction(assign_participant, session, ticked, person, auth.me())
    called = list(dict.fromkeys(names))
    told = " and ".join(called)
    if not names:
        flask.flash("Zoom lists nobody by that name in this class.", "warn")
    elif person is None:
        flask.flash(
            f"{told}: marked as a guest" if len(names) == 1 else f"{told}: marked as guests"
        )
    else:
        flask.flash(f"{told}: counted as {person.name}")
    return see(auth.back_or(flask.url_for("admin.class_attendance", class_id=class_id)))


@admin.post("/classes/<int:class_id>/assignments/<int:assignment_id>/removals")
def class_release(class_id: int, assignment_id: int) -> flask.typing.ResponseReturnValue:
    """Take it back; twice is once."""
    session = class_or_404(class_id)
    is_id = assignment_id <= listing.LARGEST
    if is_id and transaction(release_participant, session, assignment_id, auth.me()):
        flask.flash("Taken back")
    else:
        flask.flash("This was undone already", "warn")
    return see(flask.url_for("admin.class_attendance", class_id=class_id))


def _student(session: ClassSession) -> Person | None:
    """The one who was chosen; only those who have or had a place in the class can be."""
    text = flask.request.form.get("person_id", "")
    ids = {str(seat.person_id) for seat in roster(session)}
    return db.session.get(Person, int(text)) if text in ids else None
