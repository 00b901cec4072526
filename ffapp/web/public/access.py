"""Signing in with a password and, where it is set up, a second factor; signing out."""

from datetime import timedelta
from typing import Any

import flask
import wtforms

from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.people import factors, passkeys, sessions, throttle
from ffapp.people.models import User
from ffapp.people.sign_in import KNOWN_DEVICE_FOR, AccountDisabled, make_device_mark
from ffapp.people.sign_in import sign_in as sign_in_with
from ffapp.people.throttle import TooManyTries
from ffapp.web import auth, language
from ffapp.web.auth import public
from ffapp.web.kit.forms import Form, Length, Required, TextField
from ffapp.web.kit.page import page, see, set_cookie
from ffapp.web.public.kept import kept_fields, read_kept
from ffapp.web.rendering import span

PENDING = "pending"  # in the browser's session: whose password was right, before the second factor
PENDING_FOR = timedelta(minutes=10)


class SignInForm(Form):
    email = TextField(
        _("E-mail address or user name"),
        [Required(_("Enter your e-mail address or user name.")), Length(254)],
    )
    password = wtforms.PasswordField(_("Password"), [Required(_("Enter your password."))])
    next = wtforms.HiddenField()
    kept = wtforms.HiddenField()  # a form that was sent after its session had ended


class FactorForm(Form):
    code = wtforms.StringField(_("Code"))
    credential = wtforms.HiddenField()  # what a passkey answers; static/js/passkey.js fills it in
    next = wtforms.HiddenField()
    kept = wtforms.HiddenField()


@public.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> flask.typing.ResponseReturnValue:
    if flask.request.method == "GET" and auth.viewer() is not None:
        return see(flask.url_for("public.front"))
    form = SignInForm(next=flask.request.args.get("next", ""))
    if not form.validate_on_submit():
        return page("public/sign_in.html", form=form, status=422 if form.is_submitted() else 200)
    device = flask.request.cookies.get(auth.DEVICE)
    try:
        user = sign_in_with(form.email.data, form.password.data, auth.place(), device)
    except TooManyTries as error:
        form.refuse("password", too_many(error))
        return page("public/sign_in.html", form=form, status=429)
    except AccountDisabled:
        form.refuse("password", gettext("This account is disabled. Ask Future Founders about it."))
        return page("public/sign_in.html", form=form, status=403)
    if user is None:
        form.refuse("password", gettext("This e-mail address and password do not match."))
        return page("public/sign_in.html", form=form, status=422)
    return proceed(user, form.next.data, form.kept.data)


@public.route("/sign-in/factor", methods=["GET", "POST"])
def second_factor() -> flask.typing.ResponseReturnValue:
    """The second step; the first is kept for ten minutes in the browser's signed session."""
    user = _pending_user()
    if user is None:
        return see(flask.url_for("public.sign_in"))
    form = FactorForm()
    if not form.is_submitted():
        return _show_factor(user, form)
    form.validate()
    try:
        factor = _evaluate(user, form)
    except TooManyTries as error:
        form.refuse("code", too_many(error))
        return _show_factor(user, form, 429)
    if factor is None:
        form.refuse("code", gettext("This is not the right code. Take the newest one."))
        return _show_factor(user, form, 422)
    return _finish(user, factor, form.next.data, form.kept.data)


@public.post("/sign-out")
def sign_out() -> flask.typing.ResponseReturnValue:
    session = auth.current_session()
    if session is not None:
        transaction(sessions.end, session.id, session.user)
    auth.forget_session()
    return see(flask.url_for("public.sign_in"))


def session_ended() -> flask.Response:
    """The answer to a form whose session has ended: it is kept, where that is possible."""
    kept = kept_fields()
    if not kept:
        return page("errors/419.html", status=419)
    if auth.viewer() is not None:
        return page("public/resend.html", kept=read_kept(kept), status=419)
    form = SignInForm(formdata=None, kept=kept)
    return page("public/sign_in.html", form=form, status=419)


def too_many(error: TooManyTries) -> str:
    wait = max(error.wait, timedelta(seconds=1))
    return gettext("Too many tries. Wait %(span)s, then try again.", span=span(wait))


def proceed(user: User, next_path: str | None = None, kept: str | None = None) -> flask.Response:
    """Sign in who has proved to be this user, after the second factor where there is one."""
    if not factors.has_factor(user):
        return _finish(user, None, next_path, kept)
    auth.forget_session()
    _forget_token()
    flask.session[PENDING] = {"user": user.id, "at": clock.wall().timestamp()}
    return _show_factor(user, FactorForm(formdata=None, next=next_path, kept=kept))


def _finish(
    user: User, factor: str | None, next_path: str | None, kept: str | None
) -> flask.Response:
    transaction(_begin, user, factor)
    fields = read_kept(kept)
    if fields is not None:
        _forget_token()
        response = page("public/resend.html", kept=fields)
    else:
        response = see(auth.safe_path(next_path) or flask.url_for("public.front"))
    set_cookie(response, auth.DEVICE, make_device_mark(user), KNOWN_DEVICE_FOR)
    return response


def _begin(user: User, factor: str | None) -> None:
    auth.begin_session(user, factor)
    language.adopt(user.person)


def _forget_token() -> None:
    """What is drawn from here on belongs to another session than the form that was posted."""
    flask.g.pop("csrf_token", None)


def _pending_user() -> User | None:
    pending: Any = flask.session.get(PENDING)
    if not isinstance(pending, dict):
        return None
    if pending["at"] < (clock.wall() - PENDING_FOR).timestamp():
        return None
    return db.session.get(User, pending["user"])


def _evaluate(user: User, form: FactorForm) -> str | None:
    """Which factor was given; None for a wrong one."""
    attempt = throttle.reserve(f"factor:{user.id}")
    challenge = flask.session.pop("challenge", None)

    def check() -> str | None:
        if form.credential.data:
            right = challenge and passkeys.check_passkey(user, form.credential.data, challenge)
            factor = "passkey" if right else None
        else:
            factor = factors.check_code(user, form.code.data or "")
        if factor is None:
            throttle.note_failure(attempt)
        else:
            throttle.refund(attempt)
        return factor

    return transaction(check)


def _show_factor(user: User, form: FactorForm, status: int = 200) -> flask.Response:
    options = None
    if passkeys.are_possible() and passkeys.passkeys_of(user):
        options, flask.session["challenge"] = passkeys.authentication_options(user)
    return page("public/second_factor.html", form=form, options=options, status=status)
