"""The page behind a guardian's link: the notice, their answers, and a code that confirms them."""

from collections.abc import Callable
from functools import wraps

import flask
import wtforms
from wtforms.fields import SelectChoice

from ffapp.core import i18n
from ffapp.core.db import transaction
from ffapp.core.i18n import gettext
from ffapp.core.i18n import lazy_gettext as _
from ffapp.people import guardian_codes, privacy_notice
from ffapp.people.age import is_adult
from ffapp.people.consent_records import Evidence, Method, record_answers
from ffapp.people.guardian_codes import TooManyCodes
from ffapp.people.guardian_links import open_link
from ffapp.people.links import LinkNotUsable
from ffapp.people.models import Guardian, GuardianCode
from ffapp.web.auth import guardian as blueprint
from ffapp.web.consent_form import AnswerForm
from ffapp.web.kit.forms import Form, Required, TextField
from ffapp.web.kit.page import page, see

View = Callable[..., flask.typing.ResponseReturnValue]


class GuardianForm(AnswerForm):
    channel = wtforms.RadioField(_("Send the code"), validators=[wtforms.validators.Optional()])


class CodeForm(Form):
    code = TextField(_("Code"), [Required(_("Enter the six digits."))])


def of_guardian(view: View) -> View:
    """Call the view with the guardian whose link was opened; say so where it does not work."""

    @wraps(view)
    def opened(token: str) -> flask.typing.ResponseReturnValue:
        try:
            guardian = open_link(token)
        except LinkNotUsable as error:
            return page("guardian/gone.html", reason=str(error), status=410)
        if is_adult(guardian.student):
            reason = gettext(
                "%(name)s is 18 or older and decides alone.", name=guardian.student.first_name
            )
            return page("guardian/gone.html", reason=reason, status=410)
        return view(token, guardian)

    return opened


@blueprint.route("/<token>", methods=["GET", "POST"])
@of_guardian
def answer(token: str, guardian: Guardian) -> flask.typing.ResponseReturnValue:
    """The notice and the questions; what is chosen counts once the code is entered."""
    form = GuardianForm()
    addresses = guardian_codes.channels_of(guardian)
    form.channel.choices = [
        SelectChoice(channel, _masked(channel, address)) for channel, address in addresses.items()
    ]
    if not form.validate_on_submit():
        return _show(form, guardian, 422 if form.is_submitted() else 200)
    if not form.has_answers():
        return _show(form, guardian, 422)
    if not addresses:
        return _show(form, guardian, 409)
    channel = form.channel.data if form.channel.data in addresses else next(iter(addresses))
    try:
        transaction(guardian_codes.request_code, guardian, channel, form.said)
    except TooManyCodes:
        form.refuse("channel", gettext("Enough codes were sent for now. Try again in an hour."))
        return _show(form, guardian, 429)
    return see(flask.url_for("guardian.confirm", token=token))


@blueprint.route("/<token>/code", methods=["GET", "POST"])
@of_guardian
def confirm(token: str, guardian: Guardian) -> flask.typing.ResponseReturnValue:
    """The code that was sent; with the right one the answers are kept."""
    form = CodeForm()
    code = guardian_codes.newest_code(guardian)
    home = flask.url_for("guardian.answer", token=token)
    if code is None or not guardian_codes.usable(code):
        if code is None or code.used_at is None:
            flask.flash(gettext("This code does not work any more. Choose again."), "warn")
        return see(home)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        if transaction(_confirm, guardian, form.code.data):
            flask.flash(gettext("Thank you. Your answers are kept."))
            return see(home)
        if not guardian_codes.usable(code):
            flask.flash(gettext("This code does not work any more. Choose again."), "warn")
            return see(home)
        form.refuse("code", gettext("This is not the code that was sent. Look once more."))
    return page(
        "guardian/code.html",
        form=form,
        token=token,
        student=guardian.student,
        said=code.said,
        asks=privacy_notice.ASKS,
        sent_to=_masked("email" if "@" in code.sent_to else "whatsapp", code.sent_to),
        status=status,
    )


def _confirm(guardian: Guardian, typed: str) -> bool:
    code = guardian_codes.use_code(guardian, typed)
    if code is None:
        return False
    guardian.language = i18n.current_language()
    record_answers(guardian.student, guardian, code.said, _evidence(code), None)
    return True


def _evidence(code: GuardianCode) -> Evidence:
    return Evidence(
        Method.LINK,
        notice_version=privacy_notice.VERSION,
        ip_address=flask.request.remote_addr,
        code_sent_to=code.sent_to,
    )


def _show(form: GuardianForm, guardian: Guardian, status: int) -> flask.Response:
    shown = form.shown(guardian.student)
    return page("guardian/answer.html", guardian=guardian, **shown, status=status)


def _masked(channel: str, address: str) -> str:
    """Where the code goes, so that only who knows the address recognises it."""
    if channel == "email":
        name, _at, host = address.partition("@")
        shown = f"{name[:1]}•••@{host}"
        return gettext("by e-mail to %(address)s", address=shown)
    shown = f"••• {address[-3:]}"
    return gettext("on WhatsApp to %(number)s", number=shown)
