"""Taking a message: it goes into the journal as its reader will see it, then its posts follow."""

import secrets
import uuid

from ffapp.core import clock
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.campaigns import Template
from ffapp.providers.aisensy.failures import OPTED_OUT
from ffapp.providers.aisensy.simulator import contacts, magic
from ffapp.providers.aisensy.simulator.events import Message, promise
from ffapp.providers.aisensy.simulator.switches import PROVIDER
from ffapp.providers.simulating import store


def accept(send: wire.Send, number: str, template: Template) -> str:
    """Send the message, as it were; answers its `submitted_message_id`."""
    opted_out = contacts.has_opted_out(number)
    effect_id = wire.effect_in(send.source)
    message = Message(
        submitted_id=str(uuid.uuid4()),
        id=secrets.token_hex(12),
        number=number,
        name=send.user_name,
        campaign=send.campaign_name,
        fate=magic.failing(OPTED_OUT) if opted_out else magic.fate_of(number),
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
        fate=message.fate.word,
        steps=[
            {"status": status, "at": at.isoformat(), "code": code}
            for status, at, code in message.steps()
        ],
    )
    promise(message)
    return message.submitted_id
