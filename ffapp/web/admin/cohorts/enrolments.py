"""Enrolling a student who is known already, and withdrawing one."""

from collections.abc import Mapping, Sequence
from typing import Any

import flask
from sqlalchemy import select

from ffapp.core.db import db, transaction
from ffapp.ledger.batches import Batch
from ffapp.people.models import Person, Role, User
from ffapp.programme.cohorts import enrolled_count
from ffapp.programme.enrol import enrolled_people
from ffapp.programme.enrol_many import INVITE, WITHDRAW, enrol_many, withdraw_student
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web import auth
from ffapp.web.auth import admin
from ffapp.web.kit.bulk_actions import Confirmation, Line, Outcome, selected_ids
from ffapp.web.kit.forms import Form
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import form_id, get_or_404, one_or_404, query_str
from ffapp.web.kit.search import contains
from ffapp.web.kit.undo import UndoView, counted, flash_with_undo, show_undo_as

FOUND = 50


@admin.get("/cohorts/<int:cohort_id>/enrolments/new")
def cohort_enrol(cohort_id: int) -> flask.typing.ResponseReturnValue:
    """Look for a student by name or address."""
    return _page(get_or_404(Cohort, cohort_id))


@admin.post("/cohorts/<int:cohort_id>/enrolments")
def cohort_seat(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    student = _student(form_id("person_id"))
    enrolled = transaction(enrol_many, cohort, [student], auth.me())
    if enrolled.left_out:
        return _page(cohort, full=student, status=409)
    text = f"{student.name} is enrolled in {cohort.name}"
    flash_with_undo(text, enrolled.batch)
    return see(flask.url_for("admin.cohort_show", cohort_id=cohort_id))


@admin.route("/cohorts/<int:cohort_id>/enrolments/several", methods=["GET", "POST"])
def cohort_seats(cohort_id: int) -> flask.typing.ResponseReturnValue:
    """Seats for those who were chosen, as far as there are any."""
    cohort = get_or_404(Cohort, cohort_id)
    back = auth.back_or(flask.url_for("admin.cohort_show", cohort_id=cohort_id))
    return _confirmation(cohort).respond(selected_ids(), back)


@admin.post("/cohorts/<int:cohort_id>/withdrawals")
def cohort_withdraw(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    student = _student(form_id("person_id"))
    enrolment = one_or_404(
        select(Enrolment).where(Enrolment.cohort_id == cohort_id, Enrolment.person_id == student.id)
    )
    batch = transaction(withdraw_student, enrolment, auth.me())
    text = f"{student.name} is withdrawn from {cohort.name}"
    flash_with_undo(text, batch)
    return see(flask.url_for("admin.cohort_show", cohort_id=cohort_id))


def _confirmation(cohort: Cohort) -> Confirmation:
    free = cohort.seats - enrolled_count(cohort)
    seated = set(enrolled_people(cohort.id))

    def enrol(students: Sequence[Person], form: Form, versions: Mapping[int, int]) -> Outcome:
        enrolled = enrol_many(cohort, students, auth.me())
        verb = "is" if len(enrolled.seated) == 1 else "are"
        text = f"{_named(enrolled.seated)} {verb} enrolled in {cohort.name}."
        return Outcome(
            text if enrolled.seated else "Nobody was enrolled.",
            enrolled.batch,
            failed=[person.name for person in enrolled.left_out],
            why="No seat was left for",
        )

    return Confirmation(
        title=lambda students: f"Enrol {_named(students)} in {cohort.name}",
        button=lambda students: f"Enrol {_named(students)}",
        load=_students,
        line=lambda person: Line(
            person.id,
            person.name,
            flask.url_for("admin.person_show", person_id=person.id),
            about=person.email,
        ),
        refusal=lambda person: "is enrolled here already" if person.id in seated else None,
        warning=lambda students: (
            f"{free} seats are free; the last ones chosen get none."
            if len(students) > free
            else None
        ),
        act=enrol,
        nothing="Choose students who are not enrolled here yet",
        notes=(
            "They find the classes in their schedule at once.",
            "Links into the Zoom meetings are made after a minute.",
        ),
    )


def _named(students: Sequence[Person]) -> str:
    return students[0].name if len(students) == 1 else f"{len(students)} students"


def _page(cohort: Cohort, full: Person | None = None, status: int = 200) -> flask.Response:
    rows = _found(cohort, query_str("q"))
    return page(
        "admin/cohorts/enrol.html",
        fragments=("students",),
        cohort=cohort,
        taken=enrolled_count(cohort),
        rows=rows[:FOUND],
        more=len(rows) > FOUND,
        full=full,
        query=query_str("q"),
        status=status,
    )


def _found(cohort: Cohort, query: str) -> Sequence[Any]:
    """Rows of (student, their place in this cohort or None); without a query, those without one."""
    mine = (Enrolment.person_id == Person.id) & (Enrolment.cohort_id == cohort.id)
    rows = (
        select(Person, Enrolment)
        .join(Person.user)
        .outerjoin(Enrolment, mine)
        .where(User.role == Role.STUDENT)
        .order_by(Person.name, Person.id)
        .limit(FOUND + 1)
    )
    if query:
        rows = rows.where(contains(query, Person.name, Person.email))
    else:
        rows = rows.where(Enrolment.id.is_(None))
    return db.session.execute(rows).all()


def _students(ids: Sequence[int]) -> Sequence[Person]:
    """Those of them who are students, by name."""
    return db.session.scalars(
        select(Person)
        .join(Person.user)
        .where(Person.id.in_(ids), User.role == Role.STUDENT)
        .order_by(Person.name, Person.id)
    ).all()


def _student(person_id: int | None) -> Person:
    return one_or_404(
        select(Person).join(Person.user).where(Person.id == person_id, User.role == Role.STUDENT)
    )


def _page_of(batch: Batch) -> str:
    return flask.url_for("admin.cohort_show", cohort_id=batch.facts["cohort_id"])


show_undo_as(
    "enrol",
    UndoView(
        name="the enrolment of several students",
        done=lambda batch: counted("student was", "students were", "enrolled")(
            len(batch.facts["seats"])
        ),
        things=counted("seat is", "seats are", "taken back"),
        page=_page_of,
    ),
)
show_undo_as(
    INVITE,
    UndoView(
        name="an invitation",
        done=lambda batch: f"{batch.facts['person']} was invited",
        things=counted("student is", "students are", "removed"),
        page=_page_of,
    ),
)
show_undo_as(
    WITHDRAW,
    UndoView(
        name="a withdrawal",
        done=lambda batch: f"{batch.facts['person']} was withdrawn",
        things=counted("student has", "students have", "the place as before"),
        page=_page_of,
    ),
)
