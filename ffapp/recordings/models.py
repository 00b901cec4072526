"""Recordings of classes: their files at Zoom, who watched them, syncs and transcripts."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Interval,
    Text,
    UniqueConstraint,
    and_,
    exists,
    false,
    func,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, backref, foreign, mapped_column, relationship

from ffapp.classes.models import ClassSession, MeetingInstance
from ffapp.core.db import Row, db

CLIP = timedelta(seconds=60)  # what is shorter is no recording of a class


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
    # What an admin decided; None: nothing, so students see what belongs to the class.
    visible: Mapped[bool | None]
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

    # The time that the meeting was held in which this was recorded.
    instance: Mapped[MeetingInstance | None] = relationship(
        primaryjoin=lambda: foreign(Recording.meeting_uuid) == MeetingInstance.zoom_uuid,
        viewonly=True,
        lazy="joined",
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

    @hybrid_property
    def is_clip(self) -> bool:
        """Whether it lasts mere seconds, as when somebody pressed Record twice; also in queries."""
        return self.ends_at is not None and self.ends_at - self.starts_at < CLIP

    @is_clip.inplace.expression
    @classmethod
    def _is_clip(cls) -> ColumnElement[bool]:
        return func.coalesce(cls.ends_at - cls.starts_at < literal(CLIP, Interval()), false())

    @property
    def is_of_class(self) -> bool:
        """Whether it was recorded in the class, or an admin has published it."""
        return bool(self.visible) or self.was_in_class

    @property
    def was_in_class(self) -> bool:
        """Whether the meeting in which it was recorded was the class."""
        return self.instance is not None and self.instance.is_counted

    @hybrid_property
    def is_shown(self) -> bool:
        """Whether students may see it once it is at Zoom: as an admin decided, or else what is of
        the class and no clip; also in queries."""
        return self.was_in_class and not self.is_clip if self.visible is None else self.visible

    @is_shown.inplace.expression
    @classmethod
    def _is_shown(cls) -> ColumnElement[bool]:
        in_class = exists().where(
            MeetingInstance.zoom_uuid == cls.meeting_uuid, MeetingInstance.is_counted
        )
        return func.coalesce(cls.visible, and_(in_class, ~cls.is_clip))

    @hybrid_property
    def is_watchable(self) -> bool:
        """Whether students may watch it: a video that is at Zoom and shown; also in queries."""
        return self.is_video and self.is_shown

    @is_watchable.inplace.expression
    @classmethod
    def _is_watchable(cls) -> ColumnElement[bool]:
        return and_(cls.is_video, cls.is_shown)

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
