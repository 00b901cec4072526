"""Who was in the meeting of a class: what Zoom told, who it was, and what an admin says."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.core.db import Row, db
from ffapp.people.models import Person


class MatchSource(StrEnum):
    """How a participant session was matched; an unmatched one has none."""

    ADMIN = "admin"  # an admin said so
    LINK = "link"  # came through the person's own link
    HOST = "host"
    TEAM = "team"  # signed in to Zoom with the address of an admin of ours
    EMAIL = "email"  # signed in to Zoom with the address of an enrolled person
    GUEST = "guest"  # an admin said that they are a guest


class ParticipantSession(Row, db.Model):
    """One time that somebody was in one meeting, from joining until leaving.

    What webhooks said and what Zoom's list says are kept side by side. Who joins again has another
    `user_id`, and so another row.
    """

    __tablename__ = "participant_sessions"
    __table_args__ = (
        UniqueConstraint("meeting_uuid", "user_id"),
        Index("ix_participant_sessions_session", "session_id"),
        Index("ix_participant_sessions_person", "person_id", "session_id"),
        Index(
            "ix_participant_sessions_unmatched",
            "session_id",
            postgresql_where=text("matched_by IS NULL"),
        ),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    meeting_uuid: Mapped[str] = mapped_column(Text)
    user_id: Mapped[str] = mapped_column(Text)
    # As Zoom gave them; empty where it gave none. A guest has a name and nothing else.
    name: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    zoom_id: Mapped[str] = mapped_column(Text, default="")
    registrant_id: Mapped[str] = mapped_column(Text, default="")
    # From the webhooks, and from the list of past participants.
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    listed_joined_at: Mapped[datetime | None]
    listed_left_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    matched_by: Mapped[str | None] = mapped_column(Text)
    # By which an admin matched it: it holds also when Zoom says more of them later.
    assignment_id: Mapped[int | None] = mapped_column(
        ForeignKey("participant_assignments.id", ondelete="SET NULL"), index=True
    )

    @property
    def identity(self) -> str:
        """Who it is for Zoom, by the best that is known; of a guest, this one join."""
        if self.registrant_id:
            return f"registrant:{self.registrant_id}"
        if self.email:
            return f"email:{self.email}"
        if self.zoom_id:
            return f"zoom:{self.zoom_id}"
        return f"guest:{self.meeting_uuid}:{self.user_id}"


class ParticipantAssignment(Row, db.Model):
    """Who an unknown participant of a class is, by an admin; without a person, a guest."""

    __tablename__ = "participant_assignments"
    __table_args__ = (UniqueConstraint("session_id", "identity"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    identity: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    by: Mapped[Person] = relationship(foreign_keys=[by_id])


class AttendanceOverride(Row, db.Model):
    """An admin's override of one person's attendance, which nothing from Zoom changes.

    Only the one that is not revoked counts; the others are kept as history.
    """

    __tablename__ = "attendance_overrides"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 0 AND 1440", name="minutes"),
        Index(
            "uq_attendance_overrides_active",
            "session_id",
            "person_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    present: Mapped[bool]
    minutes: Mapped[int | None]  # None: as many as Zoom says
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    by: Mapped[Person] = relationship(foreign_keys=[by_id])


class ParticipantCheck(Row, db.Model):
    """When Zoom is asked for the list of a class's participants, and what came of it last."""

    __tablename__ = "participant_checks"
    __table_args__ = (
        Index("ix_participant_checks_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), unique=True)
    over_at: Mapped[datetime]  # the end of the class that the questions follow
    due_at: Mapped[datetime | None]  # None: Zoom has said all that it will say
    asked_at: Mapped[datetime | None]
    listed: Mapped[int] = mapped_column(default=0)  # how many visits the list named last
    problem: Mapped[str | None] = mapped_column(Text)
