"""The ledger: one row for every act towards the outside world, and one for each attempt at it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Text,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.sql import ClauseElement

from ffapp.core.db import Row, db, is_among


class State(StrEnum):
    """planned → sending → sent, or one of the ends that say why not."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    WITHHELD = "withheld"
    MISSED = "missed"
    CANCELLED = "cancelled"
    UNCERTAIN = "uncertain"


# A row that certainly never acted comes back from these when the same act is planned again.
REVIVABLE = (State.CANCELLED, State.WITHHELD, State.MISSED)

# Purposes with worker slots of their own, because somebody waits before the screen: mail about an
# account, which is never held or put off, and asking a guardian or an adult for consent.
ACCOUNT, CONSENT = "account", "consent"

MESSAGE_KINDS = frozenset({"email", "whatsapp", "call"})
# One call for each person: a thousand of these take an hour, and no e-mail waits behind them.
ONE_BY_ONE = frozenset({"whatsapp", "call"})
# As many as a class has students: no meeting of another class waits behind these.
REGISTRATION_KINDS = frozenset({"zoom.register", "zoom.unregister"})


class Lane(StrEnum):
    """Effects with the same patience, performed side by side with those of the other lanes."""

    ACCOUNT = "account"
    ACTS = "acts"
    REGISTRATIONS = "registrations"
    MESSAGES = "messages"
    CHATS = "chats"


def lane_of(kind: str, purpose: str) -> Lane:
    if purpose in (ACCOUNT, CONSENT):
        return Lane.ACCOUNT
    if kind in ONE_BY_ONE:
        return Lane.CHATS
    if kind in REGISTRATION_KINDS:
        return Lane.REGISTRATIONS
    return Lane.MESSAGES if kind in MESSAGE_KINDS else Lane.ACTS


class Effect(Row, db.Model):
    """One act. `key` says what it is, so that the same act planned twice is the same row."""

    __tablename__ = "effects"
    __table_args__ = (
        CheckConstraint(
            "state IN ('planned','sending','sent','failed','withheld','missed','cancelled',"
            "'uncertain')",
            name="state",
        ),
        # What the sweep asks each second, and nothing else, stands in this index. In the order in
        # which rows are claimed, so that ten thousand of one instant are not sorted for each batch.
        Index(
            "ix_effects_open",
            "state",
            "lane",
            "due_at",
            "id",
            postgresql_where=text("state IN ('planned','sending','uncertain')"),
        ),
        # One in flight for each serial, whatever the code above it does.
        Index(
            "uq_effects_in_flight",
            "serial",
            unique=True,
            postgresql_where=text("state = 'sending'"),
        ),
        Index("ix_effects_serial", "serial", "id", postgresql_where=text("serial IS NOT NULL")),
        # Without `id`: while Postgres takes the table for empty (after a restore, say), it would
        # look for a row by its id in these, and read the whole index for each.
        Index("ix_effects_person", "person_id"),
        Index("ix_effects_subject", "subject"),
        Index("ix_effects_batch", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        # What people look for; `sent` is most of the table, and each send would write this index.
        Index(
            "ix_effects_state",
            "state",
            "id",
            postgresql_where=text(
                "state IN ('failed','withheld','missed','cancelled','uncertain')"
            ),
        ),
        # What Today counts: the messages of two weeks, and what waits for a provider.
        Index(
            "ix_effects_sent",
            "settled_at",
            postgresql_where=text("state = 'sent' AND kind IN ('call','email','whatsapp')"),
        ),
        Index(
            "ix_effects_retried",
            "kind",
            postgresql_where=text("state = 'planned' AND attempts >= 3"),
        ),
    )

    key: Mapped[str] = mapped_column(Text, unique=True)
    serial: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    lane: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)  # what it is about: "class=12"
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[dict[str, Any]]
    cause_event_id: Mapped[int | None] = mapped_column(BigInteger)
    rule: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    useful_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(Text, default=State.PLANNED)
    reason: Mapped[str | None] = mapped_column(Text)
    batch_id: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    # An attempt may have acted unnoticed: such a row is never revived by itself.
    doubtful: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    provider: Mapped[str | None] = mapped_column(Text)
    provider_ref: Mapped[str | None] = mapped_column(Text)
    planned_at: Mapped[datetime]
    # Wall time: how long the worker that is sending may take before it is taken for dead.
    deadline_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    # An uncertain row that is no longer useful is closed: nobody needs to decide any more.
    closed_at: Mapped[datetime | None]


def update_effects(
    effects: Sequence[Effect], values: Mapping[str, Any], session: Any = db.session
) -> None:
    """Write the same values to all these rows, which the caller has locked, by one statement."""
    if not effects:
        return
    session.execute(
        update(Effect)
        .where(is_among(Effect.id, (effect.id for effect in effects)))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    known = {name: each for name, each in values.items() if not isinstance(each, ClauseElement)}
    for effect in effects:
        instance_dict(effect).update(known)  # as loaded: nothing that is left to be written


class EffectAttempt(Row, db.Model):
    """How one attempt went; written once, never changed."""

    __tablename__ = "effect_attempts"
    __table_args__ = (Index("ix_effect_attempts_effect", "effect_id", "id"),)

    effect_id: Mapped[int] = mapped_column(ForeignKey("effects.id", ondelete="CASCADE"))
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    exchanges: Mapped[list[Any]]
    at: Mapped[datetime]
