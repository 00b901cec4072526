"""Your account: name, password, and where you are signed in."""

import flask
import wtforms

from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.people import passwords, sessions, sign_in
from ffapp.people.change import change_person
from ffapp.people.throttle import TooManyTries
from ffapp.web import auth
from ffapp.web.auth import account
from ffapp.web.kit.forms import Form, Length, NameField, Required
from ffapp.web.kit.page import page, see
from ffapp.web.kit.resource import ResourceForm, respond
from ffapp.web.public.access import too_many


class NameForm(ResourceForm):
    name = NameField("Name", [Required("Give your name."), Length(120)])


class NewPasswordForm(Form):
    current = wtforms.PasswordField(_("Current password"), [Required(_("Enter your password."))])
    password = wtforms.PasswordField(_("New password"), [Required(_("Choose a password."))])


@account.get("")
def show() -> flask.typing.ResponseReturnValue:
    return _show()


@account.post("/name")
def rename() -> flask.typing.ResponseReturnValue:
    """Admins change their own name; a student's is what the team knows them by."""
    person = auth.me()
    if not person.user.is_admin:
        flask.abort(404)
    form = NameForm(obj=person)

    def save() -> str:
        change_person(
            person,
            revision=form.typed_revision,
            name=form.name.data,
            email=person.email,
            phone=person.phone,
            born_on=person.born_on,
            by=person,
        )
        flask.flash("Saved")
        return flask.url_for("account.show")

    def show(status: int, conflict: int | None = None) -> flask.Response:
        return _show(name=form, status=status)

    return respond(form, save, show, row=person)


@account.post("/password")
def change_password() -> flask.typing.ResponseReturnValue:
    """The other sessions end, and all links; this session goes on."""
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return _show(password=form, status=422)
    person, session = auth.me(), auth.current_session()
    assert session is not None
    words = (person.name, person.email, config.current().programme_name)
    weak = passwords.weakness(form.password.data, words)
    if weak is not None:
        form.refuse("password", weak)
        return _show(password=form, status=422)
    try:
        is_right = sign_in.confirm(person.user, form.current.data)
    except TooManyTries as error:
        form.refuse("current", too_many(error))
        return _show(password=form, status=429)
    if not is_right:
        form.refuse("current", gettext("This is not your password."))
        return _show(password=form, status=422)
    db.session.rollback()
    made = passwords.hash_password(form.password.data)
    transaction(passwords.change_password, person.user, made, session)
    flask.flash(gettext("Your new password counts from now on"))
    return see(flask.url_for("account.show"))


@account.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> flask.typing.ResponseReturnValue:
    """Sign out there."""
    if not transaction(sessions.end, session_id, auth.me().user):
        flask.abort(404)
    flask.flash(gettext("Signed out there"))
    return see(flask.url_for("account.show"))


@account.post("/sessions/end")
def end_sessions() -> flask.typing.ResponseReturnValue:
    """Sign out everywhere, here as well."""
    person = auth.me()
    transaction(sessions.sign_out_everywhere, person.user, person)
    auth.forget_session()
    return see(flask.url_for("public.sign_in"))


def _show(
    name: NameForm | None = None, password: NewPasswordForm | None = None, status: int = 200
) -> flask.Response:
    person = auth.me()
    return page(
        "account/show.html",
        person=person,
        layout=f"layouts/{'admin' if person.user.is_admin else 'student'}.html",
        name=name or NameForm(formdata=None, obj=person),
        password=password or NewPasswordForm(formdata=None),
        sessions=sessions.sessions_of(person.user),
        here=auth.current_session(),
        status=status,
    )
