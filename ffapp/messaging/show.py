"""A message as its recipient sees it: as it went, or as it would go now."""

from ffapp.core.db import db
from ffapp.core.i18n import language
from ffapp.ledger.models import Effect
from ffapp.messaging import attachments, compose, whatsapp
from ffapp.messaging.compose import Sheet
from ffapp.messaging.models import EmailLog, WhatsAppLog
from ffapp.messaging.notice import Notice
from ffapp.messaging.recipients import recipients_of


def as_seen(effect: Effect) -> tuple[Sheet, EmailLog | None] | None:
    """The filled sheet, and the log when it was handed over; None when it cannot be composed."""
    log = db.session.scalar(db.select(EmailLog).where(EmailLog.effect_id == effect.id))
    if log is not None and log.sheet is not None:
        kept = log.sheet
        files = attachments.read(kept.attachments)
        sheet = Sheet(kept.subject, kept.text, kept.html, files, kept.nonce)
        return compose.fill(sheet, log.words), log
    shown = _shown_words(effect)
    if shown is None:
        return None
    notice, words, spoken = shown
    with language(spoken):
        return compose.fill(compose.compose(notice, effect), words), log


def chat_as_seen(effect: Effect) -> tuple[str, WhatsAppLog | None] | None:
    """The text on WhatsApp, and the log when it was handed over; None when it has none."""
    log = whatsapp.log_of(effect)
    if log is not None:
        return log.text, log
    shown = _shown_words(effect)
    return (whatsapp.compose_chat(shown[0], effect, shown[1]).text, None) if shown else None


def _shown_words(effect: Effect) -> tuple[Notice, dict[str, str], str | None] | None:
    """The notice, the recipient's own words (secrets masked) and language; None: no recipient."""
    recipients = recipients_of([effect])
    if compose.notice_named(effect.rule) is None or effect.id not in recipients:
        return None
    notice = compose.notice_of(effect)
    spoken = recipients[effect.id].language if effect.kind == "email" else None
    with language(spoken):
        words = compose.words_of(notice, [effect], recipients)[effect.id]
    return notice, compose.without_secrets(notice, words), spoken
