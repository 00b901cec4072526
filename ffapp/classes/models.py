"""Classes, the meetings in which they were held, and who pressed Join."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Text,
    and_,
    select,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.core.db import Row, db
from ffapp.programme.models import Cohort


class RecordingState(StrEnum):
    """Every class that is over is in exactly one of these; before, it has none."""

    PROCESSING = "processing"
    AVAILABLE = "available"
    TRASHED = "trashed"  # all that could be watched lies in Zoom's trash
    NONE = "none"
    FAILED = "failed"


# As the table checks: what began longer ago than that is over, if it was held as planned.
LONGEST = timedelta(minutes=1440)


class InstanceState(StrEnum):
    """What one instance of a class's meeting was: the class, or why it is kept apart from it."""

    COUNTED = "counted"
    REHEARSAL = "rehearsal"  # over before the class was to begin
    OUTSIDE = "outside"  # outside the time of the class
    REOPENED = "reopened"  # opened again after the class had ended


class ClassSession(Row, db.Model):
    """One class. The `zoom_` columns say what Zoom has; the ledger says how that came to be."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
        Index("ix_sessions_cohort", "cohort_id", "starts_at"),
        Index("ix_sessions_starts_at", "starts_at"),
        Index("ix_sessions_host", "zoom_host_email", "starts_at"),
        Index(
            "ix_sessions_live",
            "starts_at",
            postgresql_where=text("started_at IS NOT NULL AND ended_at IS NULL"),
        ),
        Index(
            "ix_sessions_meeting_problem",
            "starts_at",
            postgresql_where=text("meeting_problem IS NOT NULL"),
        ),
        Index(
            "ix_sessions_recording_state",
            "recording_state",
            "starts_at",
            postgresql_where=text("recording_state IS NOT NULL"),
        ),
        Index(
            "ix_sessions_recording_unknown",
            "starts_at",
            postgresql_where=text("recording_state IS NULL AND cancelled_at IS NULL"),
        ),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime]
    duration_minutes: Mapped[int]
    time_zone: Mapped[str] = mapped_column(Text)
    cancelled_at: Mapped[datetime | None]
    cancelled_because: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    # When it was held, by the instances that count. Started and not ended: it is live.
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    # One of `meetings.meeting_status.MeetingState`; what an admin must look at (None: nothing); and
    # the id of the effect that explains both.
    meeting_state: Mapped[str] = mapped_column(Text, default="none", server_default="none")
    meeting_problem: Mapped[str | None] = mapped_column(Text)
    meeting_effect_id: Mapped[int | None] = mapped_column(BigInteger)

    zoom_host_email: Mapped[str] = mapped_column(Text)
    zoom_meeting_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    zoom_join_url: Mapped[str | None] = mapped_column(Text)
    zoom_passcode: Mapped[str | None] = mapped_column(Text)
    zoom_auto_recording: Mapped[str | None] = mapped_column(Text)
    zoom_revision: Mapped[int | None]  # the revision that Zoom knows
    # Whether the meeting asks for registration, so that people have links of their own.
    zoom_registration: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    zoom_gone_at: Mapped[datetime | None]  # when the meeting was deleted inside Zoom
    # Topic, starts_at and minutes as Zoom last had them; None: not known.
    zoom_seen: Mapped[dict[str, Any] | None]
    zoom_changed_by: Mapped[str | None] = mapped_column(Text)  # who changed it since, at Zoom
    # By which calendars know it, wherever this programme has its address one day (RFC 7986, 5.3).
    calendar_uid: Mapped[str] = mapped_column(Text, server_default=text("gen_random_uuid()"))
    zoom_read_due_at: Mapped[datetime | None]  # when to ask Zoom what the meeting is like now
    zoom_read_at: Mapped[datetime | None]
    zoom_read_problem: Mapped[str | None] = mapped_column(Text)  # why it does not tell us that

    recording_state: Mapped[str | None] = mapped_column(Text)
    recording_reason: Mapped[str | None] = mapped_column(Text)
    recording_since: Mapped[datetime | None]
    recording_asked_at: Mapped[datetime | None]
    recording_announced_at: Mapped[datetime | None]  # when it was complete, and everybody was told

    cohort: Mapped[Cohort] = relationship(lazy="joined")
    instances: Mapped[list["MeetingInstance"]] = relationship(
        back_populates="session", order_by="MeetingInstance.started_at"
    )

    @hybrid_property
    def ends_at(self) -> datetime:
        """When it is planned to end; also in queries."""
        return self.starts_at + timedelta(minutes=self.duration_minutes)

    @ends_at.inplace.expression
    @classmethod
    def _ends_at(cls) -> ColumnElement[datetime]:
        return cls.starts_at + cls.duration_minutes * text("interval '1 minute'")

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @hybrid_property
    def is_live(self) -> bool:
        """Whether its meeting is being held now; also in queries."""
        return self.started_at is not None and self.ended_at is None

    @is_live.inplace.expression
    @classmethod
    def _is_live(cls) -> ColumnElement[bool]:
        return and_(cls.started_at.is_not(None), cls.ended_at.is_(None))

    @property
    def has_meeting(self) -> bool:
        """Whether Zoom has a meeting for it, as far as we know."""
        return self.zoom_meeting_id is not None and self.zoom_gone_at is None

    @property
    def subject(self) -> str:
        """How the ledger names this class."""
        return f"class={self.id}"


class FormerMeeting(Row, db.Model):
    """A meeting that the class had before it was deleted inside Zoom and another one was made.

    What was held and recorded under it still belongs to the class.
    """

    __tablename__ = "former_meetings"
    __table_args__ = (Index("ix_former_meetings_session", "session_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    zoom_meeting_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    gone_at: Mapped[datetime]


class MeetingInstance(Row, db.Model):
    """One time that the class's meeting was held; Zoom gives each a uuid of its own."""

    __tablename__ = "meeting_instances"
    __table_args__ = (
        Index("ix_meeting_instances_session", "session_id", "started_at"),
        Index("ix_meeting_instances_started", "started_at"),
        Index(
            "ix_meeting_instances_running", "session_id", postgresql_where=text("ended_at IS NULL")
        ),
        CheckConstraint("state IN ('counted', 'rehearsal', 'outside', 'reopened')", name="state"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    zoom_uuid: Mapped[str] = mapped_column(Text, unique=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Whether it was the class, or why it is kept apart; written by `phase.decide_instances`.
    state: Mapped[str] = mapped_column(
        Text, default=InstanceState.COUNTED, server_default=text("'counted'")
    )
    # What an admin said: True, it was the class; False, it was not; None, nothing.
    was_class: Mapped[bool | None]

    session: Mapped[ClassSession] = relationship(back_populates="instances")

    @hybrid_property
    def is_counted(self) -> bool:
        """Whether it was the class; also in queries."""
        return self.state == InstanceState.COUNTED


class Join(Row, db.Model):
    """One press of Join Meeting."""

    __tablename__ = "joins"
    __table_args__ = (
        Index("ix_joins_session", "session_id", "person_id"),
        Index("ix_joins_at", "at", "person_id"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]


def lock_class(class_id: int) -> ClassSession:
    """The class, read again and locked until the transaction ends."""
    return db.session.get_one(
        ClassSession, class_id, with_for_update={"of": ClassSession}, populate_existing=True
    )


def lock_classes(*conditions: ColumnElement[bool]) -> Sequence[ClassSession]:
    """Lock and read anew all classes that meet the conditions, in the order of their ids."""
    return db.session.scalars(
        select(ClassSession)
        .where(*conditions)
        .order_by(ClassSession.id)
        .with_for_update(of=ClassSession)
        .execution_options(populate_existing=True)
    ).all()
