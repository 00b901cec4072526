"""The page of one class: its meeting, its students, its recordings, its notices, its history."""

from contextlib import suppress

import flask

from ffapp.classes import existence, meeting_reading, registration_state, zoom_state
from ffapp.classes.models import ClassSession
from ffapp.db import transaction
from ffapp.ledger import admin_actions
from ffapp.ledger.admin_actions import ActionNotPossible
from ffapp.ledger.models import Effect
from ffapp.web import guard, htmx
from ffapp.web.admin.class_parts import ClassPage
from ffapp.web.admin.classes import class_or_404
from ffapp.web.admin.door import admin
from ffapp.web.page import page, see

FRAGMENTS = (
    "phase_chip",
    "zoom_card",
    "roster_card",
    "recordings_card",
    "notices_card",
    "timeline_card",
)


@admin.get("/classes/<int:class_id>")
def class_show(class_id: int) -> flask.typing.ResponseReturnValue:
    return show(class_or_404(class_id))


@admin.post("/classes/<int:class_id>/tries")
def class_retry(class_id: int) -> flask.typing.ResponseReturnValue:
    """Let Zoom be asked again for what it refused."""
    session = class_or_404(class_id)
    effect = _refused(session)
    # Where somebody was quicker, it is under way already: the page shows how far.
    if effect is not None:
        with suppress(ActionNotPossible):
            transaction(admin_actions.retry, effect, guard.me())
    return (
        show(session)
        if htmx.wanted_fragment()
        else see(guard.back_or(flask.url_for("admin.class_show", class_id=session.id)))
    )


@admin.post("/classes/<int:class_id>/links")
def class_relink(class_id: int) -> flask.typing.ResponseReturnValue:
    """Let Zoom be asked again for every personal link that it refused."""
    session = class_or_404(class_id)
    transaction(registration_state.try_again, session, guard.me())
    return (
        show(session)
        if htmx.wanted_fragment()
        else see(flask.url_for("admin.class_show", class_id=session.id))
    )


@admin.post("/classes/<int:class_id>/meetings")
def class_meeting(class_id: int) -> flask.typing.ResponseReturnValue:
    """Another meeting in place of one that was deleted inside Zoom; asking twice makes one."""
    session = class_or_404(class_id)
    wished = transaction(existence.make_another, session, guard.me())
    if htmx.wanted_fragment():
        return show(session)
    if not wished:
        flask.flash("A new meeting is under way already, or none is needed any more.", "warn")
    return see(guard.back_or(flask.url_for("admin.class_show", class_id=session.id)))


@admin.post("/classes/<int:class_id>/readings")
def class_reread(class_id: int) -> flask.typing.ResponseReturnValue:
    """Have Zoom asked again what the meeting is like; it may have been changed there."""
    session = class_or_404(class_id)
    if session.has_meeting:
        transaction(meeting_reading.want, session)
        flask.flash("Zoom is being asked")
    return see(guard.back_or(flask.url_for("admin.class_show", class_id=session.id)))


def show(session: ClassSession) -> flask.Response:
    """The page, or the part of it that asks for itself."""
    shown = ClassPage(session)
    return page("admin/classes/show.html", fragments=FRAGMENTS, this=shown, session=session)


def _refused(session: ClassSession) -> Effect | None:
    """The effect of the button: the meeting's own, or the removal of a second meeting."""
    standing = zoom_state.standing_of(session)
    asked = flask.request.form.get("effect", "")
    found = [each for each in (standing.effect, standing.stray) if each and str(each.id) == asked]
    return found[0] if found else None
