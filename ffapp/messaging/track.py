"""What SendGrid reports about an e-mail: its status, which only moves forward; dead addresses."""

from collections.abc import Sequence

from sqlalchemy import select, update

from ffapp.core import clock
from ffapp.core.db import db
from ffapp.ledger.models import Effect, State
from ffapp.ledger.reconcile import accept
from ffapp.messaging.email import keep_log
from ffapp.messaging.models import EmailLog, MailStatus, SuppressionReason
from ffapp.messaging.suppression import suppress
from ffapp.providers.sendgrid.webhook import BounceType, MailEvent, MailEventKind, parse
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState

STATUS = {
    MailEventKind.PROCESSED: MailStatus.PROCESSED,
    MailEventKind.DEFERRED: MailStatus.DEFERRED,
    MailEventKind.DELIVERED: MailStatus.DELIVERED,
    MailEventKind.DROPPED: MailStatus.DROPPED,
    MailEventKind.BOUNCED: MailStatus.BOUNCED,
    MailEventKind.MARKED_SPAM: MailStatus.MARKED_SPAM,
}
ORDER = list(MailStatus)
SILENCING = {
    MailStatus.BOUNCED: (SuppressionReason.BOUNCED, "Mail to this address came back"),
    MailStatus.MARKED_SPAM: (SuppressionReason.OPTED_OUT, "The recipient marked our mail as spam"),
}
# What SendGrid drops because of the address counts as if it had just come back.
DROPPED_BECAUSE = {
    "bounced address": MailStatus.BOUNCED,
    "invalid": MailStatus.BOUNCED,
    "spam reporting address": MailStatus.MARKED_SPAM,
    "unsubscribed address": MailStatus.MARKED_SPAM,
}
# Of these the provider's words are told; "250 OK" says nothing to anybody.
TROUBLES = set(MailStatus) - {
    MailStatus.HANDED_OVER,
    MailStatus.PROCESSED,
    MailStatus.DELIVERED,
}


def handle(body: bytes) -> Handled:
    """Translate one post of events; it is unmatched while one of its mails has no outcome yet."""
    events = [event for event in parse(body) if event.kind in STATUS]
    if not events:
        return Handled(DeliveryState.IGNORED, "It says nothing about a delivery.")
    effects = _locked([int(event.effect_id) for event in events if _is_id(event.effect_id)])
    for effect in effects.values():
        if effect.state in (State.PLANNED, State.SENDING) and not _is_proved(effect):
            reason = "It speaks of a message whose sending is not settled yet."
            return Handled(DeliveryState.UNMATCHED, reason, f"effect={effect.id}")
    for event in events:
        _track(event, effects.get(int(event.effect_id or 0)) if _is_id(event.effect_id) else None)
    return Handled(DeliveryState.DONE)


def _track(event: MailEvent, effect: Effect | None) -> None:
    status = STATUS[event.kind]
    if event.bounce_type is BounceType.BLOCKED:
        status = MailStatus.BLOCKED
    if effect is not None:
        if _is_proved(effect):
            accept(effect, event.message_id)
        if effect.kind == "email":
            keep_log(effect, event.email.lower())
        _move_forward(effect.id, status, event)
    if status is MailStatus.DROPPED:
        status = DROPPED_BECAUSE.get(event.reason.casefold(), status)
    if status in SILENCING:
        _suppress(event, status)


def _is_proved(effect: Effect) -> bool:
    """Whether SendGrid's word settles what nobody knew, before it is done a second time."""
    again = effect.state == State.PLANNED and effect.doubtful
    return effect.state == State.UNCERTAIN or again


def _move_forward(effect_id: int, status: MailStatus, event: MailEvent) -> None:
    earlier = ORDER[: ORDER.index(status)]
    db.session.execute(
        update(EmailLog)
        .where(
            EmailLog.effect_id == effect_id,
            EmailLog.status.in_(earlier) | EmailLog.status.is_(None),
        )
        .values(
            status=status,
            status_at=event.at or clock.now(),
            reason=event.reason if status in TROUBLES and event.reason else None,
            message_id=db.func.coalesce(EmailLog.message_id, event.message_id),
        )
    )


def _suppress(event: MailEvent, status: MailStatus) -> None:
    cause, words = SILENCING[status]
    reason = f"{words}: {event.reason.rstrip('.')}." if event.reason else f"{words}."
    suppress(event.email.lower(), cause, reason, event.at or clock.now())


def _locked(ids: Sequence[int]) -> dict[int, Effect]:
    rows = db.session.scalars(
        select(Effect).where(Effect.id.in_(ids)).order_by(Effect.id).with_for_update()
    )
    return {effect.id: effect for effect in rows}


def _is_id(text: str | None) -> bool:
    return bool(text and text.isascii() and text.isdecimal() and len(text) < 19)
