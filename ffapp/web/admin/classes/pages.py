"""The page of one class: its meeting, its students, its recordings, its notices, its history."""

from contextlib import suppress

import flask

from ffapp.classes.models import ClassSession
from ffapp.core.db import transaction
from ffapp.ledger import admin_actions
from ffapp.ledger.admin_actions import ActionNotPossible
from ffapp.ledger.models import Effect
from ffapp.meetings import meeting_lifecycle, meeting_refresh, meeting_status, personal_links
from ffapp.web import auth
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.classes.list import class_or_404
from ffapp.web.admin.classes.parts import ClassPage
from ffapp.web.kit import htmx
from ffapp.web.kit.page import page, see

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
            transaction(admin_actions.retry, effect, auth.me())
    return (
        show(session)
        if htmx.wanted_fragment()
        else see(auth.back_or(flask.url_for("admin.class_show", class_id=session.id)))
    )


@admin.post("/classes/<int:class_id>/links")
def class_relink(class_id: int) -> flask.typing.ResponseReturnValue:
    """Let Zoom be asked again for every personal link that it refused."""
    session = class_or_404(class_id)
    transaction(personal_links.retry_links, session, auth.me())
    return (
        show(session)
        if htmx.wanted_fragment()
        else see(flask.url_for("admin.class_show", class_id=session.id))
    )


@admin.post("/classes/<int:class_id>/meetings")
def class_meeting(class_id: int) -> flask.typing.ResponseReturnValue:
    """Another meeting in place of one that was deleted inside Zoom; asking twice makes one."""
    session = class_or_404(class_id)
    requested = transaction(meeting_lifecycle.recreate_meeting, session, auth.me())
    if htmx.wanted_fragment():
        return show(session)
    if not requested:
        flask.flash("A new meeting is under way already, or none is needed any more.", "warn")
    return see(auth.back_or(flask.url_for("admin.class_show", class_id=session.id)))


@admin.post("/classes/<int:class_id>/readings")
def class_reread(class_id: int) -> flask.typing.ResponseReturnValue:
    """Have Zoom asked again what the meeting is like; it may have been changed there."""
    session = class_or_404(class_id)
    if session.has_meeting:
        transaction(meeting_refresh.request_refresh, session)
        flask.flash("Zoom is being asked")
    return see(auth.back_or(flask.url_for("admin.class_show", class_id=session.id)))


def show(session: ClassSession) -> flask.Response:
    """The page, or the part of it that asks for itself."""
    shown = ClassPage(session)
    return page("admin/classes/show.html", fragments=FRAGMENTS, this=shown, session=session)


def _refused(session: ClassSession) -> Effect | None:
    """The effect of the button: the meeting's own, or the removal of a second meeting."""
    status = meeting_status.meeting_status_of(session)
    effect = status.effect or status.stray
    is_it = effect is not None and str(effect.id) == flask.request.form.get("effect", "")
    return effect if is_it else None
