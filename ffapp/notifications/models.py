"""What a person wants to be told, and how."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ffapp.db import Row, db


class NotificationChoice(Row, db.Model):
    """A person's own word about one kind of notice on one channel; without a row, it is wanted."""

    __tablename__ = "notification_choices"
    __table_args__ = (UniqueConstraint("person_id", "kind", "channel"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    wanted: Mapped[bool]
    changed_at: Mapped[datetime]
