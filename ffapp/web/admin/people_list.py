"""Looking for people: what the address asks for, in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from ffapp.db import db
from ffapp.people.models import Person, Role, User
from ffapp.people.standing import Standing, standing
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web.listing import Page, number, word

ROLES = ((Role.STUDENT.value, "Students"), (Role.ADMIN.value, "Admins"))
ORDERS = {
    "name": (func.lower(Person.name), Person.id),
    "-name": (func.lower(Person.name).desc(), Person.id.desc()),
    "seen": (User.signed_in_at.asc().nulls_first(), Person.id),
    "-seen": (User.signed_in_at.desc().nulls_last(), Person.id.desc()),
}


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty means: any."""

    role: str
    standing: str
    cohort_id: int | None
    query: str
    order: str

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """All but the role, which the chips count by."""
        found: list[ColumnElement[bool]] = []
        if self.standing:
            found.append(standing() == self.standing)
        if self.cohort_id is not None:
            found.append(
                exists().where(
                    Enrolment.person_id == Person.id,
                    Enrolment.cohort_id == self.cohort_id,
                    Enrolment.withdrawn_at.is_(None),
                )
            )
        if self.query:
            columns = (Person.name, Person.email, Person.phone)
            found.append(or_(*(each.icontains(self.query, autoescape=True) for each in columns)))
        return found

    @property
    def all_conditions(self) -> list[ColumnElement[bool]]:
        return [*self.conditions, *([User.role == self.role] if self.role else [])]

    @property
    def filters(self) -> dict[str, Any]:
        """As they stand in an address; what is not said is None."""
        return {
            "role": self.role or None,
            "state": self.standing or None,
            "cohort": self.cohort_id,
            "q": self.query or None,
        }


def wanted() -> Wanted:
    """What the address asks for; a word that is none of ours counts as not said."""
    role, state, order = word("role"), word("state"), word("sort")
    return Wanted(
        role=role if role in dict(ROLES) else "",
        standing=state if state in set(Standing) else "",
        cohort_id=number("cohort"),
        query=word("q"),
        order=order if order in ORDERS else "name",
    )


def counts(wanted: Wanted) -> dict[str, int]:
    """Role → how many, whatever role is chosen."""
    rows = (
        select(User.role, func.count())
        .select_from(Person)
        .join(Person.user)
        .where(*wanted.conditions)
        .group_by(User.role)
    )
    return dict(db.session.execute(rows).all())  # type: ignore[arg-type]


def rows(wanted: Wanted, shown: Page) -> Sequence[Any]:
    """Rows of (person, standing)."""
    found = select(Person, standing()).join(Person.user).where(*wanted.all_conditions)
    return db.session.execute(
        found.order_by(*ORDERS[wanted.order]).limit(shown.per_page).offset(shown.offset)
    ).all()


def everybody(wanted: Wanted) -> Sequence[int]:
    """Ids of all who fit, on whatever page they stand."""
    return db.session.scalars(
        select(Person.id).join(Person.user).where(*wanted.all_conditions)
    ).all()


def all_cohorts() -> Sequence[Any]:
    """Rows of (id, name), newest first, to choose from."""
    return db.session.execute(
        select(Cohort.id, Cohort.name).order_by(Cohort.starts_on.desc(), Cohort.id.desc())
    ).all()


def cohorts_of(person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Person id → the names of the cohorts in which they have a seat, in one query."""
    found: dict[int, list[str]] = {}
    rows = db.session.execute(
        select(Enrolment.person_id, Cohort.name)
        .join(Enrolment.cohort)
        .where(Enrolment.person_id.in_(person_ids), Enrolment.withdrawn_at.is_(None))
        .order_by(Cohort.starts_on, Cohort.id)
    )
    for person_id, name in rows:
        found.setdefault(person_id, []).append(name)
    return found
