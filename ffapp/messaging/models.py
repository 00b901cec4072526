"""What is particular to e-mail: the text that went, what became of it, who cannot be reached."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.db import Row, db


class MailStatus(StrEnum):
    """What SendGrid reports, in the order in which it may move: only forward."""

    HANDED_OVER = "handed over"
    PROCESSED = "processed"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    BLOCKED = "blocked"
    BOUNCED = "bounced"
    MARKED_SPAM = "marked as spam"


class MailSheet(Row, db.Model):
    """A text as it was handed over, with tags where each person's own words stand."""

    __tablename__ = "mail_sheets"

    digest: Mapped[str] = mapped_column(Text, unique=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    # filename, mimetype and content (base64) of each file
    attachments: Mapped[list[Any]] = mapped_column(server_default="[]")


class EmailLog(Row, db.Model):
    """One e-mail of the ledger. `words` are the person's own words, secrets masked."""

    __tablename__ = "email_logs"
    __table_args__ = (Index("ix_email_logs_message", "message_id"),)

    effect_id: Mapped[int] = mapped_column(
        ForeignKey("effects.id", ondelete="CASCADE"), unique=True
    )
    sheet_id: Mapped[int] = mapped_column(ForeignKey("mail_sheets.id"))
    address: Mapped[str] = mapped_column(Text)
    words: Mapped[dict[str, Any]]
    message_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text)
    status_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    sheet: Mapped[MailSheet] = relationship(lazy="joined")


class Suppression(Row, db.Model):
    """An address that mail does not reach, or must not: nothing but account mail goes there."""

    __tablename__ = "suppressions"

    address: Mapped[str] = mapped_column(Text, unique=True)
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
