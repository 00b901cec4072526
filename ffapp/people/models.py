"""People, how they sign in, who speaks for a child, and what was allowed."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.core.db import Row, Versioned, db
from ffapp.people.names import first_name_of


class Role(StrEnum):
    ADMIN = "admin"
    STUDENT = "student"


class Named:
    """Somebody with a name."""

    name: Mapped[str] = mapped_column(Text)

    @property
    def first_name(self) -> str:
        return first_name_of(self.name)


class Person(Row, Named, Versioned, db.Model):
    """Somebody the programme knows. `email` is stored in lower case; siblings may share it.

    `language` is a code of `core/i18n.py`; None until they have signed in or chosen one. Who has no
    `born_on` is taken for a child.
    """

    __tablename__ = "people"

    email: Mapped[str] = mapped_column(Text, index=True)
    phone: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    born_on: Mapped[date | None]
    created_at: Mapped[datetime]

    user: Mapped["User"] = relationship(back_populates="person", uselist=False, lazy="joined")
    guardians: Mapped[list["Guardian"]] = relationship(
        back_populates="student", order_by="Guardian.id"
    )

    @property
    def user_name(self) -> str | None:
        """What they sign in with instead of their e-mail address."""
        name = self.user.sign_in_name
        return name if name != self.email else None

    @property
    def initials(self) -> str:
        letters = [word[0] for word in self.name.split() if word[0].isalnum()]
        return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"


class User(Row, db.Model):
    """How a person signs in. Their sessions are rows of their own (`sessions.py`).

    `sign_in_name` is their e-mail address, or a user name where a sibling has the same address.

    Since `disabled_at` they cannot sign in, and nothing is sent to them.
    """

    __tablename__ = "users"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), unique=True)
    role: Mapped[str] = mapped_column(Text)
    sign_in_name: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    signed_in_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="user", lazy="joined")

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN


class Guardian(Row, Named, db.Model):
    """A parent or other adult who decides what may be done with a child's data.

    `asked_at` is when they were last asked for that. A higher `link_epoch` ends their links.
    """

    __tablename__ = "guardians"
    __table_args__ = (Index("ix_guardians_student", "student_id"),)

    student_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime | None]
    link_epoch: Mapped[int] = mapped_column(default=0, server_default="0")

    student: Mapped[Person] = relationship(back_populates="guardians")


class Consent(Row, db.Model):
    """One answer about one purpose; the newest of a student and purpose counts.

    Without a guardian it is the student's own, which counts once they are 18. The other columns are
    its evidence: how it was given, the notice that was shown, from which IP address, to which
    address the code went, and the proof of what an admin has recorded.
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_student", "student_id", "purpose", "id"),)

    student_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardians.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(Text)
    granted: Mapped[bool]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    method: Mapped[str] = mapped_column(Text, server_default="admin")
    notice_version: Mapped[str | None] = mapped_column(Text)
    ip_address: Mapped[str | None] = mapped_column(Text)
    code_sent_to: Mapped[str | None] = mapped_column(Text)
    proof_note: Mapped[str | None] = mapped_column(Text)
    proof_id: Mapped[int | None] = mapped_column(
        ForeignKey("consent_proofs.id", ondelete="CASCADE")
    )

    student: Mapped[Person] = relationship(foreign_keys=[student_id])
    guardian: Mapped[Guardian | None] = relationship()
    proof: Mapped["ConsentProof | None"] = relationship()


class ConsentProof(Row, db.Model):
    """A file that shows a written consent, such as a photo of the signed form."""

    __tablename__ = "consent_proofs"

    student_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    filename: Mapped[str] = mapped_column(Text)
    mimetype: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_at: Mapped[datetime]


class GuardianCode(Row, db.Model):
    """A one-time code that a guardian confirms their answers with; `code` is encrypted.

    `said` is purpose → whether they agree, as they have chosen before the code was sent.
    """

    __tablename__ = "guardian_codes"
    __table_args__ = (Index("ix_guardian_codes_guardian", "guardian_id", "id"),)

    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardians.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(Text)
    said: Mapped[dict[str, Any]]
    sent_to: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

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
