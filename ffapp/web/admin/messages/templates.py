"""The texts of e-mails: what each notice says, changed by an admin, previewed as a student."""

import difflib

import flask
import wtforms

from ffapp.core.db import EditConflict, transaction
from ffapp.messaging import compose, templates
from ffapp.messaging.models import MessageTemplate
from ffapp.messaging.notice import Notice, Wording
from ffapp.messaging.preview import preview, preview_chat, previewable_people, student_to_preview
from ffapp.messaging.send_test import NothingToSend, send_test
from ffapp.people.models import Person
from ffapp.web import auth
from ffapp.web.admin.messages.pages import mail_frame
from ffapp.web.auth import admin
from ffapp.web.kit.cells import RowLink, Tag, When
from ffapp.web.kit.filters import Filters, Search
from ffapp.web.kit.forms import LongTextField, normal
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.list_page import Column, ListPage
from ffapp.web.kit.page import page, see
from ffapp.web.kit.queries import sent_ids
from ffapp.web.kit.resource import ResourceForm
from ffapp.web.kit.timeline import newest_events, timeline


class TemplateForm(ResourceForm):
    subject = wtforms.StringField("Subject", filters=[normal])
    text = LongTextField("Text")

    @property
    def wording(self) -> Wording:
        """What is typed."""
        return Wording(self.subject.data or "", self.text.data or "")


def _notices() -> list[tuple[Notice, MessageTemplate | None]]:
    edited = templates.edited()
    return [(each, edited.get(each.name)) for each in compose.all_notices() if each.is_editable]


TEMPLATES = ListPage(
    name="templates",
    heading="Templates",
    lead="What each notice says by e-mail and on WhatsApp.",
    noun=("template", "templates"),
    rows=_notices,
    key=lambda row: row[0].name,
    filters=Filters(search=Search("Name of the notice", (lambda row: row[0].title,))),
    columns=(
        Column("Notice", lambda it: RowLink(it[0].title, _url(it[0])), lambda it: it[0].title),
        Column("E-mail", lambda it: _is_edited(it[1]), on_phone=True),
        Column("WhatsApp", lambda it: Tag("Approved text") if it[0].whatsapp else "Not sent there"),
        Column("Changed", lambda it: When(it[1].changed_at) if it[1] else "Never"),
    ),
    empty=("No notices", "The notices whose text can be edited appear here."),
    template="admin/messages/templates.html",
)


def _url(notice: Notice) -> str:
    return flask.url_for("admin.template_edit", name=notice.name)


def _is_edited(own: MessageTemplate | None) -> Tag:
    return Tag("Edited", "info") if own else Tag("Standard text")


@admin.get("/messages/templates")
def template_index() -> flask.typing.ResponseReturnValue:
    return TEMPLATES.respond()


@admin.route("/messages/templates/<name>", methods=["GET", "POST"])
def template_edit(name: str) -> flask.typing.ResponseReturnValue:
    """Edit, preview, test or save one text. What is typed and not saved is kept as a draft."""
    notice = _notice(name)
    form = _form(notice)
    if not form.is_submitted():
        return _page(notice, form)
    _keep(notice, form)
    form.validate()
    for field, problem in compose.problems(notice, form.wording):
        form.refuse(field, problem)
    if form.errors or "preview" in flask.request.form:
        return _page(notice, form, status=422 if form.errors else 200)

    def work() -> str:
        if "test" in flask.request.form:
            send_test(notice, _student(), auth.me())
            flask.flash(f"A test goes to {auth.me().email}")
        else:
            templates.save(name, form.wording, form.typed_revision, auth.me())
            flask.flash(f"“{notice.title}” is sent with this text from now on")
        return flask.url_for("admin.template_edit", name=name)

    try:
        return submit(work)
    except EditConflict:
        return _page(notice, form, status=409)
    except NothingToSend as problem:
        form.refuse("text", f"{problem}")
        return _page(notice, form, status=422)


@admin.post("/messages/templates/<name>/resets")
def template_reset(name: str) -> flask.typing.ResponseReturnValue:
    """Back to the standard text, or (`draft`) drop what was typed and not saved."""
    _notice(name)
    if "draft" in flask.request.form:
        transaction(templates.drop_draft, name, auth.me())
        flask.flash("What was not saved is gone")
    else:
        try:
            transaction(templates.reset, name, _revision(name), auth.me())
            flask.flash("The standard text is used again")
        except EditConflict:
            flask.flash("Somebody changed it just now. Look at it again.", "warn")
    return see(flask.url_for("admin.template_edit", name=name))


@admin.get("/messages/templates/<name>/preview")
def template_preview(name: str) -> flask.typing.ResponseReturnValue:
    """The mail's HTML as one student would get it, for the frame on the page."""
    notice = _notice(name)
    draft = templates.draft_of(name, auth.me())
    sheet = preview(notice, _student(), templates.as_wording(draft) if draft else None)
    return mail_frame(sheet) if sheet else flask.abort(404)


def _notice(name: str) -> Notice:
    notice = compose.notice_named(name)
    return notice if notice and notice.is_editable else flask.abort(404)


def _student() -> Person | None:
    """As whom the text is previewed: who was chosen, else the first."""
    chosen = sent_ids("student")
    return student_to_preview(chosen[0] if chosen else None)


def _form(notice: Notice) -> TemplateForm:
    """What was typed last, saved or not; else the standard text."""
    draft = templates.draft_of(notice.name, auth.me())
    wording = templates.as_wording(draft) if draft else templates.wording_of(notice)
    revision = str(_revision(notice.name))
    return TemplateForm(subject=wording.subject, text=wording.text, revision=revision)


def _keep(notice: Notice, form: TemplateForm) -> None:
    """Keep what was typed, unless it is what students get anyway."""
    typed, revision = form.wording, form.typed_revision
    if typed == templates.wording_of(notice):
        transaction(templates.drop_draft, notice.name, auth.me())
    else:
        transaction(templates.keep_draft, notice.name, typed, revision, auth.me())


def _revision(name: str) -> int:
    row = templates.template_of(name)
    return row.revision if row else 0


def _page(notice: Notice, form: TemplateForm, status: int = 200) -> flask.Response:
    draft, row = templates.draft_of(notice.name, auth.me()), templates.template_of(notice.name)
    revision = row.revision if row else 0
    # An admin who is told that somebody else saved it, and saves again, means to.
    form.revision.raw_data, form.revision.data = None, str(revision)
    student = _student()
    return page(
        "admin/messages/template.html",
        fragments=("preview",),
        notice=notice,
        form=form,
        draft=draft,
        is_edited=templates.saved_wording(notice.name) is not None,
        earlier_text=row.earlier_text if row else None,
        people=[(each.id, each.name) for each in previewable_people()],
        student=student,
        sheet=None if form.errors else preview(notice, student, form.wording),
        chat=preview_chat(notice, student),
        difference=_difference(notice.standard, form.wording),
        was_changed=draft is not None and draft.base_revision != revision,
        timeline=timeline(newest_events(row)) if row else [],
        status=status,
    )


def _difference(standard: Wording, typed: Wording) -> str:
    """What was changed, line by line; '' where nothing was."""
    before, after = (
        [f"Subject: {each.subject}", "", *each.text.split("\n")] for each in (standard, typed)
    )
    lines = [line for line in difflib.ndiff(before, after) if not line.startswith("?")]
    changed = any(line.startswith(("+", "-")) for line in lines)
    return "\n".join(line.rstrip() for line in lines) if changed else ""
