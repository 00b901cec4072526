"""The page of a person: changing and disabling them, invitations, sessions."""

from collections.abc import Sequence

import flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ffapp.calls.models import CallLog
from ffapp.core.db import db, transaction
from ffapp.core.events import Event
from ffapp.messaging import suppression
from ffapp.messaging.models import SuppressionReason
from ffapp.people import account_status
from ffapp.people.age import is_adult
from ffapp.people.change import change_person
from ffapp.people.consent_records import evidence_of, invite_when_allowed, may_be_invited
from ffapp.people.disable import CannotDisable, disable, enable
from ffapp.people.invite import invite
from ffapp.people.models import Person
from ffapp.people.privacy_notice import ASKS
from ffapp.people.sessions import sign_out_everywhere
from ffapp.programme.models import Cohort, Enrolment
from ffapp.web import auth
from ffapp.web.admin.messages.ledger_rows import rows_of_person
from ffapp.web.admin.people.list import PEOPLE
from ffapp.web.auth import admin
from ffapp.web.kit.forms import (
    BirthField,
    EmailField,
    Length,
    NameField,
    PhoneField,
    Required,
    UserNameField,
)
from ffapp.web.kit.idempotency import new_key, submit
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import form_id, get_or_404
from ffapp.web.kit.resource import ResourceForm, respond
from ffapp.web.kit.timeline import edits_in_words, newest_events, timeline

MESSAGES_SHOWN = 20


@admin.get("/people")
def person_index() -> flask.typing.ResponseReturnValue:
    return PEOPLE.respond()


@admin.get("/people/<int:person_id>")
def person_show(person_id: int) -> flask.typing.ResponseReturnValue:
    person = get_or_404(Person, person_id, selectinload(Person.guardians))
    enrolments = db.session.execute(
        select(Enrolment, Cohort)
        .join(Enrolment.cohort)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.withdrawn_at.is_not(None), Cohort.starts_on.desc())
    ).all()
    return page(
        "admin/people/show.html",
        person=person,
        standing=account_status.account_statuses([person_id])[person_id],
        invitation=account_status.newest_invitation(person_id),
        enrolments=enrolments,
        asks=ASKS,
        is_adult=is_adult(person),
        may_invite=person.user.is_admin or may_be_invited(person),
        consents=evidence_of(person),
        silent=suppression.of_person(person),
        liftable=suppression.LIFTABLE,
        messages=rows_of_person(person_id, MESSAGES_SHOWN),
        timeline=timeline(_events(person)),
        new_key=new_key,
    )


class PersonForm(ResourceForm):
    name = NameField("Name", [Required("Give the name."), Length(120)])
    email = EmailField("E-mail address", [Required("Give the e-mail address.")])
    user_name = UserNameField("User name")
    phone = PhoneField("Phone")
    born_on = BirthField("Date of birth")


@admin.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
def person_edit(person_id: int) -> flask.typing.ResponseReturnValue:
    person = get_or_404(Person, person_id)
    form = PersonForm(obj=person)

    def save() -> str:
        change_person(
            person,
            revision=form.typed_revision,
            name=form.name.data or "",
            email=form.email.data or "",
            phone=form.phone.data,
            born_on=form.born_on.data,
            user_name=form.user_name.data,
            by=auth.me(),
        )
        flask.flash("Saved")
        return _home(person_id)

    def show(status: int, conflict: int | None = None) -> flask.Response:
        edits = edits_in_words(person, conflict)
        return page(
            "admin/people/form.html", form=form, person=person, conflict=edits, status=status
        )

    return respond(form, save, show, person)


@admin.post("/people/<int:person_id>/addresses")
def person_reach(person_id: int) -> flask.typing.ResponseReturnValue:
    """Let an address be written to again, now that whatever was wrong with it is right."""
    person = get_or_404(Person, person_id)
    asked = form_id("suppression_id")
    mine = [each for each in suppression.of_person(person) if each.id == asked]
    if mine and transaction(suppression.lift, mine[0], person, auth.me()):
        told = {
            SuppressionReason.BOUNCED: "SendGrid is asked to forget that mail came back",
            SuppressionReason.NO_WHATSAPP: f"{person.name} is written to on WhatsApp again",
        }
        flask.flash(told[SuppressionReason(mine[0].cause)])
    else:
        flask.flash("This address is in use again already, or only its owner can allow it", "warn")
    return see(auth.back_or(_home(person_id)))


@admin.post("/people/<int:person_id>/invitations")
def person_reinvite(person_id: int) -> flask.typing.ResponseReturnValue:
    person = get_or_404(Person, person_id)
    if person.user.password_hash is not None:
        flask.flash(f"{person.name} has a password already and needs no invitation", "warn")
        return see(_home(person_id))

    def work() -> str:
        if person.user.is_admin:
            invite(person, auth.me())
        elif not invite_when_allowed(person, auth.me()):
            flask.flash("Nothing goes out before a guardian agrees. Ask them first.", "warn")
            return _home(person_id)
        flask.flash(f"A new invitation goes to {person.email}. Earlier ones stop working.")
        return _home(person_id)

    return submit(work)


@admin.post("/people/<int:person_id>/sessions")
def person_sessions(person_id: int) -> flask.typing.ResponseReturnValue:
    """Sign the person out everywhere; an admin may do it to themself."""
    person = get_or_404(Person, person_id)
    transaction(sign_out_everywhere, person.user, auth.me())
    flask.flash(f"{person.name} is signed out everywhere")
    return see(_home(person_id))


@admin.post("/people/<int:person_id>/account")
def person_account(person_id: int) -> flask.typing.ResponseReturnValue:
    """Disable the person, or enable them again."""
    person = get_or_404(Person, person_id)
    change = {"disable": disable, "enable": enable}.get(flask.request.form.get("verb", ""))
    if change is None:
        flask.abort(400)
    try:
        transaction(change, person, auth.me())
        is_off = change is disable
        flask.flash(f"{person.name} {'is disabled' if is_off else 'can sign in again'}")
    except CannotDisable as error:
        flask.flash(str(error), "warn")
    return see(_home(person_id))


def _home(person_id: int) -> str:
    return flask.url_for("admin.person_show", person_id=person_id)


def _events(person: Person) -> Sequence[Event]:
    """What happened to the person, their enrolments and calls, without each sign-in: the page says
    when the last one was."""
    also = [
        (each.__tablename__, select(each.id).where(each.person_id == person.id))
        for each in (Enrolment, CallLog)
    ]
    return newest_events(person, also=also, without="signed_in")
