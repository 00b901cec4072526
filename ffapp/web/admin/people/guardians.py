"""The guardians of a student: adding and changing them, asking, links, and written consents."""

from functools import partial
from typing import Any

import flask
import wtforms
from flask_wtf.file import FileField
from sqlalchemy import select
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation

from ffapp.core import clock
from ffapp.core.db import FieldError, db, transaction
from ffapp.core.i18n import ENGLISH, LANGUAGES
from ffapp.people.age import is_adult
from ffapp.people.consent import Purpose
from ffapp.people.consent_records import Evidence, Method, record_answers
from ffapp.people.guardian_links import revoke_links, url_of
from ffapp.people.guardian_requests import CannotAsk, ask_guardian, change_guardian
from ffapp.people.invite import add_guardian
from ffapp.people.models import ConsentProof, Guardian, Person
from ffapp.people.privacy_notice import ASKS
from ffapp.programme.guardian_reminders import remind_all
from ffapp.web import auth
from ffapp.web.auth import admin
from ffapp.web.kit.forms import EmailField, Form, Length, NameField, PhoneField, Required, TextField
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import get_or_404, one_or_404
from ffapp.web.kit.resource import respond

MOST_BYTES = 1024 * 1024
# How a file of each kind begins; the name that a browser gives it proves nothing.
KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}
ANSWERS = [("yes", "Agreed"), ("no", "Refused"), ("", "Not said")]


class GuardianForm(Form):
    name = NameField("Name", [Required("Give the guardian's name."), Length(120)])
    email = EmailField("E-mail address")
    phone = PhoneField("Phone")
    language = wtforms.SelectField(
        "Language of messages",
        choices=[SelectChoice(*each) for each in LANGUAGES.items()],
        default=ENGLISH,
    )

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "name": self.name.data or "",
            "email": self.email.data or None,
            "phone": self.phone.data,
            "language": self.language.data,
        }


class ConsentForm(Form):
    """What a guardian has said in writing; each purpose apart, and none chosen before."""

    guardian_id = wtforms.SelectField("Guardian", coerce=int)
    account, whatsapp, calls, zoom, recording = (
        wtforms.RadioField(
            str(ASKS[purpose].label),
            choices=[SelectChoice(*each) for each in ANSWERS],
            default="",
            validators=[wtforms.validators.Optional()],
        )
        for purpose in Purpose
    )
    note = TextField("Proof: what it is, and where it is kept", [Length(300)])
    file = FileField("Proof: a file")

    @property
    def said(self) -> dict[str, bool]:
        found = {purpose: self[purpose].data for purpose in Purpose}
        return {str(name): each == "yes" for name, each in found.items() if each in ("yes", "no")}

    def validate_file(self, field: Any) -> None:
        if field.data:
            content = field.data.stream.read(MOST_BYTES + 1)
            field.data.stream.seek(0)
            if len(content) > MOST_BYTES:
                raise StopValidation("This file is bigger than 1 MB. Take a smaller picture of it.")
            if _kind(content) is None:
                raise StopValidation("Choose a PDF, or a picture as JPEG or PNG.")


@admin.route("/people/<int:person_id>/guardians/new", methods=["GET", "POST"])
def person_guardian(person_id: int) -> flask.typing.ResponseReturnValue:
    student = student_or_404(person_id)
    form = GuardianForm()

    def save() -> str:
        guardian = add_guardian(student, by=auth.me(), **form.facts)
        flask.flash(f"{guardian.name} is a guardian of {student.name}. Now ask them.")
        return _home(student)

    return respond(form, save, partial(_guardian_page, form, student, None))


@admin.route("/people/<int:person_id>/guardians/<int:guardian_id>", methods=["GET", "POST"])
def guardian_edit(person_id: int, guardian_id: int) -> flask.typing.ResponseReturnValue:
    guardian = _guardian(person_id, guardian_id)
    form = GuardianForm(obj=guardian)

    def save() -> str:
        change_guardian(guardian, by=auth.me(), **form.facts)
        flask.flash("Saved")
        return _home(guardian.student)

    return respond(form, save, partial(_guardian_page, form, guardian.student, guardian))


def _guardian_page(
    form: Form, student: Person, guardian: Guardian | None, status: int
) -> flask.Response:
    return page(
        "admin/people/guardian.html", form=form, person=student, guardian=guardian, status=status
    )


@admin.post("/people/<int:person_id>/guardians/<int:guardian_id>/requests")
def guardian_ask(person_id: int, guardian_id: int) -> flask.typing.ResponseReturnValue:
    """Ask or remind one guardian."""
    guardian = _guardian(person_id, guardian_id)
    try:
        transaction(ask_guardian, guardian, auth.me())
        flask.flash(f"{guardian.name} is asked now")
    except CannotAsk as error:
        flask.flash(str(error), "warn")
    return see(_home(guardian.student))


@admin.post("/people/guardian-reminders")
def guardian_reminders() -> flask.typing.ResponseReturnValue:
    """Remind everybody who has not answered, at most once a day."""
    count = transaction(remind_all, auth.me())
    if count:
        flask.flash(f"{count} {'guardian is' if count == 1 else 'guardians are'} asked now")
    else:
        flask.flash("Everybody who has not answered was asked less than a day ago", "warn")
    return see(auth.back_or(flask.url_for("admin.today")))


@admin.post("/people/<int:person_id>/guardians/<int:guardian_id>/link")
def guardian_link(person_id: int, guardian_id: int) -> flask.typing.ResponseReturnValue:
    """Show the guardian's link, to hand it over; it stands in no page that can be opened again."""
    guardian = _guardian(person_id, guardian_id)
    return page("admin/people/guardian_link.html", guardian=guardian, url=url_of(guardian))


@admin.post("/people/<int:person_id>/guardians/<int:guardian_id>/link/end")
def guardian_link_end(person_id: int, guardian_id: int) -> flask.typing.ResponseReturnValue:
    guardian = _guardian(person_id, guardian_id)
    transaction(revoke_links, guardian, auth.me())
    flask.flash(f"No link of {guardian.name} works any more")
    return see(_home(guardian.student))


@admin.route("/people/<int:person_id>/consents/new", methods=["GET", "POST"])
def person_consent(person_id: int) -> flask.typing.ResponseReturnValue:
    """Record what a guardian has said in writing, with its proof."""
    student = student_or_404(person_id)
    if is_adult(student) or not student.guardians:
        flask.abort(404)
    form = ConsentForm()
    form.guardian_id.choices = [SelectChoice(each.id, each.name) for each in student.guardians]

    def save() -> str:
        said, note = form.said, (form.note.data or "").strip()
        if not said:
            raise FieldError("account", "Say what the guardian answered to one of these.")
        if any(said.values()) and not note and not form.file.data:
            raise FieldError("note", "Say what shows that the guardian agreed, or add a file.")
        guardian = one_or_404(select(Guardian).where(Guardian.id == form.guardian_id.data))
        proof = _proof(student, form.file.data) if form.file.data else None
        evidence = Evidence(Method.WRITTEN, proof_note=note or None, proof=proof)
        record_answers(student, guardian, said, evidence, auth.me())
        flask.flash("Recorded")
        return _home(student)

    return respond(
        form, save, partial(page, "admin/people/consent.html", form=form, person=student)
    )


@admin.get("/people/<int:person_id>/proofs/<int:proof_id>")
def consent_proof(person_id: int, proof_id: int) -> flask.typing.ResponseReturnValue:
    """The file itself, to save."""
    proof = one_or_404(
        select(ConsentProof).where(
            ConsentProof.student_id == person_id, ConsentProof.id == proof_id
        )
    )
    response = flask.Response(proof.content, content_type=proof.mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=proof.filename)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def student_or_404(person_id: int) -> Person:
    person = get_or_404(Person, person_id)
    return flask.abort(404) if person.user.is_admin else person


def _guardian(person_id: int, guardian_id: int) -> Guardian:
    found: Guardian = one_or_404(
        select(Guardian).where(Guardian.student_id == person_id, Guardian.id == guardian_id)
    )
    return found


def _proof(student: Person, file: Any) -> ConsentProof:
    content = file.stream.read(MOST_BYTES)
    proof = ConsentProof(
        student_id=student.id,
        filename=(file.filename or "proof")[:120],
        mimetype=_kind(content) or "application/octet-stream",
        content=content,
        uploaded_at=clock.now(),
    )
    db.session.add(proof)
    return proof


def _kind(content: bytes) -> str | None:
    return next((kind for start, kind in KINDS.items() if content.startswith(start)), None)


def _home(person: Person) -> str:
    return flask.url_for("admin.person_show", person_id=person.id, _anchor="guardians")
