"""A message as its recipient sees it: as it went, or as it would go now."""

from ffapp.core.db import db
from ffapp.ledger.models import Effect
from ffapp.messaging import attachments, chat_templates, compose, email, whatsapp
from ffapp.messaging.compose import Sheet
from ffapp.messaging.models import EmailLog, WhatsAppLog


def as_seen(effect: Effect) -> tuple[Sheet, EmailLog | None] | None:
    """The filled sheet, and the log when it was handed over; None when it cannot be composed."""
    log = db.session.scalar(db.select(EmailLog).where(EmailLog.effect_id == effect.id))
    if log is not None:
        files = attachments.read(log.sheet.attachments)
        sheet = Sheet(log.sheet.subject, log.sheet.text, log.sheet.html, files)
        return compose.fill(sheet, log.words), log
    notice = compose.notices.get(effect.rule)
    people = email.people_of([effect])
    if notice is None or effect.person_id not in people:
        return None
    words = compose.words_of(notice, [effect], people)[effect.id]  # type: ignore[arg-type]
    sheet = compose.compose(notice, effect)
    return compose.fill(sheet, compose.without_secrets(notice, words)), None


def chat_as_seen(effect: Effect) -> tuple[str, WhatsAppLog | None] | None:
    """The text on WhatsApp, and the log when it was handed over; None when it has none."""
    log = whatsapp.log_of(effect)
    if log is not None:
        return log.text, log
    notice = compose.notices.get(effect.rule)
    people = email.people_of([effect])
    if notice is None or effect.person_id not in people:
        return None
    words = compose.words_of(notice, [effect], people)[effect.id]
    shown = compose.without_secrets(notice, words)
    campaign = chat_templates.campaign_for(notice.name)
    return whatsapp.compose_chat(notice, effect, shown, campaign).text, None
