"""Starting a class as its host: ask for the link, wait for it, use it once."""

import flask

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.meetings import entry
from ffapp.meetings.entry import ask_for_start_link
from ffapp.meetings.models import StartLink
from ffapp.web import auth
from ffapp.web.auth import admin
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import go_to, page, see, wanted_fragment
from ffapp.web.kit.queries import get_or_404


@admin.post("/classes/<int:class_id>/start-links")
def class_start(class_id: int) -> flask.typing.ResponseReturnValue:
    session = get_or_404(ClassSession, class_id)
    if not entry.can_start(session, clock.now()):
        flask.flash("This class cannot be started now.", "warn")
        return see(flask.url_for("admin.class_show", class_id=session.id))

    def work() -> str:
        link = ask_for_start_link(session, auth.me())
        return flask.url_for("admin.class_starting", link_id=link.id)

    return submit(work)


@admin.get("/start-links/<int:link_id>")
def class_starting(link_id: int) -> flask.typing.ResponseReturnValue:
    """Waits for Zoom's answer, asking again and again; then goes on by itself."""
    link, session = _link(link_id)
    why_not = entry.why_not(link, auth.me(), clock.now())
    ready = why_not is None and link.encrypted_url is not None
    go_on = flask.url_for("admin.class_enter", link_id=link.id)
    if ready and wanted_fragment():
        return go_to(go_on)
    return page(
        "admin/classes/start.html",
        fragments=("start_link",),
        link=link,
        session=session,
        why_not=why_not,
        go_on=go_on if ready else None,
    )


@admin.get("/start-links/<int:link_id>/zoom")
def class_enter(link_id: int) -> flask.typing.ResponseReturnValue:
    """Use the link up and go to Zoom as the host; the address is never printed in a page."""
    link, _ = _link(link_id)
    try:
        url = transaction(entry.use_start_link, link, auth.me())
    except entry.CannotUse:
        return see(flask.url_for("admin.class_starting", link_id=link.id))
    return flask.redirect(url, 302)


def _link(link_id: int) -> tuple[StartLink, ClassSession]:
    link = get_or_404(StartLink, link_id)
    if link.person_id != auth.me().id:
        flask.abort(404)  # a link is only for the admin who asked for it
    return link, db.session.get_one(ClassSession, link.session_id)
