"""The password again, before people, consents or factors are changed."""

import flask
import wtforms

from ffapp.core import clock
from ffapp.core.db import transaction
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.people import sign_in
from ffapp.people.sessions import UserSession
from ffapp.people.throttle import TooManyTries
from ffapp.web import auth
from ffapp.web.auth import account
from ffapp.web.kit.forms import Form, Required
from ffapp.web.kit.page import is_htmx, page, see
from ffapp.web.public.access import too_many
from ffapp.web.public.kept import kept_fields, read_kept


class ConfirmForm(Form):
    password = wtforms.PasswordField(_("Password"), [Required(_("Enter your password."))])
    next = wtforms.HiddenField()
    kept = wtforms.HiddenField()


def ask_again() -> flask.typing.ResponseReturnValue:
    """The answer to a sensitive request; what was typed is kept, and sent again afterwards."""
    request = flask.request
    if request.method == "POST" and not is_htmx():
        form = ConfirmForm(formdata=None, kept=kept_fields())
        return page("account/confirm.html", form=form, status=403)
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return auth.go(flask.url_for("account.confirm", next=back))


@account.route("/confirm", methods=["GET", "POST"])
def confirm() -> flask.typing.ResponseReturnValue:
    form = ConfirmForm(next=flask.request.args.get("next", ""))
    if not form.validate_on_submit():
        return page("account/confirm.html", form=form, status=422 if form.is_submitted() else 200)
    session = auth.current_session()
    assert session is not None
    try:
        is_right = sign_in.confirm(session.user, form.password.data)
    except TooManyTries as error:
        form.refuse("password", too_many(error))
        return page("account/confirm.html", form=form, status=429)
    if not is_right:
        form.refuse("password", gettext("This is not your password."))
        return page("account/confirm.html", form=form, status=422)
    transaction(_renew, session)
    kept = read_kept(form.kept.data)
    if kept is not None:
        return page("public/resend.html", kept=kept, confirmed=True)
    return see(auth.safe_path(form.next.data) or flask.url_for("account.show"))


def _renew(session: UserSession) -> None:
    session.authenticated_at = clock.wall()
