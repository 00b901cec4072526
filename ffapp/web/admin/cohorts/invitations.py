"""Inviting somebody new: a student into a cohort, or another admin."""

import flask
import wtforms
from wtforms.fields import SelectChoice

from ffapp.people.address import AddressTaken
from ffapp.people.invite import invite_admin
from ffapp.people.models import Person
from ffapp.programme.cohorts import enrolled_count
from ffapp.programme.enrol import CohortFull, Newcomer, enrolment_of
from ffapp.programme.enrol_many import invite_student
from ffapp.programme.models import Cohort
from ffapp.web import auth
from ffapp.web.auth import admin
from ffapp.web.kit.forms import EmailField, Form, Length, PhoneField, Required, TextField
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import get_or_404, query_str
from ffapp.web.kit.undo import flash_with_undo

SAID = {"agreed": True, "refused": False, "not_asked": None}
SAID_WORDS = [
    SelectChoice("agreed", "Agreed to messages on classes and recordings"),
    SelectChoice("refused", "Refused them"),
    SelectChoice("not_asked", "Not asked yet"),
]


class StudentForm(Form):
    name = TextField("Name", [Required("Give the student's name."), Length(120)])
    email = EmailField("E-mail address", [Required("Give the student's e-mail address.")])
    phone = PhoneField("Phone")
    guardian_name = TextField("Guardian's name", [Required("Give a guardian's name."), Length(120)])
    guardian_email = EmailField("Guardian's e-mail address")
    said = wtforms.RadioField("What the guardian said", choices=SAID_WORDS, default="not_asked")

    @property
    def newcomer(self) -> Newcomer:
        return Newcomer(
            name=self.name.data or "",
            email=self.email.data or "",
            phone=self.phone.data,
            guardian_name=self.guardian_name.data or "",
            guardian_email=self.guardian_email.data,
            agreed=SAID[self.said.data],
        )


class AdminForm(Form):
    name = TextField("Name", [Required("Give the admin's name."), Length(120)])
    email = EmailField("E-mail address", [Required("Give the admin's e-mail address.")])


@admin.route("/cohorts/<int:cohort_id>/invitations/new", methods=["GET", "POST"])
def cohort_invite(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    form = StudentForm(name=query_str("name"), email=query_str("email"))
    if not form.validate_on_submit():
        return _student_page(form, cohort, 422 if form.is_submitted() else 200)

    def work() -> str:
        student, batch = invite_student(cohort, form.newcomer, auth.me())
        told = "The invitation goes out in a minute."
        flash_with_undo(f"{student.name} is enrolled. {told}", batch)
        return flask.url_for("admin.cohort_show", cohort_id=cohort_id)

    try:
        return submit(work)
    except CohortFull:
        return _student_page(form, cohort, 409, full=True)
    except AddressTaken as taken:
        return _student_page(form, cohort, 422, owner=taken.person)


def _student_page(
    form: StudentForm,
    cohort: Cohort,
    status: int,
    *,
    owner: Person | None = None,
    full: bool = False,
) -> flask.Response:
    """`owner` has the address already: a student can be enrolled instead, an admin cannot."""
    if owner is not None:
        role = "an admin; give the student's own address" if owner.user.is_admin else "a student"
        form.refuse("email", f"This address belongs to {owner.name}, {role}.")
    place = enrolment_of(cohort, owner) if owner else None
    taken = enrolled_count(cohort)
    return page(
        "admin/cohorts/invite.html",
        form=form,
        cohort=cohort,
        taken=taken,
        full=full or taken >= cohort.seats,
        owner=owner,
        is_enrolled=place is not None and place.is_active,
        status=status,
    )


@admin.route("/people/admins/new", methods=["GET", "POST"])
def person_invite() -> flask.typing.ResponseReturnValue:
    form = AdminForm()

    def work() -> str:
        person = invite_admin(form.name.data or "", form.email.data or "", auth.me())
        flask.flash(f"{person.name} is an admin now. The invitation goes out.")
        return flask.url_for("admin.person_show", person_id=person.id)

    owner = None
    if form.validate_on_submit():
        try:
            return submit(work)
        except AddressTaken as taken:
            owner = taken.person
            role = "an admin already" if owner.user.is_admin else "a student"
            form.refuse("email", f"This address belongs to {owner.name}, {role}.")
    status = 422 if form.is_submitted() else 200
    return page("admin/people/invite.html", form=form, owner=owner, status=status)
