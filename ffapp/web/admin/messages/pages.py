"""The ledger as a table, one message as its recipient sees it, and what can be decided about it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import flask
from sqlalchemy import select

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.core.events import Event
from ffapp.ledger import admin_actions
from ffapp.ledger.handlers import foreseen
from ffapp.ledger.models import Effect, EffectAttempt, State
from ffapp.messaging import show
from ffapp.messaging.compose import Sheet
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.admin.messages.groups import GROUPS
from ffapp.web.admin.messages.ledger_rows import channel_of, title_of, whom
from ffapp.web.admin.messages.list import MESSAGES
from ffapp.web.auth import admin
from ffapp.web.kit.idempotency import new_key, submit
from ffapp.web.kit.page import is_htmx, page
from ffapp.web.kit.queries import get_or_404
from ffapp.web.kit.subjects import subjects
from ffapp.web.kit.timeline import newest_events, sentence, timeline

DECISIONS: dict[str, tuple[Callable[[Effect, Any], None], str]] = {
    "retry": (admin_actions.retry, "It is tried again now"),
    "cancel": (admin_actions.cancel, "Cancelled. It does not go."),
    "ask": (admin_actions.ask, "The provider is asked now"),
    "confirm": (admin_actions.confirm, "Noted: it arrived"),
}
# A planned row is watched from this long before it goes.
SOON = timedelta(minutes=1)
# What a mail may do on our pages: show its inline styles, and nothing else.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)


@admin.get("/messages")
def message_index() -> flask.typing.ResponseReturnValue:
    """One line a notice and subject; each message as soon as the address asks for any."""
    if any(name in flask.request.args for name in ("q", *(each.name for each in MESSAGES.filters))):
        return message_each()
    return GROUPS.respond()


@admin.get("/messages/each")
def message_each() -> flask.typing.ResponseReturnValue:
    return MESSAGES.view(path=flask.url_for("admin.message_each")).respond(MESSAGES.template)


@admin.get("/messages/<int:message_id>")
def message_show(message_id: int) -> flask.typing.ResponseReturnValue:
    effect = get_or_404(Effect, message_id)
    if is_htmx() and flask.request.args.get("seen") == _mark(effect):
        return "", 204  # nothing is new: what is open on the page stays open
    page_of_call = subjects([effect.subject])[effect.subject].url if effect.kind == "call" else None
    if page_of_call:
        return flask.redirect(page_of_call, 302)
    return _page(effect)


@admin.get("/messages/<int:message_id>/body")
def message_body(message_id: int) -> flask.typing.ResponseReturnValue:
    """The mail's HTML for the frame on the page; its links lead nowhere."""
    seen = show.as_seen(get_or_404(Effect, message_id))
    return mail_frame(seen[0]) if seen else flask.abort(404)


def mail_frame(sheet: Sheet) -> flask.Response:
    """A mail's HTML; it may show its inline styles, and nothing else."""
    body = sheet.html.replace("<head>", '<head><base target="_blank">', 1)
    headers = {"Content-Security-Policy": MAIL_POLICY}
    return flask.Response(body, mimetype="text/html", headers=headers)


@admin.post("/messages/<int:message_id>/decisions")
def message_decide(message_id: int) -> flask.typing.ResponseReturnValue:
    effect = get_or_404(Effect, message_id)
    said = flask.request.form
    if said.get("verb") not in DECISIONS:
        flask.abort(400)
    verb, done = DECISIONS[said["verb"]]

    def work() -> str:
        verb(effect, auth.me())
        flask.flash(done)
        return auth.back_or(flask.url_for("admin.message_show", message_id=message_id))

    try:
        return submit(work)
    except admin_actions.ActionNotPossible as refusal:
        return _page(effect, refusal=str(refusal), status=409)


def _page(effect: Effect, refusal: str | None = None, status: int = 200) -> flask.Response:
    is_chat = effect.kind == "whatsapp"
    seen = None if is_chat else show.as_seen(effect)
    chat = show.chat_as_seen(effect) if is_chat else None
    cause = db.session.get(Event, effect.cause_event_id) if effect.cause_event_id else None
    return page(
        "admin/messages/show.html",
        fragments=("message",),
        effect=effect,
        title=title_of(effect),
        channel=channel_of(effect),
        person=db.session.get(Person, effect.person_id) if effect.person_id else None,
        beneficiary=_beneficiary(effect),
        about=subjects([effect.subject])[effect.subject],
        because=_because(cause),
        cause=cause,
        sheet=seen[0] if seen else None,
        chat=chat[0] if chat else None,
        log=(seen or chat or (None, None))[1],
        status_kind="chat" if is_chat else "mail",
        provider="AiSensy" if is_chat else "SendGrid",
        attempts=_attempts(effect),
        choices=admin_actions.possible_actions(effect),
        new_key=new_key,
        seen=_mark(effect) if _is_moving(effect) else None,
        is_due=_is_due(effect),
        timeline=timeline(newest_events(effect)),
        will_be_withheld=foreseen([effect]).get(effect.id),
        refusal=refusal,
        status=status,
    )


def _beneficiary(effect: Effect) -> Person | None:
    """Whom an act at Zoom is for, who is told nothing by it; a message has a recipient instead."""
    if effect.person_id:
        return None
    named = select(whom()).where(Effect.id == effect.id).scalar_subquery()
    return db.session.scalar(select(Person).where(Person.id == named))


def _because(cause: Event | None) -> str | None:
    return f"Because {sentence(cause)}" if cause else None


def _attempts(effect: Effect) -> Sequence[EffectAttempt]:
    """How often it was tried, the last try first."""
    return db.session.scalars(
        select(EffectAttempt)
        .where(EffectAttempt.effect_id == effect.id)
        .order_by(EffectAttempt.id.desc())
    ).all()


def _mark(effect: Effect) -> str:
    """Differs as soon as the page would."""
    return f"{effect.state}-{effect.attempts}-{_is_due(effect):d}"


def _is_due(effect: Effect) -> bool:
    return effect.due_at <= clock.now()


def _is_moving(effect: Effect) -> bool:
    """Whether the page should look again by itself."""
    if effect.state == State.SENDING:
        return True
    return effect.state == State.PLANNED and effect.due_at <= clock.now() + SOON


@admin.get("/messages/<int:message_id>/files/<int:index>")
def message_file(message_id: int, index: int) -> flask.typing.ResponseReturnValue:
    """One file; it is saved and never opened in the browser."""
    seen = show.as_seen(get_or_404(Effect, message_id))
    files = seen[0].attachments if seen else ()
    if index >= len(files):
        flask.abort(404)
    response = flask.Response(files[index].content, mimetype=files[index].mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=files[index].filename)
    return response
