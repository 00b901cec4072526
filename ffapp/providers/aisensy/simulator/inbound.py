"""Somebody writes to the school from their phone."""

import secrets

from ffapp.core import clock
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.simulator import contacts, events, switches
from ffapp.providers.aisensy.simulator.switches import PROVIDER
from ffapp.providers.simulating import store


def write(number: str, name: str, text: str) -> None:
    """Post what the person with this number (E.164) wrote, on both topics, as AiSensy does."""
    now = clock.now()
    contacts.heard(number, text)
    store.record(PROVIDER, "whatsapp.reply", status=200, recipient=number, name=name, text=text)
    message = events.body_of(
        id=secrets.token_hex(12),
        phone_number=number.removeprefix("+"),
        contact_id=contacts.identifier(f"contact {number}"),
        sender=wire.USER,
        message_content={"text": text},
        is_HSM=False,
        sent_at=events.milliseconds(now),
        messageId=f"wamid.{secrets.token_hex(16).upper()}",
        userName=name,
    )
    on = switches.read()
    for topic in (wire.MESSAGE_CREATED, wire.USER_MESSAGE):
        events.post(topic, message, now, on)
