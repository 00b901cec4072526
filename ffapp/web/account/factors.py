"""An admin's second factors: authenticator app, passkeys, recovery codes."""

import flask
import wtforms

from ffapp.core import signing
from ffapp.core.db import transaction
from ffapp.people import factors as own
from ffapp.people import passkeys, sessions, throttle
from ffapp.people.models import User
from ffapp.people.throttle import TooManyTries
from ffapp.web import auth
from ffapp.web.auth import account
from ffapp.web.kit.forms import Form, Length, Required, TextField
from ffapp.web.kit.page import page, see
from ffapp.web.public.access import too_many

SECRET = "totp_secret"  # the session's key


class CodeForm(Form):
    code = TextField("Code", [Required("Enter the six digits that the app shows.")])


class PasskeyForm(Form):
    name = TextField("Name of the passkey", [Required("Give it a name."), Length(60)])
    credential = wtforms.HiddenField()  # static/js/passkey.js fills it in


@account.get("/factors")
def factors() -> flask.typing.ResponseReturnValue:
    return _show()


@account.post("/factors/app")
def confirm_app() -> flask.typing.ResponseReturnValue:
    """The app counts once a code of it was given."""
    user, form = _admin(), CodeForm()
    if not form.validate_on_submit():
        return _show(code=form, status=422)
    try:
        attempt = throttle.reserve(f"factor:{user.id}")
    except TooManyTries as error:
        form.refuse("code", too_many(error))
        return _show(code=form, status=429)
    if not transaction(own.add_app, user, _secret(), form.code.data):
        form.refuse("code", "This is not the code that the app shows now. Look at its clock, too.")
        return _show(code=form, status=422)
    transaction(throttle.refund, attempt)
    flask.session.pop(SECRET, None)
    return _added("totp")


@account.post("/factors/app/remove")
def remove_app() -> flask.typing.ResponseReturnValue:
    transaction(own.remove_app, _admin())
    return _removed()


@account.post("/factors/passkeys")
def add_passkey() -> flask.typing.ResponseReturnValue:
    user, form = _admin(), PasskeyForm()
    challenge = flask.session.pop("challenge", None)
    if not form.validate_on_submit():
        return _show(passkey=form, status=422)
    sent = form.credential.data
    if not (
        sent
        and challenge
        and transaction(passkeys.add_passkey, user, sent, challenge, form.name.data)
    ):
        form.refuse("name", "The browser has made no passkey. Try again, or use an app instead.")
        return _show(passkey=form, status=422)
    return _added("passkey")


@account.post("/factors/passkeys/<int:passkey_id>/remove")
def remove_passkey(passkey_id: int) -> flask.typing.ResponseReturnValue:
    if not transaction(passkeys.remove_passkey, _admin(), passkey_id):
        flask.abort(404)
    return _removed()


@account.post("/factors/recovery")
def make_recovery_codes() -> flask.typing.ResponseReturnValue:
    codes = transaction(own.make_recovery_codes, _admin())
    return page("account/recovery_codes.html", codes=codes)


def _added(factor: str) -> flask.typing.ResponseReturnValue:
    """The first factor brings recovery codes with it: without them a lost phone locks out."""
    user = _admin()
    transaction(_use_from_now_on, factor)
    if not own.recovery_codes_left(user):
        return make_recovery_codes()
    flask.flash("Added. It is asked for when you sign in.")
    return see(flask.url_for("account.factors"))


def _removed() -> flask.Response:
    user = _admin()
    if not own.has_factor(user):
        transaction(_use_from_now_on, None)
    flask.flash("Removed")
    return see(flask.url_for("account.factors"))


def _use_from_now_on(factor: str | None) -> None:
    session = auth.current_session()
    assert session is not None
    if factor and session.factor is None:
        # Who knows the password alone may be signed in somewhere, and could remove it again.
        sessions.end_all(session.user, but=session)
    session.factor = factor


def _secret() -> str:
    """The secret of the app that is being set up; until then it stays, sealed, in the browser."""
    try:
        return signing.decrypt(flask.session[SECRET])
    except (KeyError, signing.BadLink):
        secret = own.new_secret()
        flask.session[SECRET] = signing.encrypt(secret)
        return secret


def _admin() -> User:
    user = auth.me().user
    return user if user.is_admin else flask.abort(404)


def _show(
    code: CodeForm | None = None, passkey: PasskeyForm | None = None, status: int = 200
) -> flask.Response:
    import segno

    user = _admin()
    secret = None if own.has_app(user) else _secret()
    square = segno.make(own.totp_uri(user, secret)).svg_data_uri(scale=5) if secret else None
    options = None
    if passkeys.are_possible():
        options, flask.session["challenge"] = passkeys.registration_options(user)
    return page(
        "account/factors.html",
        secret=secret,
        square=square,
        options=options,
        passkeys=passkeys.passkeys_of(user),
        codes_left=own.recovery_codes_left(user),
        code=code or CodeForm(formdata=None),
        passkey=passkey or PasskeyForm(formdata=None),
        is_required=auth.lacks_factor(),
        status=status,
    )
