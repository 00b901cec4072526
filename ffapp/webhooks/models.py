"""Every webhook as it came: the raw post, kept once, before anybody interprets it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core.db import Row, db


class DeliveryState(StrEnum):
    RECEIVED = "received"  # kept; its job has not run yet
    DONE = "done"
    UNMATCHED = "unmatched"  # what it speaks of is not known here yet; matched again when it is
    IGNORED = "ignored"  # understood, and nothing follows from it
    FAILED = "failed"  # our own mistake; can be replayed


class WebhookDelivery(Row, db.Model):
    """One post. `dedupe_key` is the provider's own id of it, or a digest of its body."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("provider", "dedupe_key"),
        Index("ix_webhook_deliveries_state", "state", "id"),
    )

    provider: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text, default=DeliveryState.RECEIVED)
    reason: Mapped[str | None] = mapped_column(Text)
    match_key: Mapped[str | None] = mapped_column(Text, index=True)
    handled_at: Mapped[datetime | None]
    duplicates: Mapped[int] = mapped_column(default=0)


class WebhookRefusal(Row, db.Model):
    """One post that was not let in, so that a wrong secret does not stay unseen."""

    __tablename__ = "webhook_refusals"

    provider: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(default=1)
    seen_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # by an admin
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("provider", "reason"),)
