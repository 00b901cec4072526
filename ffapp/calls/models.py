"""Calls by a computer voice: one row for each time that somebody is called, and its recording."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.core.db import Row, db
from ffapp.ledger.models import Effect
from ffapp.people.models import Guardian, Person
from ffapp.providers.bolna import wire

MOST_TRIES = 3  # to one person, for one reason; then nobody is called again by itself


class CallLog(Row, db.Model):
    """One call. Its effect says whether it was handed to Bolna; `status` is Bolna's word since.

    `status` moves forward only: `rank` is how far it has come, of the words that we know. Of a
    child without a telephone, `guardian` is called. `first_id` is the call of which this is another
    try. `cost_micros` are millionths of a US dollar. `ask_at` is when Bolna is asked next how the
    call goes, and `recording_due_at` when for the recording; None: not any more.
    """

    __tablename__ = "call_logs"
    __table_args__ = (
        Index("ix_call_logs_person", "person_id", "id"),
        Index("ix_call_logs_created", "created_at"),
        Index("ix_call_logs_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
        Index("ix_call_logs_ask", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
        Index(
            "ix_call_logs_recording_due",
            "recording_due_at",
            postgresql_where=text("recording_due_at IS NOT NULL"),
        ),
    )

    effect_id: Mapped[int | None] = mapped_column(
        ForeignKey("effects.id", ondelete="CASCADE"), unique=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardians.id", ondelete="SET NULL"))
    requested_by_id: Mapped[int | None] = mapped_column(BigInteger)
    script: Mapped[str] = mapped_column(Text)
    agent_id: Mapped[str] = mapped_column(Text)
    attempt: Mapped[int] = mapped_column(default=1)
    first_id: Mapped[int | None] = mapped_column(BigInteger)
    phone: Mapped[str | None] = mapped_column(Text)
    execution_id: Mapped[str | None] = mapped_column(Text, unique=True)
    status: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[int] = mapped_column(default=0)
    retry_count: Mapped[int] = mapped_column(default=0)
    status_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(Text)
    is_voicemail: Mapped[bool] = mapped_column(default=False)
    seconds: Mapped[int | None]
    cost_micros: Mapped[int | None]
    transcript: Mapped[str | None] = mapped_column(Text, deferred=True)
    is_transcript_cut: Mapped[bool] = mapped_column(default=False)
    hangup_by: Mapped[str | None] = mapped_column(Text)
    hangup_reason: Mapped[str | None] = mapped_column(Text)
    recording_url: Mapped[str | None] = mapped_column(Text)
    recording_due_at: Mapped[datetime | None]
    recording_problem: Mapped[str | None] = mapped_column(Text)
    ask_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # Bolna was asked for a day, or does not know the call: nobody knows how it ended.
    lost_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    effect: Mapped[Effect] = relationship(lazy="joined", innerjoin=False)
    person: Mapped[Person] = relationship()
    guardian: Mapped[Guardian | None] = relationship()

    @property
    def subject(self) -> str:
        """How the ledger names this call."""
        return f"call={self.id}"

    @property
    def is_waiting_at_bolna(self) -> bool:
        """Whether Bolna has it and has not begun to dial: only then can it be stopped."""
        waits = self.execution_id is not None and self.ended_at is None
        return waits and self.rank <= wire.RANKS[wire.QUEUED]


class CallRecording(Row, db.Model):
    """The sound of a call, kept by us: Bolna's link works for a day only."""

    __tablename__ = "call_recordings"

    call_id: Mapped[int] = mapped_column(
        ForeignKey("call_logs.id", ondelete="CASCADE"), unique=True
    )
    mimetype: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    fetched_at: Mapped[datetime]
