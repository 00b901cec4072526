"""Taking a mail: each recipient's copy goes into the journal, then its events are promised."""

import base64
import re
import secrets
from typing import Any

from ffapp.core import clock
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.simulator.events import Message, promise, trace
from ffapp.providers.sendgrid.simulator.magic import scenario_of
from ffapp.providers.sendgrid.simulator.suppressions import suppressed
from ffapp.providers.simulating import store


def accept(mail: wire.MailSend) -> str:
    """Send the mail, as it were; answers the request's message id."""
    request_id = secrets.token_urlsafe(16)
    copies = [
        (personalization, address)
        for personalization in mail.personalizations
        for address in (*personalization.to, *personalization.cc, *personalization.bcc)
    ]
    dropped = suppressed({address.email.lower() for _, address in copies})
    trace_id = trace()
    messages, rows = [], []
    for index, (personalization, address) in enumerate(copies):
        send_at = personalization.send_at or mail.send_at or 0
        message = Message(
            request_id=request_id,
            trace=trace_id,
            index=index,
            email=address.email,
            scenario=dropped.get(address.email.lower()) or scenario_of(address.email),
            custom_args={**mail.custom_args, **personalization.custom_args},
            categories=mail.categories,
            send_at=send_at,
            wait=max(0, send_at - clock.now().timestamp()) if send_at else 0,
        )
        messages.append(message)
        rows.append(_row(mail, personalization, address, message))
    _keep_attachments(mail, request_id)
    store.record_many(rows)
    promise(messages)
    return request_id


def _row(
    mail: wire.MailSend,
    personalization: wire.Personalization,
    address: wire.Address,
    message: Message,
) -> dict[str, Any]:
    """What the journal keeps of one recipient's copy, as they see it."""
    tags = personalization.substitutions
    bodies = {content.type: substitute(content.value, tags) for content in mail.content}
    return {
        "provider": "sendgrid",
        "act": "mail",
        "status": 202,
        "effect_id": message.custom_args.get(wire.EFFECT_ID),
        "recipient": address.email,
        "facts": {
            "message_id": message.request_id,
            "sg_message_id": message.id,
            "from": mail.from_.email,
            "from_name": mail.from_.name or "",
            "name": address.name or "",
            "subject": substitute(personalization.subject or mail.subject or "", tags),
            "text": bodies.get("text/plain", ""),
            "html": bodies.get("text/html", ""),
            "categories": mail.categories,
            "attachments": [_described(each) for each in mail.attachments],
            "scenario": message.scenario.word,
        },
    }


def _keep_attachments(mail: wire.MailSend, request_id: str) -> None:
    """Once for all copies: a file to a thousand people is one file."""
    for index, each in enumerate(mail.attachments):
        key = f"{request_id}.{index}"
        store.put("sendgrid", "attachment", key, {"content": each.content})


def _described(attachment: wire.Attachment) -> dict[str, Any]:
    return {
        "filename": attachment.filename,
        "type": attachment.type or "application/octet-stream",
        "bytes": len(base64.b64decode(attachment.content)),
    }


def substitute(text: str, tags: dict[str, str]) -> str:
    """`text` with each tag replaced by its value, in one pass."""
    if not tags:
        return text
    # unconfirmed: that a value which looks like another tag is left alone
    longest_first = sorted(tags, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda tag: tags[tag[0]], text)
