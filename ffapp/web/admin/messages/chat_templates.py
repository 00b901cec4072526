"""The texts for WhatsApp: what each notice says there, changed by an admin, previewed as a student.

WhatsApp approves a text before it may be sent. So the page gives what AiSensy wants to be told, and
AiSensy is asked before the text takes the place of the one before.
"""

import flask
import wtforms

from ffapp.core.db import transaction
from ffapp.messaging import chat_templates, chat_wording, compose
from ffapp.messaging.compose import Notice
from ffapp.messaging.preview import preview_chat, previewable_people
from ffapp.providers.aisensy.campaigns import Campaign
from ffapp.web import auth
from ffapp.web.admin import histories
from ffapp.web.admin.blueprint import admin
from ffapp.web.admin.messages.previews import previewed_student
from ffapp.web.admin.sentences import timeline
from ffapp.web.kit import htmx
from ffapp.web.kit.forms import Form, Length, Required, TextField
from ffapp.web.kit.idempotency import submit
from ffapp.web.kit.page import page, see


class ChatTemplateForm(Form):
    text = wtforms.TextAreaField("Text")
    campaign = TextField(
        "Campaign at AiSensy", [Required("Give the campaign’s name at AiSensy."), Length(200)]
    )


@admin.route("/messages/templates/<name>/whatsapp", methods=["GET", "POST"])
def chat_template_edit(name: str) -> flask.typing.ResponseReturnValue:
    """Edit, preview or save one text."""
    notice = _notice(name)
    form = _form(notice)
    if not form.is_submitted():
        return _page(notice, form)
    text = form.text.data = (form.text.data or "").replace("\r\n", "\n").replace("\0", "").strip()
    _check(notice, form, text)
    if form.errors:
        return _page(notice, form, status=422)
    campaign = form.campaign.data or ""
    if "preview" in flask.request.form:
        return _page(notice, form, typed=True)

    def work() -> str:
        if (campaign, text) == _written(chat_templates.campaign_for(name)):
            flask.flash("That is what students get already")
        else:
            chat_templates.propose(name, campaign, text, auth.me())
        return flask.url_for("admin.chat_template_edit", name=name)

    return submit(form.submission.data, work)


@admin.post("/messages/templates/<name>/whatsapp/questions")
def chat_template_ask(name: str) -> flask.typing.ResponseReturnValue:
    """Have AiSensy asked once more about a campaign that it did not know."""
    _notice(name)
    transaction(chat_templates.ask_again, name)
    return see(flask.url_for("admin.chat_template_edit", name=name))


@admin.post("/messages/templates/<name>/whatsapp/resets")
def chat_template_reset(name: str) -> flask.typing.ResponseReturnValue:
    """Back to the text of the house; what was written and not accepted goes as well."""
    _notice(name)
    if transaction(chat_templates.go_back, name, auth.me()):
        flask.flash("Our own text is used again")
    return see(flask.url_for("admin.chat_template_edit", name=name))


def _notice(name: str) -> Notice:
    notice = compose.notices.get(name)
    return notice if notice and chat_templates.carried(name) else flask.abort(404)


def _form(notice: Notice) -> ChatTemplateForm:
    """What was written last, else what students get."""
    newest = chat_templates.newest_of(notice.name)
    if newest is not None:
        return ChatTemplateForm(text=newest.text, campaign=newest.campaign)
    campaign, text = _written(chat_templates.campaign_for(notice.name))
    return ChatTemplateForm(text=text, campaign=campaign)


def _written(campaign: Campaign) -> tuple[str, str]:
    """Its name, and its text as the form shows it."""
    return campaign.name, chat_wording.text_of(campaign)


def _check(notice: Notice, form: ChatTemplateForm, text: str) -> None:
    form.validate()
    known = chat_wording.variables_of(notice.variables)
    for problem in chat_wording.problems(text, known, [f"me.{name}" for name in notice.secret]):
        form.refuse("text", problem)
    other = chat_templates.other_notice_of(form.campaign.data or "", notice.name, text)
    if other is not None:
        title = compose.notices[other].title
        form.refuse("campaign", f"This campaign carries “{title}”, with another text.")


def _page(
    notice: Notice, form: ChatTemplateForm, status: int = 200, *, typed: bool = False
) -> flask.Response:
    newest, used = chat_templates.newest_of(notice.name), chat_templates.used_of(notice.name)
    student = previewed_student()
    template = chat_wording.template_of(form.text.data or "")
    campaign = Campaign(form.campaign.data or "", notice.name, template)
    readable = not form.text.errors
    return page(
        "admin/messages/chat_template.html",
        fragments=("chat_state",),
        notice=notice,
        form=form,
        typed=typed,
        alone=htmx.wanted_fragment() is not None,
        newest=newest,
        used=used,
        variables=chat_wording.variables_of(notice.variables),
        people=[(each.id, each.name) for each in previewable_people()],
        student=student,
        chat_template=template,
        chat=preview_chat(notice, student, campaign) if readable else None,
        timeline=timeline(histories.of_chat_texts(notice.name)),
        status=status,
    )
