"""An adult student decides alone what may be done with their data."""

import flask

from ffapp.core.db import transaction
from ffapp.core.i18n import gettext
from ffapp.people import privacy_notice
from ffapp.people.age import is_adult
from ffapp.people.consent_records import Evidence, Method, record_answers
from ffapp.web import auth
from ffapp.web.auth import student
from ffapp.web.consent_form import AnswerForm
from ffapp.web.kit.page import page, see


@student.route("/me/consent", methods=["GET", "POST"])
def consent() -> flask.typing.ResponseReturnValue:
    person = auth.me()
    if not is_adult(person):
        flask.abort(404)
    form = AnswerForm()
    if form.validate_on_submit() and form.has_answers():
        evidence = Evidence(
            Method.ACCOUNT,
            notice_version=privacy_notice.VERSION,
            ip_address=flask.request.remote_addr,
        )
        transaction(record_answers, person, None, form.said, evidence, person)
        flask.flash(gettext("Saved"))
        return see(flask.url_for("student.consent"))
    status = 422 if form.is_submitted() else 200
    return page("student/consent.html", **form.shown(person), status=status)
