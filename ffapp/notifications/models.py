"""What a person wants to be told, how and when; and the bell, where it stands on our own pages."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.core.db import Row, db


class NotificationChoice(Row, db.Model):
    """A person's own word about one kind of notice on one channel; without a row, it is wanted."""

    __tablename__ = "notification_choices"
    __table_args__ = (UniqueConstraint("person_id", "kind", "channel"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    wanted: Mapped[bool]
    changed_at: Mapped[datetime]


class QuietHours(Row, db.Model):
    """When a person's phone shall stay silent, on their own clock; without a row, as configured.

    From and until may lie on two days (21:00 to 8:00). The same time twice means: never quiet.
    """

    __tablename__ = "quiet_hours"
    __table_args__ = (UniqueConstraint("person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    begins: Mapped[time]
    ends: Mapped[time]
    changed_at: Mapped[datetime]


class Notification(Row, db.Model):
    """One line in a person's bell. `key` says what it is about, so that it is told once.

    `path` is a page of ours; `subject` what it is about ("class=12"), so that it can be taken back.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        CheckConstraint("left(path, 1) = '/'", name="path"),
        Index("ix_notifications_person", "person_id", "id"),
        Index("ix_notifications_unread", "person_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notifications_subject", "subject"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
