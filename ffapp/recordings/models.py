"""Recordings of classes: their files at Zoom, who watched them, syncs and transcripts."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from ffapp.classes.models import ClassSession
from ffapp.core.db import Row, db


class FileState(StrEnum):
    """Where a file of a recording is at Zoom; whether students may see it is our own choice."""

    AVAILABLE = "available"
    TRASHED = "trashed"
    DELETED = "deleted"


class Recording(Row, db.Model):
    """One finished file of a recording, as Zoom names it."""

    __tablename__ = "recordings"
    __table_args__ = (
        UniqueConstraint("meeting_uuid", "file_id"),
        Index("ix_recordings_session", "session_id", "starts_at"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    meeting_uuid: Mapped[str] = mapped_column(Text)
    file_id: Mapped[str] = mapped_column(Text)
    file_type: Mapped[str | None] = mapped_column(Text)
    recording_type: Mapped[str | None] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    play_url: Mapped[str | None] = mapped_column(Text)
    passcode: Mapped[str | None] = mapped_column(Text)
    play_passcode: Mapped[str | None] = mapped_column(Text)
    visible: Mapped[bool] = mapped_column(default=True)
    # Whether it ended before the class began; decided once, when the file is first seen.
    is_rehearsal: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    state: Mapped[str] = mapped_column(
        Text, default=FileState.AVAILABLE, server_default=text("'available'")
    )
    state_since: Mapped[datetime | None]  # None: it never was anything else
    first_seen_at: Mapped[datetime]

    # A class has its `recordings`, but does not know of this package.
    session: Mapped[ClassSession] = relationship(
        backref=backref(
            "recordings", order_by="(Recording.starts_at, Recording.recording_type, Recording.id)"
        )
    )

    @property
    def duration(self) -> timedelta | None:
        return self.ends_at - self.starts_at if self.ends_at else None

    @hybrid_property
    def is_video(self) -> bool:
        """A video that can be watched by its link; also in queries."""
        return self.file_type == "MP4" and bool(self.play_url) and self.is_available

    @is_video.inplace.expression
    @classmethod
    def _is_video(cls) -> ColumnElement[bool]:
        return and_(
            cls.file_type == "MP4", cls.play_url.is_not(None), cls.state == FileState.AVAILABLE
        )

    @property
    def is_available(self) -> bool:
        """Whether it is at Zoom, and neither in the trash there nor deleted for good."""
        return self.state == FileState.AVAILABLE


class RecordingView(Row, db.Model):
    """One time that a person opened a recording through us."""

    __tablename__ = "recording_views"
    __table_args__ = (
        Index("ix_recording_views_recording", "recording_id", "person_id"),
        Index("ix_recording_views_at", "at"),
    )

    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


# How Postgres cuts words down for the search: English endings; other languages word by word.
LANGUAGE = "english"


TRANSCRIPT = "TRANSCRIPT"  # the file type of a transcript at Zoom


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
