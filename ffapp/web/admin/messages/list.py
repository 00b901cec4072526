"""The list of messages: each with its recipient, its state and its reason.

People's messages by default; what is done at Zoom stands behind the filter of channels.
"""

from collections.abc import Sequence
from typing import Any

import flask
from sqlalchemy import ColumnElement, or_, select

from ffapp.core.db import db
from ffapp.ledger import admin_actions
from ffapp.ledger.models import MESSAGE_KINDS, Effect, State
from ffapp.messaging import compose
from ffapp.messaging.models import EmailLog, MailSheet
from ffapp.people.models import Person
from ffapp.web.admin.messages.ledger_rows import (
    ACTS,
    CHANNELS,
    LedgerRow,
    ledger,
    ledger_rows,
    whom,
)
from ffapp.web.kit.bulk_actions import BulkAction
from ffapp.web.kit.cells import Chip, Lines, Link, RowLink, Tag, When, lines
from ffapp.web.kit.filters import Asked, Choice, Filters, Only, Search, row_id
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.search import contains
from ffapp.web.kit.status_badges import states_of
from ffapp.web.kit.subjects import subjects

STATES = states_of("effect")
RARE = (State.SENDING, State.WITHHELD, State.MISSED, State.CANCELLED)
PEOPLE = "people"
KINDS = (
    (PEOPLE, "Messages to people"),
    *((channel, CHANNELS[channel]) for channel in ("email", "whatsapp", "call", "zoom")),
    *ACTS.items(),
)


def rows_of(effects: Sequence[Effect], *of: Any) -> list[LedgerRow]:
    """What lists show of these effects, in their order."""
    ids = [each.id for each in effects]
    found = {row.effect.id: row for row in ledger_rows(ledger().where(Effect.id.in_(ids)))}
    return [found[each] for each in ids]


def messages_with(ids: Sequence[int]) -> list[LedgerRow]:
    """Those of the effects that are there, in the order of their ids."""
    wanted = ledger().where(Effect.id.in_(ids)).order_by(Effect.id)
    return ledger_rows(wanted.execution_options(populate_existing=True))


def message_columns() -> tuple[Column, ...]:
    """The columns of lists of messages."""
    return (
        Column("Message", _what),
        Column("Channel", lambda it: it.channel, on_page=False),
        Column("To", lambda it: lines(it.to, it.address)),
        Column("Address", lambda it: it.address, on_page=False),
        Column("State", _state, on_phone=True),
        Column("When", lambda it: When(it.when), Effect.id),
        Column("Due", lambda it: When(it.effect.due_at), Effect.due_at, on_page=False),
        Column("Reason", _reason),
    )


def _what(row: LedgerRow) -> Lines:
    about = f" · {row.subject.name}" if row.subject.kind == "class" else ""
    url = flask.url_for("admin.message_show", message_id=row.effect.id)
    return lines(RowLink(row.what, url), f"{row.channel}{about}")


def _reason(row: LedgerRow) -> Any:
    """Where a person can mend it, it leads to them."""
    if row.will_be_withheld and row.effect.person_id:
        url = flask.url_for("admin.person_show", person_id=row.effect.person_id)
        return Link(row.reason or "", url)
    return row.reason


def _state(row: LedgerRow) -> Any:
    if row.will_be_withheld:
        return Tag("Will be withheld", "warn")
    state = Chip("effect", row.effect.state)
    is_told = row.effect.state == State.SENT and row.status not in (None, "handed over", "sent")
    return Chip(row.status_kind, row.status or "") if is_told else state


def _is_of_kind(kind: str) -> ColumnElement[bool]:
    """A kind of the ledger, the part of it before its dot, or any that goes to people."""
    if kind == PEOPLE:
        return Effect.kind.in_(MESSAGE_KINDS)
    return or_(Effect.kind == kind, Effect.kind.startswith(f"{kind}.", autoescape=True))


def _rules(asked: Asked) -> list[tuple[str, str]]:
    """The notices to choose from, and the acts at Zoom."""
    at_zoom = (
        ("zoom_meeting", "Zoom meeting"),
        ("zoom_register", "Personal Zoom links"),
        ("zoom_unregister", "Ended Zoom links"),
    )
    return [*((each.name, each.title) for each in compose.all_notices()), *at_zoom]


def _person(person_id: int) -> str:
    name = db.session.scalar(select(Person.name).where(Person.id == person_id))
    return f"To {name or f'person {person_id}'}"


def _mentions(words: str) -> ColumnElement[bool]:
    """The recipient, the reason, the key, or the subject line of a mail that went out."""
    people = select(Person.id).where(contains(words, Person.name, Person.email))
    sheets = select(EmailLog.effect_id).join(EmailLog.sheet)
    mails = sheets.where(contains(words, MailSheet.subject))
    is_said = or_(*(each.icontains(words, autoescape=True) for each in (Effect.reason, Effect.key)))
    return or_(whom().in_(people), Effect.id.in_(mails), is_said)


MESSAGES = ListPage(
    name="messages",
    heading="Messages",
    lead="Every e-mail and every WhatsApp message: planned, sent, or why not.",
    noun=("message", "messages"),
    rows=lambda: select(Effect),
    key=Effect.id,
    load=rows_of,
    # The newest first; of what is planned, what goes next.
    order=lambda asked: "due" if asked["state"] == State.PLANNED else "-when",
    filters=Filters(
        (
            Choice("state", "State", STATES, Effect.state, style="chips", rare=RARE, is_large=True),
            Choice(
                "kind",
                "Channel",
                KINDS,
                every="Everything",
                default=PEOPLE,
                condition=_is_of_kind,
            ),
            Choice("rule", "Notice", _rules, Effect.rule, every="All notices"),
            Only("person", "Person", Effect.person_id, _person, read_as=row_id),
            Only(
                "subject",
                "Subject",
                Effect.subject,
                lambda subject: f"About {subjects([subject])[subject].name}",
            ),
        ),
        Search("Name, e-mail, subject, reason", condition=_mentions),
    ),
    columns=message_columns(),
    actions=(
        BulkAction("Send", "admin.message_retries"),
        BulkAction("Mark as delivered", "admin.message_deliveries"),
    ),
    can_choose=lambda it: "retry" in admin_actions.possible_actions(it.effect),
    row_id=lambda it: it.effect.id,
    empty=(
        "No messages yet",
        "They appear here as soon as one is planned: schedule a class, or invite somebody.",
    ),
    template="admin/messages/index.html",
)
