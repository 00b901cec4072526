"""Giving a student who is known already a seat, and taking it back."""

from collections.abc import Sequence
from typing import Any

import flask
from sqlalchemy import or_, select

from ffapp.core.db import db, transaction
from ffapp.people.models import Person, Role, User
from ffapp.programme.cohorts import enrolled_count
from ffapp.programme.enrol import CohortFull, enrol, restore, withdraw
from ffapp.programme.enrol_many import Enrolled, enrol_many
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web import auth
from ffapp.web.admin.batches import flash_with_undo
from ffapp.web.admin.blueprint import admin
from ffapp.web.kit.idempotency import new_key, submit
from ffapp.web.kit.listing import query_str
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import form_id, form_ids, get_or_404, one_or_404

FOUND = 50


@admin.get("/cohorts/<int:cohort_id>/enrolments/new")
def cohort_enrol(cohort_id: int) -> flask.typing.ResponseReturnValue:
    """Look for a student by name or address."""
    return _page(get_or_404(Cohort, cohort_id))


@admin.post("/cohorts/<int:cohort_id>/enrolments")
def cohort_seat(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    student = _student(form_id("person_id"))
    try:
        transaction(enrol, cohort, student, auth.me())
    except CohortFull:
        return _page(cohort, full=student, status=409)
    flask.flash(f"{student.name} is enrolled in {cohort.name}")
    return see(flask.url_for("admin.cohort_show", cohort_id=cohort_id))


@admin.post("/cohorts/<int:cohort_id>/enrolments/several")
def cohort_seats(cohort_id: int) -> flask.typing.ResponseReturnValue:
    """Seats for those who were chosen, as far as there are any."""
    cohort = get_or_404(Cohort, cohort_id)
    students = _students(form_ids("person_id"))

    def work() -> str:
        enrolled = enrol_many(cohort, students, auth.me())
        _say(cohort, enrolled)
        return flask.url_for(
            "admin.cohort_show" if enrolled.seated else "admin.cohort_enrol", cohort_id=cohort_id
        )

    return submit(flask.request.form.get("submission", ""), work)


@admin.post("/cohorts/<int:cohort_id>/withdrawals")
def cohort_withdraw(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    student = _student(form_id("person_id"))
    enrolment = one_or_404(
        select(Enrolment).where(Enrolment.cohort_id == cohort_id, Enrolment.person_id == student.id)
    )
    transaction(withdraw, enrolment, auth.me())
    again = flask.url_for("admin.cohort_restore", cohort_id=cohort_id)
    flask.flash(
        {
            "text": f"{student.name} is withdrawn from {cohort.name}",
            "undo_url": again,
            "undo_fields": {"person_id": student.id},
        }  # type: ignore[arg-type]
    )
    return see(flask.url_for("admin.cohort_show", cohort_id=cohort_id))


@admin.post("/cohorts/<int:cohort_id>/withdrawals/undo")
def cohort_restore(cohort_id: int) -> flask.typing.ResponseReturnValue:
    student = _student(form_id("person_id"))
    enrolment = one_or_404(
        select(Enrolment).where(Enrolment.cohort_id == cohort_id, Enrolment.person_id == student.id)
    )
    try:
        transaction(restore, enrolment, auth.me())
        flask.flash(f"{student.name} is enrolled in {enrolment.cohort.name} as before")
    except CohortFull:
        flask.flash(f"{enrolment.cohort.name} is full by now: {student.name} stays withdrawn")
    return see(flask.url_for("admin.cohort_show", cohort_id=cohort_id))


def _say(cohort: Cohort, enrolled: Enrolled) -> None:
    names = ", ".join(person.name for person in enrolled.left_out)
    if enrolled.batch is not None:
        count = len(enrolled.seated)
        who = enrolled.seated[0].name if count == 1 else f"{count} students"
        text = f"{who} {'is' if count == 1 else 'are'} enrolled in {cohort.name}."
        flash_with_undo(f"{text} No seat was left for {names}." if names else text, enrolled.batch)
    elif names:
        flask.flash(f"Nobody was enrolled: no seat is left for {names}.", "warn")
    else:
        flask.flash("Choose students who have no seat here yet", "warn")


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
        new_key=new_key,
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
        rows = rows.where(
            or_(
                Person.name.icontains(query, autoescape=True),
                Person.email.icontains(query, autoescape=True),
            )
        )
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
