"""Taking a mail: each recipient's copy goes into the journal, then its events are promised."""

import base64
import re
import secrets
from datetime import timedelta
from itertools import groupby
from typing import Any

from ffapp.core import clock, config
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.settings import simulated_signing_key
from ffapp.providers.sendgrid.simulator import batches, suppressions, templates
from ffapp.providers.sendgrid.simulator.magic import Scenario, dropped, scenario_of
from ffapp.providers.simulating import callbacks, store

HEADERS = {
    "User-Agent": "SendGrid Event API",
    "Content-Type": "application/json;charset=utf-8",
}
FLUSH_SECONDS = 30
EVENTS_A_POST = 500
# unconfirmed: the intervals (“growing, for 24 hours”), and that each try is signed anew
RETRY_SECONDS = (60, 300, 900, 1800, 3600, 7200, 14400, 21600, 28800)


def delivery_policy(settings: config.Settings) -> callbacks.DeliveryPolicy:
    """How the event webhook is posted: signed at each try, tried again for a day."""
    key = simulated_signing_key(settings.secret_key)

    def sign(body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.wall().timestamp()))
        return {wire.SIGNATURE: wire.sign(key, timestamp, body), wire.TIMESTAMP: timestamp}

    return callbacks.DeliveryPolicy(sign, timeout_seconds=10, retry_seconds=RETRY_SECONDS)


def accept(mail: wire.MailSend) -> str:
    """Send the mail, as it were; answers the request's message id."""
    request_id = secrets.token_urlsafe(16)
    copies = [
        (each, address)
        for each in mail.personalizations
        for address in (*each.to, *each.cc, *each.bcc)
    ]
    drops = _drops(mail, {address.email.lower() for _, address in copies})
    version = templates.active_version(mail.template_id) if mail.template_id else None
    # Once for all copies: a file to a thousand people is one file.
    for index, file in enumerate(mail.attachments):
        store.put("sendgrid", "attachment", f"{request_id}.{index}", {"content": file.content})
    rows, events = [], []
    for index, (personalization, address) in enumerate(copies):
        scenario = drops.get(address.email.lower()) or scenario_of(address.email)
        # unconfirmed: how recipients are numbered over several personalizations
        ids = {
            "message_id": request_id,
            "sg_message_id": f"{request_id}.recvd-5b6c5d8b9c-abcde-1.{index}",
        }
        texts = _texts(mail, personalization, version)
        rows.append(
            _journal_row(mail, personalization, address, texts, {**ids, "scenario": scenario.word})
        )
        events += _events(mail, personalization, address, ids, scenario)
    store.record_many(rows)
    _promise(events)
    if mail.batch_id:
        batches.add_mail(mail.batch_id, request_id)
    return request_id


def _drops(mail: wire.MailSend, emails: set[str]) -> dict[str, Scenario]:
    """Those of the addresses (lower case) that are suppressed, and how mails to them end."""
    bypassed = {name for name, value in mail.mail_settings.items() if value.get("enable")}
    group_id = mail.asm["group_id"] if mail.asm else None
    found = suppressions.reasons(emails, bypassed, group_id)
    return {email: dropped(reason) for email, reason in found}


def _journal_row(
    mail: wire.MailSend,
    personalization: wire.Personalization,
    address: wire.Address,
    texts: dict[str, str],
    facts: dict[str, str],
) -> dict[str, Any]:
    """What the journal keeps of one recipient's copy, as they see it."""
    sender = personalization.from_ or mail.from_
    files = [
        {
            "filename": each.filename,
            "type": each.type or "application/octet-stream",
            "bytes": len(base64.b64decode(each.content)),
        }
        for each in mail.attachments
    ]
    return {
        "provider": "sendgrid",
        "act": "mail",
        "status": 202,
        "effect_id": personalization.custom_args.get(wire.EFFECT_ID),
        "recipient": address.email,
        "facts": {
            **facts,
            "from": sender.email,
            "from_name": sender.name or "",
            "name": address.name or "",
            **texts,
            "attachments": files,
        },
    }


def _texts(
    mail: wire.MailSend, person: wire.Personalization, version: dict[str, Any] | None
) -> dict[str, str]:
    """Subject, text and HTML as one person reads them; a template's own come first."""
    bodies = {content.type: content.value for content in mail.content}
    subject = person.subject or mail.subject or ""
    found = {"subject": subject, "text": bodies.get("text/plain", "")}
    found["html"] = bodies.get("text/html", "")
    if version:
        own = {"text": version["plain_content"], "html": version["html_content"]}
        own["subject"] = version["subject"] or "<%subject%>"
        if templates.is_dynamic(mail.template_id or ""):
            data = person.dynamic_template_data
            return {
                name: templates.fill(
                    text.replace("<%subject%>", subject), data, escape=name == "html"
                )
                for name, text in own.items()
            }
        found = {
            name: text.replace("<%subject%>", subject).replace("<%body%>", found[name])
            for name, text in own.items()
        }
    return {name: substitute(text, person.substitutions) for name, text in found.items()}


def substitute(text: str, tags: dict[str, str]) -> str:
    """`text` with each tag replaced by its value, in one pass."""
    if not tags:
        return text
    # unconfirmed: that a value which looks like another tag is left alone
    longest_first = sorted(tags, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda tag: tags[tag[0]], text)


def _events(
    mail: wire.MailSend,
    personalization: wire.Personalization,
    address: wire.Address,
    ids: dict[str, str],
    scenario: Scenario,
) -> list[tuple[float, float, dict[str, Any]]]:
    """What becomes of a copy: each event, so many seconds (at speed 1) after it was sent.

    What comes first is how long it waits for that, as it was scheduled.
    """
    seed = personalization.custom_args.get(wire.EFFECT_ID) or address.email
    # unconfirmed: that nothing at all is told before the time for which it is scheduled
    send_at = personalization.send_at or mail.send_at or 0
    waits = max(0, send_at - clock.now().timestamp())
    about: dict[str, Any] = {"asm_group_id": mail.asm["group_id"]} if mail.asm else {}
    if mail.template_id:
        about["sg_template_id"] = mail.template_id
    if mail.categories:
        about["category"] = mail.categories[0] if len(mail.categories) == 1 else mail.categories
    found = []
    for number, step in enumerate(scenario.steps):
        after = store.draw(f"{seed}:{number}:{step.event}", step.low, step.high)
        at = clock.now() + timedelta(seconds=waits + after * config.current().simulator_speed)
        row = {
            # unconfirmed: that our own arguments never win over SendGrid's keys
            **mail.custom_args,
            **personalization.custom_args,
            **about,
            **step.facts,
            "email": address.email,
            "event": step.event,
            "sg_event_id": secrets.token_urlsafe(16),
            "sg_message_id": ids["sg_message_id"],
            "timestamp": int(at.timestamp()),
        }
        found.append((waits, after, row))
    if scenario.suppression:
        last = {"email": address.email, "created": row["timestamp"]}
        last["reason"] = row.get("reason", "")
        store.put("sendgrid", scenario.suppression, address.email.lower(), last)
    return found


def _promise(events: list[tuple[float, float, dict[str, Any]]]) -> None:
    """Promise the posts: SendGrid collects what happens within half a minute for one of them."""
    speed = config.current().simulator_speed
    events.sort(key=lambda each: each[:2])
    for (waits, window), group in groupby(events, lambda each: (each[0], each[1] // FLUSH_SECONDS)):
        batch = list(group)
        rows = [row for _, _, row in batch]
        phase = store.draw(f"{rows[0]['email']}:flush {window}", 0, FLUSH_SECONDS)
        after_seconds = waits + (batch[-1][1] + phase) * speed
        for start in range(0, len(rows), EVENTS_A_POST):
            _post(rows[start : start + EVENTS_A_POST], after_seconds)


def _post(rows: list[dict[str, Any]], after_seconds: float) -> None:
    if store.switch("sendgrid", "webhooks", {}).get("reorder"):
        rows = rows[::-1]
    callbacks.schedule(
        "sendgrid",
        ", ".join(dict.fromkeys(row["event"] for row in rows)),
        wire.encode_events(rows),
        headers=HEADERS,
        after_seconds=after_seconds,
    )
