"""What is particular to e-mail: the text that went, what became of it, who cannot be reached."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.core.db import Row, Versioned, db


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


class ChatStatus(StrEnum):
    """What AiSensy reports of a WhatsApp message, in the order in which it may move."""

    HANDED_OVER = "handed over"
    SENT = "sent"
    FAILED = "failed"  # before the other two: what arrived after all did arrive
    DELIVERED = "delivered"
    READ = "read"


class MailSheet(Row, db.Model):
    """A text as it was handed over, with tags where each person's own words stand.

    `nonce` begins each tag, so that nothing typed can be one; sheets of before it have none.
    """

    __tablename__ = "mail_sheets"

    digest: Mapped[str] = mapped_column(Text, unique=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(Text, server_default="")
    # filename, mimetype and content (base64) of each file
    attachments: Mapped[list[Any]] = mapped_column(server_default="[]")


class EmailLog(Row, db.Model):
    """One e-mail of the ledger. `words` are the person's own words, secrets masked.

    Without a sheet, the worker ended after it handed the mail over and before it could keep the
    text; somebody else settled the effect and wrote this row.
    """

    __tablename__ = "email_logs"
    __table_args__ = (
        Index("ix_email_logs_message", "message_id"),
        Index(
            "ix_email_logs_unseen",
            "status_at",
            postgresql_where=text(
                "seen_at IS NULL AND status IN ('dropped', 'blocked', 'bounced')"
            ),
        ),
    )

    effect_id: Mapped[int] = mapped_column(
        ForeignKey("effects.id", ondelete="CASCADE"), unique=True
    )
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("mail_sheets.id"))
    address: Mapped[str] = mapped_column(Text)
    words: Mapped[dict[str, Any]]
    message_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text)
    status_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime | None]  # when an admin had seen that it did not arrive
    created_at: Mapped[datetime]

    sheet: Mapped[MailSheet | None] = relationship(lazy="joined")


class WhatsAppLog(Row, db.Model):
    """One WhatsApp message of the ledger, as the person reads it; secrets are masked.

    `message_id` is AiSensy's `submitted_message_id`, by which its webhooks speak of the message.
    """

    __tablename__ = "whatsapp_logs"
    __table_args__ = (
        Index("ix_whatsapp_logs_message", "message_id"),
        Index(
            "ix_whatsapp_logs_unseen",
            "status_at",
            postgresql_where=text("seen_at IS NULL AND status = 'failed'"),
        ),
    )

    effect_id: Mapped[int] = mapped_column(
        ForeignKey("effects.id", ondelete="CASCADE"), unique=True
    )
    phone: Mapped[str] = mapped_column(Text)
    campaign: Mapped[str] = mapped_column(Text)
    parameters: Mapped[list[Any]]
    text: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text)
    status_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime | None]  # when an admin had seen that it did not arrive
    created_at: Mapped[datetime]


class MessageTemplate(Row, Versioned, db.Model):
    """An e-mail's text as an admin has written it; without one, the standard text is used.

    `earlier_text` was written before texts had plain placeholders, and could not be carried over.
    """

    __tablename__ = "message_templates"

    notice: Mapped[str] = mapped_column(Text, unique=True)
    subject: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    earlier_text: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime]


class TemplateDraft(Row, db.Model):
    """What an admin has typed and not saved: it is previewed, and nothing typed is lost."""

    __tablename__ = "template_drafts"
    __table_args__ = (UniqueConstraint("notice", "person_id"),)

    notice: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    base_revision: Mapped[int] = mapped_column(server_default="0")  # what it is a change of
    at: Mapped[datetime]


class Announcement(Row, db.Model):
    """What an admin wrote to people of their choice; the ledger says who got it."""

    __tablename__ = "announcements"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), unique=True)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    subject_line: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]

    @property
    def subject(self) -> str:
        """How the ledger names this announcement."""
        return f"announcement={self.id}"


class SuppressionReason(StrEnum):
    """Why nothing goes to an address. Only the person can lift their own opting out."""

    OPTED_OUT = "opted_out"
    BOUNCED = "bounced"
    NO_WHATSAPP = "no_whatsapp"


class Suppression(Row, db.Model):
    """An address or a phone number (E.164) that we do not reach, or must not.

    Nothing but account mail goes there, to anybody: two siblings with one phone are both
    silent. Each cause holds by itself until it is lifted, so that lifting one leaves the
    others; the row stays, so that news of before change nothing.
    """

    __tablename__ = "suppressions"
    __table_args__ = (
        CheckConstraint("cause IN ('opted_out', 'bounced', 'no_whatsapp')", name="cause"),
        UniqueConstraint("address", "cause"),
    )

    address: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(
        Text, default=SuppressionReason.OPTED_OUT, server_default="opted_out"
    )
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    @hybrid_property
    def holds(self) -> bool:
        return self.lifted_at is None or self.since > self.lifted_at

    @holds.inplace.expression
    @classmethod
    def _holds(cls) -> ColumnElement[bool]:
        return cls.lifted_at.is_(None) | (cls.since > cls.lifted_at)
