"""Rows of the ledger as an admin reads them: when, to whom, what, how it went, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from ffapp.core import phone
from ffapp.core.db import db
from ffapp.ledger.handlers import foreseen
from ffapp.ledger.models import ONE_BY_ONE, Effect, State
from ffapp.messaging import compose
from ffapp.messaging.models import EmailLog, WhatsAppLog
from ffapp.people.models import Guardian, Person
from ffapp.web.kit.subjects import Named, subjects

# The part of a kind before its dot → how it is called.
CHANNELS = {"email": "E-mail", "zoom": "Zoom", "whatsapp": "WhatsApp", "call": "Call"}
THINGS = {
    "email": ("One e-mail", "e-mails"),
    "whatsapp": ("One WhatsApp message", "WhatsApp messages"),
    "call": ("One call", "calls"),
}
ACTS = {
    "zoom.create": "Make the Zoom meeting",
    "zoom.update": "Change the Zoom meeting",
    "zoom.delete": "Delete the Zoom meeting",
    "zoom.register": "Make a personal link",
    "zoom.unregister": "End a personal link",
}


@dataclass(frozen=True)
class LedgerRow:
    """One effect, whom it is for (nobody, when a meeting is made) and what the message came to."""

    effect: Effect
    to: str | None
    email: str | None
    phone: str | None
    status: str | None
    status_reason: str | None
    subject: Named
    will_be_withheld: str | None = None  # why, while it is planned

    @property
    def address(self) -> str | None:
        """Where it goes; a number as people write it."""
        if self.effect.kind not in ONE_BY_ONE:
            return self.email
        return phone.display(self.phone) if self.phone else None

    @property
    def status_kind(self) -> str:
        """Which set of statuses it has, as the badges know them."""
        return "chat" if self.effect.kind == "whatsapp" else "mail"

    @property
    def what(self) -> str:
        return title_of(self.effect)

    @property
    def channel(self) -> str:
        return channel_of(self.effect)

    @property
    def when(self) -> datetime:
        """When it goes, or when it was settled."""
        effect = self.effect
        return (
            effect.due_at if effect.state == State.PLANNED else effect.settled_at or effect.due_at
        )

    @property
    def reason(self) -> str | None:
        """Why it is as it is; of a sent message, what the other side said."""
        if self.will_be_withheld:
            return f"Will be withheld: {self.will_be_withheld}"
        return self.effect.reason or self.status_reason


def title_of(effect: Effect) -> str:
    """`Class moved`, or what is done at Zoom."""
    return ACTS.get(effect.kind) or title_of_rule(effect.rule)


def title_of_rule(rule: str) -> str:
    """The title of a notice, also of one that is no more."""
    notice = compose.notice_named(rule)
    return notice.title if notice else rule.replace("_", " ").capitalize()


def channel_of(effect: Effect) -> str:
    channel = effect.kind.partition(".")[0]
    return CHANNELS.get(channel, channel)


def how_many(effect: Effect, count: int) -> str:
    """`One e-mail`, `12 WhatsApp messages`, `3 acts`, as a sentence begins with it."""
    one, several = THINGS.get(effect.kind, ("One act", "acts"))
    return one if count == 1 else f"{count} {several}"


def named(effect: Effect, subject: Named) -> str:
    """`“Class moved” (“Week 3”) by e-mail`, as it stands inside a sentence."""
    channel = channel_of(effect)
    channel = channel[:1].lower() + channel[1:] if channel == CHANNELS["email"] else channel
    about = f" ({subject.name})" if subject.kind == "class" else ""
    return f"“{title_of(effect)}”{about} by {channel}"


def ledger_rows(query: Select[Any]) -> list[LedgerRow]:
    """The rows of a query that began as `ledger()`; the names of what they are about come along."""
    found = db.session.execute(query).all()
    effects = [effect for effect, *_ in found]
    about, withheld = subjects(each.subject for each in effects), foreseen(effects)
    return [LedgerRow(*each, about[each[0].subject], withheld.get(each[0].id)) for each in found]


def ledger() -> Select[Any]:
    """Effects with their recipients, and what became of their messages."""
    return (
        select(
            Effect,
            func.coalesce(Guardian.name + " (guardian)", Person.name),
            case((Guardian.id.is_not(None), Guardian.email), else_=Person.email),
            func.coalesce(
                WhatsAppLog.phone,
                case((Guardian.id.is_not(None), Guardian.phone), else_=Person.phone),
            ),
            func.coalesce(EmailLog.status, WhatsAppLog.status),
            func.coalesce(EmailLog.reason, WhatsAppLog.reason),
        )
        .outerjoin(Person, Person.id == whom())
        .outerjoin(Guardian, Guardian.id == Effect.payload["guardian_id"].as_integer())
        .outerjoin(EmailLog, EmailLog.effect_id == Effect.id)
        .outerjoin(WhatsAppLog, WhatsAppLog.effect_id == Effect.id)
    )


def whom() -> ColumnElement[int]:
    """The id of the person whom an effect is for. A personal link is asked for in the name of
    nobody, so that no rule for messages holds it back; whose it is stands in its payload.
    """
    return func.coalesce(Effect.person_id, Effect.payload["person_id"].as_integer())


def rows_of_person(person_id: int, at_most: int) -> Sequence[LedgerRow]:
    """The newest effects for a person."""
    mine = ledger().where(Effect.person_id == person_id).order_by(Effect.id.desc()).limit(at_most)
    return ledger_rows(mine)
