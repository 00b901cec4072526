"""Signing in and out, and links that set a password."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import flask
import flask_login
import wtforms

from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.people import links, passwords
from ffapp.people.invite import request_reset
from ffapp.people.links import LinkNotUsable
from ffapp.people.models import User
from ffapp.people.sign_in import TooManyTries
from ffapp.people.sign_in import sign_in as sign_in_with
from ffapp.web import auth, language
from ffapp.web.auth import SignedIn, public, safe_path
from ffapp.web.kit.forms import EmailField, Form, Required
from ffapp.web.kit.page import is_htmx, page, see
from ffapp.web.rendering import span

MOST_CHARACTERS = 100_000
KEPT_OF = ("admin", "student")  # the forms of people who are signed in


class SignInForm(Form):
    email = EmailField(_("E-mail address"), [Required(_("Enter your e-mail address."))])
    password = wtforms.PasswordField(_("Password"), [Required(_("Enter your password."))])
    next = wtforms.HiddenField()
    kept = wtforms.HiddenField()  # a form that was sent after its session had ended


class ForgotForm(Form):
    email = EmailField(_("E-mail address"), [Required(_("Enter your e-mail address."))])


class PasswordForm(Form):
    password = wtforms.PasswordField(_("New password"), [Required(_("Choose a password."))])


@public.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> flask.typing.ResponseReturnValue:
    if flask.request.method == "GET" and auth.viewer() is not None:
        return see(flask.url_for("public.front"))
    form = SignInForm(next=flask.request.args.get("next", ""))
    if not form.validate_on_submit():
        return page("public/sign_in.html", form=form, status=422 if form.is_submitted() else 200)
    place = flask.request.remote_addr or "unknown"
    try:
        user = transaction(sign_in_with, form.email.data, form.password.data, place)
    except TooManyTries as error:
        wait = max(error.wait, timedelta(seconds=1))
        told = gettext("Too many tries. Wait %(span)s, then try again.", span=span(wait))
        form.refuse("password", told)
        return page("public/sign_in.html", form=form, status=429)
    if user is None:
        form.refuse("password", gettext("This e-mail address and password do not match."))
        return page("public/sign_in.html", form=form, status=422)
    transaction(_begin_session, user)
    kept = read_kept(form.kept.data)
    if kept is not None:
        flask.g.pop("csrf_token", None)  # that of the session before
        return page("public/resend.html", kept=kept)
    return see(auth.safe_path(form.next.data) or flask.url_for("public.front"))


def session_ended() -> flask.Response:
    """The answer to a form whose session has ended: it is kept, where that is possible."""
    kept = kept_fields()
    if not kept:
        return page("errors/419.html", status=419)
    if auth.viewer() is not None:
        return page("public/resend.html", kept=read_kept(kept), status=419)
    form = SignInForm(formdata=None, kept=kept)
    return page("public/sign_in.html", form=form, status=419)


@public.post("/sign-out")
def sign_out() -> flask.typing.ResponseReturnValue:
    flask_login.logout_user()
    flask.session.clear()
    return see(flask.url_for("public.sign_in"))


@public.route("/forgot", methods=["GET", "POST"])
def forgot() -> flask.typing.ResponseReturnValue:
    """Ask for a reset link; the answer is the same whether or not the address is known."""
    form = ForgotForm()
    if form.validate_on_submit():
        transaction(request_reset, form.email.data)
        return page("public/forgot_sent.html", address=form.email.data)
    return page("public/forgot.html", form=form, status=422 if form.is_submitted() else 200)


@public.route("/links/<token>", methods=["GET", "POST"])
def access_link(token: str) -> flask.typing.ResponseReturnValue:
    """Opened by GET, which mail scanners may do as often as they like; consumed by POST."""
    form = PasswordForm()
    try:
        link = links.open_link(token)
        person = link.person
        if form.validate_on_submit():
            weak = passwords.weakness(form.password.data, (person.name, person.email))
            if weak is None:
                user = transaction(links.use_link, token, form.password.data)
                transaction(_begin_session, user)
                return see(flask.url_for("public.front"))
            form.refuse("password", weak)
    except LinkNotUsable as error:
        db.session.rollback()
        return page("public/link_gone.html", reason=str(error), status=410)
    status = 422 if form.is_submitted() else 200
    return page("public/set_password.html", form=form, link=link, person=person, status=status)


def _begin_session(user: User) -> None:
    flask.session.clear()
    flask.session.permanent = True
    flask_login.login_user(SignedIn(user))
    language.adopt(user.person)
    record("signed_in", by=user.person, on=user.person)


def kept_fields() -> str:
    """What this request has posted, as text for a hidden field; '' where it cannot be kept.

    The fields travel in the sign-in page itself, and come back in a page that sends them again; the
    server stores nothing. Only what a page of ours has posted is kept, neither passwords nor files.
    """
    request = flask.request
    if request.blueprint not in KEPT_OF or not _is_from_us(request) or is_htmx():
        return ""
    fields = [
        [name, value]
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]
    text = json.dumps({"path": request.full_path.rstrip("?"), "fields": fields})
    return text if fields and len(text) <= MOST_CHARACTERS else ""


def read_kept(kept: str | None) -> dict[str, Any] | None:
    """The `path` and `fields` of a kept form, to draw `public/resend.html` with; None for none."""
    try:
        found = json.loads(kept or "")
        path = safe_path(found["path"])
        fields = [(str(name), str(value)) for name, value in found["fields"]]
    except (ValueError, KeyError, TypeError):
        return None
    return {"path": path, "fields": fields} if path else None


def _is_from_us(request: flask.Request) -> bool:
    """Whether the browser says that a page of ours sent it: nobody else's form is sent again."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sender).netloc == request.host
