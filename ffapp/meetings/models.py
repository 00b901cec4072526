"""Links into a class's meeting: each student's own, and the host's start link."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core.db import Row, db


class PersonalLink(Row, db.Model):
    """A person's own link into a class's meeting. Zoom knows them by `address`, one of ours.

    One that has ended leads nowhere; participants who came by it before are still matched by it.
    """

    __tablename__ = "personal_links"
    __table_args__ = (
        UniqueConstraint("meeting_id", "registrant_id"),
        Index("ix_personal_links_person", "session_id", "person_id"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    meeting_id: Mapped[int] = mapped_column(BigInteger)
    registrant_id: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    join_url: Mapped[str] = mapped_column(Text)
    shown_as: Mapped[str | None] = mapped_column(Text)  # the name that Zoom has; None: not known
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # since when it is not to work any more


class StartLink(Row, db.Model):
    """A host's request to start a class: the link is fetched from Zoom for it and used once."""

    __tablename__ = "start_links"

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    encrypted_url: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    used_at: Mapped[datetime | None]
