"""The list of people: students and admins, whether they can sign in, who speaks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flask
from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.orm import contains_eager

from ffapp.core.db import db
from ffapp.people.account_status import account_status, account_statuses
from ffapp.people.consent import Purpose, last_answer, latest_consents
from ffapp.people.models import Person, Role, User
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web.admin.classes.list import cohort_options
from ffapp.web.kit.bulk_actions import BulkAction
from ffapp.web.kit.cells import Chip, RowLink, When, lines
from ffapp.web.kit.filters import Choice, Filters, Search
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.status_badges import states_of

ROLES = ((Role.STUDENT, "Students"), (Role.ADMIN, "Admins"))
STATES = states_of("person")
CONSENTS = states_of("consent")
SEARCH = Search("Name, e-mail or phone", (Person.name, Person.email, Person.phone))
WRITE = BulkAction("Write to them", "admin.announcement_new", icon="send")
CALL = BulkAction("Call them", "admin.call_several", icon="phone")


@dataclass(frozen=True)
class PersonRow:
    person: Person
    state: str
    cohorts: Sequence[str]
    said: tuple[bool, str] | None  # what a guardian said on messages, and who

    @property
    def name(self) -> Any:
        url = flask.url_for("admin.person_show", person_id=self.person.id)
        return lines(RowLink(self.person.name, url), self.person.email)

    @property
    def consent(self) -> Chip | None:
        if self.person.user.is_admin:
            return None
        return Chip(
            "consent", "not_asked" if not self.said else "agreed" if self.said[0] else "refused"
        )

    @property
    def signed_in(self) -> Any:
        at = self.person.user.signed_in_at
        return When(at) if at else "Never"


def person_rows(people: Sequence[Person]) -> list[PersonRow]:
    """What lists show of these people, in three queries."""
    ids = [each.id for each in people]
    states, cohorts, said = account_statuses(ids), _cohorts_of(ids), latest_consents(ids)
    return [
        PersonRow(
            each, states[each.id], cohorts.get(each.id, ()), said.get((each.id, Purpose.ACCOUNT))
        )
        for each in people
    ]


def _people() -> Select[Any]:
    return select(Person).join(Person.user).options(contains_eager(Person.user))


def _consent_state() -> Any:
    """What was answered about account mail; admins have no guardian."""
    answer = last_answer(Purpose.ACCOUNT)
    return case(
        (User.role == Role.ADMIN, ""),
        (answer.is_(True), "agreed"),
        (answer.is_(False), "refused"),
        else_="not_asked",
    )


def _is_enrolled_in(cohort_id: int) -> Any:
    return exists().where(
        Enrolment.person_id == Person.id,
        Enrolment.cohort_id == cohort_id,
        Enrolment.withdrawn_at.is_(None),
    )


def _cohorts_of(person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Person id → the names of the cohorts in which they are enrolled."""
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


PEOPLE = ListPage(
    name="people",
    heading="People",
    lead="Students and admins: who they are, whether they can sign in, who speaks for them.",
    noun=("person", "people"),
    rows=_people,
    key=Person.id,
    load=person_rows,
    order="name",
    filters=Filters(
        (
            Choice("role", "Role", ROLES, User.role, style="chips"),
            Choice(
                "cohort", "Cohort", cohort_options, every="All cohorts", condition=_is_enrolled_in
            ),
            Choice("state", "Can sign in", STATES, account_status, every="Any state"),
            Choice("consent", "Guardian", CONSENTS, _consent_state, every="Any answer"),
        ),
        SEARCH,
    ),
    columns=(
        Column("Name", lambda it: it.name, func.lower(Person.name)),
        Column("E-mail", lambda it: it.person.email, on_page=False),
        Column("Phone", lambda it: it.person.phone, on_page=False),
        Column("Role", lambda it: "Admin" if it.person.user.is_admin else "Student"),
        Column("Cohorts", lambda it: ", ".join(it.cohorts)),
        Column("Can sign in", lambda it: Chip("person", it.state), on_phone=True),
        Column("Guardian", lambda it: it.consent),
        Column("Last sign-in", lambda it: it.signed_in, User.signed_in_at, name="seen"),
    ),
    actions=(WRITE, CALL),
    row_id=lambda it: it.person.id,
    empty=("Nobody is here yet", "Invite the first admin, or the students of a cohort."),
    no_match="Nobody fits these filters",
    template="admin/people/index.html",
)
