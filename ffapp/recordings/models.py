"""What was said in a class, as Zoom wrote it down."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.core.db import Row, db
from ffapp.recordings.models import Recording

# How Postgres cuts words down for the search: English endings; other languages word by word.
LANGUAGE = "english"


class TranscriptState(StrEnum):
    WANTED = "wanted"  # to be fetched from Zoom
    READY = "ready"
    FAILED = "failed"
    ERASED = "erased"  # deleted at Zoom for good, so not kept here either


class Transcript(Row, db.Model):
    """The text of one transcript file; `lines` are [second, speaker, words] in order."""

    __tablename__ = "transcripts"
    __table_args__ = (
        Index("ix_transcripts_due", "due_at", postgresql_where=text("state = 'wanted'")),
        Index("ix_transcripts_words", "words", postgresql_using="gin"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id"), unique=True)
    state: Mapped[str] = mapped_column(Text, default=TranscriptState.WANTED)
    reason: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    fetched_at: Mapped[datetime | None]
    # Long, so read only where they are shown.
    vtt: Mapped[str | None] = mapped_column(Text, deferred=True)
    lines: Mapped[list[Any]] = mapped_column(default=list, deferred=True)
    words: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True)

    recording: Mapped[Recording] = relationship()
