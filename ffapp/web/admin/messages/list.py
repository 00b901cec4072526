"""Looking for messages: what the address asks for, in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from ffapp.core.db import db
from ffapp.ledger.models import Effect, State
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
from ffapp.web.admin.subjects import Subject, subjects
from ffapp.web.kit.listing import Page, query_int, query_str

STATES = tuple(
    (state.value, state.value.title())
    for state in (
        State.PLANNED,
        State.SENDING,
        State.SENT,
        State.FAILED,
        State.UNCERTAIN,
        State.WITHHELD,
        State.MISSED,
        State.CANCELLED,
    )
)


@dataclass(frozen=True)
class MessageFilters:
    """What is looked for; empty means: any."""

    state: str
    kind: str  # a kind of the ledger, or the part before its dot
    rule: str
    purpose: str
    person_id: int | None
    subject: str
    query: str

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """All but the state, which the chips count by."""
        found: list[ColumnElement[bool]] = []
        if self.kind:
            found.append(
                or_(
                    Effect.kind == self.kind,
                    Effect.kind.startswith(f"{self.kind}.", autoescape=True),
                )
            )
        for column in ("rule", "purpose", "subject"):
            if getattr(self, column):
                found.append(getattr(Effect, column) == getattr(self, column))
        if self.person_id is not None:
            found.append(Effect.person_id == self.person_id)
        if self.query:
            found.append(_speaks_of(self.query))
        return found

    @property
    def is_narrowed(self) -> bool:
        return bool(self.state or self.conditions)


def message_filters() -> MessageFilters:
    """What the address asks for."""
    state = query_str("state")
    return MessageFilters(
        state=state if state in set(State) else "",
        kind=query_str("kind"),
        rule=query_str("rule"),
        purpose=query_str("purpose"),
        person_id=query_int("person"),
        subject=query_str("subject"),
        query=query_str("q"),
    )


def counts(wanted: MessageFilters) -> dict[str, int]:
    """State → how many, whatever state is chosen."""
    rows = select(Effect.state, func.count()).where(*wanted.conditions).group_by(Effect.state)
    return dict(db.session.execute(rows).all())  # type: ignore[arg-type]


def rows(wanted: MessageFilters, shown: Page) -> list[LedgerRow]:
    """The newest first; of those that are planned, what goes next."""
    return ledger_rows(
        _ordered(wanted).where(*wanted.conditions).limit(shown.per_page).offset(shown.offset)
    )


def rules() -> list[tuple[str, str]]:
    """The notices to choose from, and the acts at Zoom."""
    named = [(notice.name, notice.title) for notice in compose.all_notices()]
    at_zoom = (
        ("zoom_meeting", "Zoom meeting"),
        ("zoom_register", "Personal Zoom links"),
        ("zoom_unregister", "Ended Zoom links"),
    )
    return [*named, *at_zoom]


def kinds() -> list[tuple[str, str]]:
    """The channels, and each kind of act at Zoom."""
    used = ("email", "whatsapp", "zoom")
    return [*((channel, CHANNELS[channel]) for channel in used), *ACTS.items()]


def narrowed_to(wanted: MessageFilters) -> tuple[str | None, Subject | None]:
    """The names of the person and of the subject that the address asks for."""
    person = None
    if wanted.person_id is not None:
        person = db.session.scalar(select(Person.name).where(Person.id == wanted.person_id))
    about = subjects([wanted.subject])[wanted.subject] if wanted.subject else None
    return person, about


def _ordered(wanted: MessageFilters) -> Select[Any]:
    found = ledger()
    if wanted.state:
        found = found.where(Effect.state == wanted.state)
    if wanted.state == State.PLANNED:
        return found.order_by(Effect.due_at, Effect.id)
    return found.order_by(Effect.id.desc())


def _speaks_of(query: str) -> ColumnElement[bool]:
    """The recipient, the reason, the key, or the subject line of a mail that went out."""
    people = select(Person.id).where(
        or_(
            Person.name.icontains(query, autoescape=True),
            Person.email.icontains(query, autoescape=True),
        )
    )
    mails = (
        select(EmailLog.effect_id)
        .join(EmailLog.sheet)
        .where(MailSheet.subject.icontains(query, autoescape=True))
    )
    return or_(
        whom().in_(people),
        Effect.id.in_(mails),
        Effect.reason.icontains(query, autoescape=True),
        Effect.key.icontains(query, autoescape=True),
    )


def of_interest(states: Sequence[str]) -> list[tuple[str, str]]:
    """The states that have a chip: the common ones always, the others when something is in them."""
    always = (State.PLANNED, State.SENT, State.FAILED, State.UNCERTAIN)
    return [(state, label) for state, label in STATES if state in always or state in states]
