"""The texts of e-mails: what each notice says, changed by an admin, previewed as a student."""

from typing import Any

import flask
import wtforms
from sqlalchemy import select

from ffapp.core.db import EditConflict, db, transaction
from ffapp.messaging import chat_templates, compose, templates, wording
from ffapp.messaging.compose import Notice
from ffapp.messaging.models import MessageTemplate
from ffapp.messaging.preview import preview, previewable_people
from ffapp.web import auth
from ffapp.web.admin import histories
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.messages.pages import MAIL_POLICY
from ffapp.web.admin.messages.previews import previewed_student
from ffapp.web.admin.sentences import timeline
from ffapp.web.kit.forms import Form
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.listing import LARGEST
from ffapp.web.kit.page import page, see


class TemplateForm(Form):
    subject = wtforms.StringField("Subject")
    body = wtforms.TextAreaField("Text")
    revision = wtforms.IntegerField(widget=wtforms.widgets.HiddenInput())


@admin.get("/messages/templates")
def template_index() -> flask.typing.ResponseReturnValue:
    return page(
        "admin/messages/templates.html",
        notices=[each for each in compose.notices.values() if each.variables],
        edited=templates.edited(),
        chats=chat_templates.used(),
        is_carried=chat_templates.carried,
    )


@admin.route("/messages/templates/<name>", methods=["GET", "POST"])
def template_edit(name: str) -> flask.typing.ResponseReturnValue:
    """Edit, preview or save one text. What is typed and not saved is kept as a draft."""
    notice = _notice(name)
    form = _form(notice)
    if not form.is_submitted():
        return _page(notice, form)
    subject, body = form.subject.data or "", (form.body.data or "").replace("\r\n", "\n")
    revision = form.revision.data or 0
    if not 0 <= revision < LARGEST:
        flask.abort(400)
    _keep(notice, subject, body, revision)
    _check(notice, form, subject, body)
    if form.errors:
        return _page(notice, form, status=422)
    if "preview" in flask.request.form:
        return _page(notice, form)

    def work() -> str:
        templates.save(name, subject, body, revision, auth.me())
        flask.flash(f"“{notice.title}” is sent with this text from now on")
        return flask.url_for("admin.template_edit", name=name)

    try:
        return submit(form.submission.data, work)
    except EditConflict:
        return _page(notice, form, status=409)


@admin.post("/messages/templates/<name>/resets")
def template_reset(name: str) -> flask.typing.ResponseReturnValue:
    """Back to the text of the house, or (`draft`) drop what was typed and not saved."""
    _notice(name)
    here = flask.url_for("admin.template_edit", name=name)
    if "draft" in flask.request.form:
        transaction(templates.drop_draft, name, auth.me())
        flask.flash("What was not saved is gone")
        return see(here)
    try:
        transaction(templates.reset, name, _revision(name), auth.me())
    except EditConflict:
        flask.flash("Somebody changed it just now. Look at it again.", "warn")
    else:
        flask.flash("Our own text is used again")
    return see(here)


@admin.get("/messages/templates/<name>/preview")
def template_preview(name: str) -> flask.typing.ResponseReturnValue:
    """The mail's HTML as one student would get it, for the frame on the page."""
    notice = _notice(name)
    sheet = preview(notice, previewed_student(), templates.draft_of(name, auth.me()))
    if sheet is None:
        flask.abort(404)
    body = sheet.html.replace("<head>", '<head><base target="_blank">', 1)
    return flask.Response(
        body, mimetype="text/html", headers={"Content-Security-Policy": MAIL_POLICY}
    )


def _notice(name: str) -> Notice:
    notice = compose.notices.get(name)
    return notice if notice and notice.variables else flask.abort(404)


def _form(notice: Notice) -> TemplateForm:
    """What was typed last: saved or not; else the text of the house."""
    draft = templates.draft_of(notice.name, auth.me())
    if draft is not None:
        subject, body = draft.subject, draft.body
    else:
        subject, body = _in_force(notice)
    return TemplateForm(subject=subject, body=body, revision=_revision(notice.name))


def _keep(notice: Notice, subject: str, body: str, revision: int) -> None:
    """Keep what was typed, unless it is what students get anyway."""
    if (subject, body) == _in_force(notice):
        transaction(templates.drop_draft, notice.name, auth.me())
    else:
        transaction(templates.keep_draft, notice.name, subject, body, revision, auth.me())


def _in_force(notice: Notice) -> tuple[str, str]:
    return templates.own_words_of(notice.name) or compose.original(notice)


def _revision(name: str) -> int:
    row = templates.template_of(name)
    return row.revision if row else 0


def _check(notice: Notice, form: TemplateForm, subject: str, body: str) -> None:
    form.validate()
    needed = [f"me.{name}" for name in notice.secret]
    for problem in wording.problems(subject, body, notice.variables, needed):
        form.refuse(problem.field, problem.message)


def _page(notice: Notice, form: TemplateForm, status: int = 200) -> flask.Response:
    draft = templates.draft_of(notice.name, auth.me())
    revision = _revision(notice.name)
    meanwhile = draft is not None and draft.base_revision != revision
    # Whoever reads here that somebody else saved it, and saves again, means to.
    form.revision.raw_data, form.revision.data = None, revision
    student = previewed_student()
    problems: dict[str, Any] = form.errors
    row = db.session.scalar(select(MessageTemplate).where(MessageTemplate.notice == notice.name))
    return page(
        "admin/messages/template.html",
        notice=notice,
        has_chat=chat_templates.carried(notice.name),
        form=form,
        draft=draft,
        is_edited=templates.own_words_of(notice.name) is not None,
        people=[(each.id, each.name) for each in previewable_people()],
        student=student,
        sheet=None if problems else preview(notice, student, draft),
        meanwhile=meanwhile,
        timeline=timeline(histories.of_row(row)) if row else [],
        status=status,
    )
