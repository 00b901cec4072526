"""Inviting somebody new: a student into a cohort, many from a file, or another admin."""

from typing import Any

import flask
import wtforms
from wtforms.fields import SelectChoice

from ffapp.core.i18n import ENGLISH, LANGUAGES
from ffapp.people.address import AddressTaken
from ffapp.people.age import adult_cutoff
from ffapp.people.change import taken_sentence
from ffapp.people.invite import invite_admin
from ffapp.programme.cohorts import enrolled_count
from ffapp.programme.enrol import CohortFull, Newcomer, enrolment_of
from ffapp.programme.enrol_many import invite_student
from ffapp.programme.models import Cohort
from ffapp.programme.student_import import STUDENTS
from ffapp.web import auth
from ffapp.web.auth import admin
from ffapp.web.kit.forms import (
    BirthField,
    EmailField,
    Form,
    Length,
    NameField,
    PhoneField,
    Required,
    TextField,
    UserNameField,
)
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.imports import ImportView, show_import_as, upload_page
from ffapp.web.kit.page import page
from ffapp.web.kit.queries import get_or_404, query_str
from ffapp.web.kit.undo import flash_with_undo
from ffapp.web.kit.uploads import accepts_upload

SAID = {"agreed": True, "refused": False, "not_asked": None}
SAID_WORDS = [
    SelectChoice("not_asked", "Ask them, by e-mail and WhatsApp"),
    SelectChoice("agreed", "They have agreed in writing to account mail and Zoom"),
    SelectChoice("refused", "They have refused"),
]


class StudentForm(Form):
    name = NameField("Name", [Required("Give the student's name."), Length(120)])
    email = EmailField("E-mail address", [Required("Give the student's e-mail address.")])
    user_name = UserNameField("User name")
    phone = PhoneField("Phone")
    born_on = BirthField("Date of birth")
    guardian_name = NameField("Guardian's name", [Length(120)])
    guardian_email = EmailField("Guardian's e-mail address")
    guardian_phone = PhoneField("Guardian's phone")
    guardian_language = wtforms.SelectField(
        "Guardian's language",
        choices=[SelectChoice(*each) for each in LANGUAGES.items()],
        default=ENGLISH,
    )
    said = wtforms.RadioField("The guardian's consent", choices=SAID_WORDS, default="not_asked")
    proof = TextField("Proof: what it is, and where it is kept", [Length(300)])

    @property
    def newcomer(self) -> Newcomer:
        return Newcomer(
            name=self.name.data or "",
            email=self.email.data or "",
            user_name=self.user_name.data,
            phone=self.phone.data,
            born_on=self.born_on.data,
            guardian_name=self.guardian_name.data or None,
            guardian_email=self.guardian_email.data,
            guardian_phone=self.guardian_phone.data,
            guardian_language=self.guardian_language.data,
            agreed=SAID[self.said.data],
            proof=self.proof.data or None,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """A child needs a guardian who can be asked, or a proof that they have agreed."""
        fits = super().validate(extra_validators)
        if self.born_on.data and self.born_on.data <= adult_cutoff():
            return fits
        if not self.guardian_name.data:
            self.refuse("guardian_name", "Give a guardian's name; only an adult needs none.")
        elif self.said.data == "agreed" and not self.proof.data:
            self.refuse("proof", "Say what shows that the guardian agreed.")
        elif self.said.data == "not_asked" and not (
            self.guardian_email.data or self.guardian_phone.data
        ):
            self.refuse("guardian_email", "Give an address or a phone number, to ask the guardian.")
        return fits and not self.errors


class AdminForm(Form):
    name = NameField("Name", [Required("Give the admin's name."), Length(120)])
    email = EmailField("E-mail address", [Required("Give the admin's e-mail address.")])


@admin.route("/cohorts/<int:cohort_id>/invitations/new", methods=["GET", "POST"])
def cohort_invite(cohort_id: int) -> flask.typing.ResponseReturnValue:
    cohort = get_or_404(Cohort, cohort_id)
    form = StudentForm(name=query_str("name"), email=query_str("email"))
    if not form.validate_on_submit():
        return _student_page(form, cohort, 422 if form.is_submitted() else 200)

    def work() -> str:
        student, batch = invite_student(cohort, form.newcomer, auth.me())
        flash_with_undo(f"{student.name} is enrolled. {_what_follows(form)}", batch)
        return flask.url_for("admin.cohort_show", cohort_id=cohort_id)

    try:
        return submit(work)
    except CohortFull:
        return _student_page(form, cohort, 409, full=True)
    except AddressTaken as taken:
        return _student_page(form, cohort, 422, taken=taken)


def _what_follows(form: StudentForm) -> str:
    newcomer = form.newcomer
    is_adult = newcomer.born_on is not None and newcomer.born_on <= adult_cutoff()
    if is_adult or newcomer.agreed:
        return "The invitation goes out in a minute."
    if newcomer.agreed is None:
        return "The guardian is asked in a minute; the invitation follows when they agree."
    return "Nothing is sent, as the guardian has refused."


def _student_page(
    form: StudentForm,
    cohort: Cohort,
    status: int,
    *,
    taken: AddressTaken | None = None,
    full: bool = False,
) -> flask.Response:
    """A student who has the address already can be enrolled instead, an admin cannot."""
    owner = None
    if taken is not None:
        form.refuse(taken.field, taken_sentence(taken))
        owner = taken.person if taken.field == "email" else None
    place = enrolment_of(cohort, owner) if owner else None
    enrolled = enrolled_count(cohort)
    return page(
        "admin/cohorts/invite.html",
        form=form,
        cohort=cohort,
        taken=enrolled,
        full=full or enrolled >= cohort.seats,
        owner=owner,
        is_enrolled=place is not None and place.is_active,
        status=status,
    )


show_import_as(STUDENTS.kind, ImportView("student", "students", ("admin.cohort_show", "cohort_id")))


@admin.route("/cohorts/<int:cohort_id>/imports/new", methods=["GET", "POST"])
@accepts_upload
def cohort_import(cohort_id: int) -> flask.typing.ResponseReturnValue:
    lead = "New students are invited; those who are known are enrolled."
    cohort = get_or_404(Cohort, cohort_id)
    return upload_page(STUDENTS, cohort, heading="Import students", lead=lead)


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
