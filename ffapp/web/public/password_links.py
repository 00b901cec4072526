"""Links that set a password: asked for, opened by GET, used by POST."""

import flask
import wtforms

from ffapp.core import config
from ffapp.core.db import db, transaction
from ffapp.core.i18n import lazy_gettext as _
from ffapp.people import links, passwords, reset_requests, throttle
from ffapp.people.links import LinkNotUsable
from ffapp.people.throttle import TooManyTries
from ffapp.web import auth
from ffapp.web.auth import public
from ffapp.web.kit.forms import EmailField, Form, Required
from ffapp.web.kit.page import page
from ffapp.web.public.access import proceed, too_many


class ForgotForm(Form):
    email = EmailField(_("E-mail address"), [Required(_("Enter your e-mail address."))])


class PasswordForm(Form):
    password = wtforms.PasswordField(_("New password"), [Required(_("Choose a password."))])


@public.route("/forgot", methods=["GET", "POST"])
def forgot() -> flask.typing.ResponseReturnValue:
    """Ask for a reset link; the answer, and the time it takes, do not tell who is known."""
    form = ForgotForm()
    if not form.validate_on_submit():
        return page("public/forgot.html", form=form, status=422 if form.is_submitted() else 200)
    try:
        throttle.reserve(f"forgot:{auth.place()}")
    except TooManyTries as error:
        form.refuse("email", too_many(error))
        return page("public/forgot.html", form=form, status=429)
    transaction(reset_requests.ask_for_reset, form.email.data)
    return page("public/forgot_sent.html", address=form.email.data)


@public.route("/links/<token>", methods=["GET", "POST"])
def access_link(token: str) -> flask.typing.ResponseReturnValue:
    """Opened by GET, which mail scanners may do as often as they like; consumed by POST."""
    form = PasswordForm()
    try:
        link = links.open_link(token)
        person = link.person
        if form.validate_on_submit():
            words = (person.name, person.email, config.current().programme_name)
            weak = passwords.weakness(form.password.data, words)
            if weak is None:
                db.session.rollback()
                made = passwords.hash_password(form.password.data)
                return proceed(transaction(passwords.use_link, token, made))
            form.refuse("password", weak)
    except LinkNotUsable as error:
        db.session.rollback()
        return page("public/link_gone.html", reason=str(error), status=410)
    status = 422 if form.is_submitted() else 200
    return page("public/set_password.html", form=form, link=link, person=person, status=status)
