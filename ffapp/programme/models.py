"""Cohorts, and who is enrolled in them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ffapp.core.db import Row, Versioned, db
from ffapp.people.models import Person


class Cohort(Row, Versioned, db.Model):
    """A group that learns together."""

    __tablename__ = "cohorts"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seats"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
    )

    name: Mapped[str] = mapped_column(Text, unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    seats: Mapped[int]
    time_zone: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    @property
    def subject(self) -> str:
        """How the ledger names this cohort."""
        return f"cohort={self.id}"


class Enrolment(Row, db.Model):
    """A person's place in a cohort; withdrawn, it stays as a row and can come back."""

    __tablename__ = "enrolments"
    __table_args__ = (
        UniqueConstraint("cohort_id", "person_id"),
        Index("ix_enrolments_person", "person_id"),
        Index(
            "ix_enrolments_active",
            "cohort_id",
            "person_id",
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    enrolled_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def is_active(self) -> bool:
        return self.withdrawn_at is None


def is_enrolled(person_id: Any, cohort_id: Any) -> ColumnElement[bool]:
    """In a query over enrolments: the person (id or column) has a place in the cohort now."""
    return and_(
        Enrolment.person_id == person_id,
        Enrolment.cohort_id == cohort_id,
        Enrolment.withdrawn_at.is_(None),
    )
