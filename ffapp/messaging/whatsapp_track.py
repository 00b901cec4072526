"""What AiSensy reports about a WhatsApp message, and who asks to be left alone there."""

from sqlalchemy import select, update

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.messaging.models import ChatStatus, SuppressionReason, WhatsAppLog
from ffapp.messaging.suppression import record_opt_in, suppress
from ffapp.messaging.whatsapp import match_key
from ffapp.providers.aisensy.failures import NOT_ON_WHATSAPP, OPTED_OUT
from ffapp.providers.aisensy.webhook import WhatsAppEvent, WhatsAppEventKind, parse
from ffapp.webhooks import inbox
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState

STATUS = {
    WhatsAppEventKind.SENT: ChatStatus.SENT,
    WhatsAppEventKind.DELIVERED: ChatStatus.DELIVERED,
    WhatsAppEventKind.READ: ChatStatus.READ,
    WhatsAppEventKind.FAILED: ChatStatus.FAILED,
}
ORDER = list(ChatStatus)
# What people write to be left alone, and to be told again; in the languages that they write to us.
STOP = {"stop", "unsubscribe", "cancel", "रोकें", "बंद करो"}
START = {"start", "subscribe", "शुरू"}
SILENCING = {
    NOT_ON_WHATSAPP: (SuppressionReason.NO_WHATSAPP, "This number is not on WhatsApp."),
    OPTED_OUT: (SuppressionReason.OPTED_OUT, "They stopped our messages in WhatsApp."),
}


def handle(body: bytes) -> Handled:
    """Translate one post; it is unmatched while its message has no outcome yet."""
    event = parse(body)
    if event.kind is WhatsAppEventKind.INBOUND:
        return _handle_inbound(event)
    if event.kind not in STATUS:
        return Handled(DeliveryState.IGNORED, "It says nothing about a message of ours.")
    key = match_key(event.submitted_message_id)
    inbox.hold(key)
    log = db.session.scalar(
        select(WhatsAppLog)
        .where(WhatsAppLog.message_id == event.submitted_message_id)
        .with_for_update()
    )
    if log is None:
        return Handled(DeliveryState.UNMATCHED, "No message of ours has this id yet.", key)
    _move_forward(log, event)
    if event.kind is WhatsAppEventKind.FAILED and event.failure_code in SILENCING:
        # It was so when we wrote, whenever AiSensy says so: a START of since then counts.
        suppress(log.phone, *SILENCING[event.failure_code], log.created_at)
    return Handled(DeliveryState.DONE)


def _move_forward(log: WhatsAppLog, event: WhatsAppEvent) -> None:
    """A status only moves forward; a failure counts only before the message arrived."""
    status = STATUS[event.kind]
    earlier = ORDER[: ORDER.index(status)]
    db.session.execute(
        update(WhatsAppLog)
        .where(
            WhatsAppLog.id == log.id,
            WhatsAppLog.status.in_(earlier) | WhatsAppLog.status.is_(None),
        )
        .values(status=status, status_at=event.at or clock.now(), reason=event.reason or None)
    )


def _handle_inbound(event: WhatsAppEvent) -> Handled:
    """Somebody wrote to us: STOP counts at once, for everybody with that number.

    Posts may come late and out of order: what was written last counts.
    """
    words = " ".join(event.text.lower().split()).strip(".! ")
    phone = f"+{event.phone}" if event.phone else ""
    written_at = event.at or clock.now()
    if phone and words in STOP:
        suppress(phone, SuppressionReason.OPTED_OUT, "They wrote STOP on WhatsApp.", written_at)
        return Handled(DeliveryState.DONE)
    if phone and words in START:
        record_opt_in(phone, written_at)
        return Handled(DeliveryState.DONE)
    return Handled(DeliveryState.IGNORED, "Somebody wrote on WhatsApp; nothing follows from it.")
