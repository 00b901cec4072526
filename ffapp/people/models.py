"""People, how they sign in, who speaks for a child, and what was allowed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.core.db import Row, Versioned, db


class Role(StrEnum):
    ADMIN = "admin"
    STUDENT = "student"


class Person(Row, Versioned, db.Model):
    """Somebody the programme knows. `email` is stored in lower case.

    `language` is a code of `core/i18n.py`; None until they have signed in or chosen one.
    """

    __tablename__ = "people"

    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text, unique=True)
    phone: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    user: Mapped["User"] = relationship(back_populates="person", uselist=False, lazy="joined")
    guardians: Mapped[list["Guardian"]] = relationship(
        back_populates="student", order_by="Guardian.id"
    )

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def initials(self) -> str:
        letters = [word[0] for word in self.name.split() if word[0].isalnum()]
        return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"


class User(Row, db.Model):
    """How a person signs in. Their sessions are rows of their own (`sessions.py`)."""

    __tablename__ = "users"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    role: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    signed_in_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="user", lazy="joined")

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN


class Guardian(Row, db.Model):
    """A parent or other adult who decides what may be done with a child's data."""

    __tablename__ = "guardians"
    __table_args__ = (Index("ix_guardians_student", "student_id"),)

    student_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)

    student: Mapped[Person] = relationship(back_populates="guardians")


class Consent(Row, db.Model):
    """What a guardian said about one purpose; the newest row of a student and purpose counts."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_student", "student_id", "purpose", "id"),)

    student_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardians.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(Text)
    granted: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    guardian: Mapped[Guardian] = relationship()


class AccessLink(Row, db.Model):
    """A link that sets a password. The link itself is signed anew when it is sent, never stored."""

    __tablename__ = "access_links"
    __table_args__ = (Index("ix_access_links_person", "person_id", "id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(Text)  # invitation or reset
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined")
