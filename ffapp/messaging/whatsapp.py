"""How the ledger performs a WhatsApp message: one call of AiSensy for each person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp.core import clock, config
from ffapp.core.db import db
from ffapp.core.outcomes import Accepted, Outcome
from ffapp.ledger.handlers import EffectHandler, Prepared
from ffapp.ledger.models import Effect
from ffapp.messaging import compose
from ffapp.messaging.models import ChatStatus, WhatsAppLog
from ffapp.messaging.notice import Notice
from ffapp.messaging.recipients import recipients_of
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.campaigns import campaign_of
from ffapp.providers.aisensy.client import AiSensyClient, TemplateMessage
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.webhooks import inbox


def handler() -> EffectHandler:
    return EffectHandler(
        kind="whatsapp",
        provider="AiSensy",
        prepare=_prepare,
        call=_call,
        record=_record,
        ask=None,  # the Campaign API cannot be asked what became of a message
    )


def match_key(message_id: str) -> str:
    """What a webhook waits for that came before our own outcome was written."""
    return f"aisensy:message={message_id}"


@dataclass(frozen=True)
class Chat:
    """What goes to one person, and the text that they read."""

    campaign: str
    parameters: list[str]
    text: str


def compose_chat(notice: Notice, effect: Effect, words: Mapping[str, str]) -> Chat:
    """The notice for one person; `words` are their own (see `compose.words_of`)."""
    campaign = campaign_of(config.current().of(AiSensySettings), notice.name)
    known = {**compose.values_of(notice, effect), **words}
    parameters = campaign.params({name: _param(word) for name, word in known.items()})
    return Chat(campaign.name, parameters, campaign.template.fill(parameters))


def _param(word: Any) -> str:
    return wire.clean("" if word is None else str(word))


def _prepare(effects: Sequence[Effect]) -> Mapping[int, dict[str, Any] | str]:
    recipients = recipients_of(effects)
    found: dict[int, dict[str, Any] | str] = {}
    for effect in effects:
        to = recipients.get(effect.id)
        if to is None or to.phone is None:
            found[effect.id] = "No phone number is known any more."
            continue
        notice = compose.notice_of(effect)
        words = compose.words_of(notice, [effect], recipients)[effect.id]
        shown = compose.without_secrets(notice, words)
        found[effect.id] = {
            "chat": compose_chat(notice, effect, words),
            "shown": compose_chat(notice, effect, shown),
            "phone": to.phone,
            "name": to.first_name,
        }
    return found


def _call(prepared: Sequence[Prepared]) -> Mapping[int, Outcome]:
    (each,) = prepared
    chat: Chat = each.content["chat"]
    message = TemplateMessage(
        campaign=chat.campaign,
        destination=each.content["phone"],
        name=each.content["name"],
        params=chat.parameters,
        effect_id=str(each.effect_id),
    )
    return {each.effect_id: Accepted(AiSensyClient.current().send(message))}


def _record(rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
    for effect, each, outcome in rows:
        if each is None:
            continue
        accepted = isinstance(outcome, Accepted)
        message_id = getattr(outcome, "reference", None)
        if message_id:
            inbox.hold(match_key(message_id))
        values = {
            "phone": each.content["phone"],
            "campaign": each.content["shown"].campaign,
            "parameters": each.content["shown"].parameters,
            "text": each.content["shown"].text,
            "message_id": message_id,
            "status": ChatStatus.HANDED_OVER if accepted else None,
            "status_at": clock.now(),
            "reason": getattr(outcome, "reason", None),
        }
        row = insert(WhatsAppLog).values(effect_id=effect.id, created_at=clock.now(), **values)
        db.session.execute(row.on_conflict_do_update(index_elements=["effect_id"], set_=values))
        if message_id:
            inbox.release([match_key(message_id)])


def log_of(effect: Effect) -> WhatsAppLog | None:
    return db.session.scalar(select(WhatsAppLog).where(WhatsAppLog.effect_id == effect.id))
