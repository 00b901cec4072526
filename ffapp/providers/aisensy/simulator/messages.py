"""Messages: which number is meant, taking one of ours, and what a person writes back."""

import re
import secrets
import uuid

from ffapp.core import clock, phone
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.campaigns import Template
from ffapp.providers.aisensy.failures import OPTED_OUT
from ffapp.providers.aisensy.simulator import scenarios, webhooks
from ffapp.providers.aisensy.simulator.scenarios import PROVIDER
from ffapp.providers.aisensy.simulator.webhooks import Message, promise
from ffapp.providers.simulating import store

SEPARATORS = re.compile(r"[\s().-]")
NUMBER = re.compile(r"\+?\d{5,15}", re.ASCII)


def read_number(destination: str) -> str | None:
    """The number in E.164, or None when AiSensy could not parse it.

    Digits without a plus are taken with their country if that makes a number, else as Indian.
    """
    digits = SEPARATORS.sub("", destination)
    if not NUMBER.fullmatch(digits):
        return None
    for form in dict.fromkeys((f"+{digits.removeprefix('+')}", digits)):
        try:
            return phone.parse(form, "IN")
        except phone.NotAPhoneNumber:
            continue
    return None


def accept(send: wire.Send, number: str, template: Template) -> str:
    """Send the message, as it were; answers its `submitted_message_id`."""
    opted_out = webhooks.has_opted_out(number)
    effect_id = wire.effect_in(send.source)
    message = Message(
        submitted_id=str(uuid.uuid4()),
        id=secrets.token_hex(12),
        number=number,
        name=send.user_name,
        campaign=send.campaign_name,
        scenario=scenarios.failing(OPTED_OUT) if opted_out else scenarios.scenario_of(number),
        seed=effect_id or f"{number}:{send.campaign_name}",
        accepted_at=clock.now(),
    )
    store.record(
        PROVIDER,
        "whatsapp",
        status=200,
        effect_id=effect_id,
        recipient=number,
        name=send.user_name,
        campaign=send.campaign_name,
        params=send.template_params,
        text=template.fill(send.template_params),
        tags=send.tags,
        submitted_message_id=message.submitted_id,
        scenario=message.scenario.word,
        steps=[
            {"status": status, "at": at.isoformat(), "code": code}
            for status, at, code in message.steps()
        ],
    )
    promise(message)
    return message.submitted_id


def write_back(number: str, name: str, text: str) -> None:
    """Post what the person with this number (E.164) wrote, on both topics, as AiSensy does."""
    now = clock.now()
    webhooks.note_reply(number, text)
    store.record(PROVIDER, "whatsapp.reply", status=200, recipient=number, name=name, text=text)
    message = webhooks.body_of(
        id=secrets.token_hex(12),
        phone_number=number.removeprefix("+"),
        contact_id=webhooks.identifier(f"contact {number}"),
        sender=wire.USER,
        message_content={"text": text},
        is_HSM=False,
        sent_at=webhooks.milliseconds(now),
        messageId=f"wamid.{secrets.token_hex(16).upper()}",
        userName=name,
    )
    on = scenarios.read_switches()
    for topic in (wire.MESSAGE_CREATED, wire.USER_MESSAGE):
        webhooks.post(topic, message, now, on)
