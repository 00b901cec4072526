"""Messages: taking one of ours, what is posted about it and when, and what a person writes back."""

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from ffapp.core import clock, phone
from ffapp.core.config import Settings
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.campaigns import Template
from ffapp.providers.aisensy.failures import FAILURES, OPTED_OUT
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator import contacts, scenarios
from ffapp.providers.aisensy.simulator.scenarios import PROVIDER
from ffapp.providers.simulating import callbacks, store

TIMEOUT_SECONDS = 5
RETRY_SECONDS = (300,)
GONE = 410  # after this answer AiSensy does not try again
# unconfirmed: which words the project's dashboard has as opt-out keywords, and that START undoes it
OPT_OUT, OPT_IN = {"stop", "unsubscribe"}, {"start"}


def read_number(destination: str) -> str | None:
    """The number in E.164, or None when AiSensy could not parse it."""
    try:
        return phone.parse(destination)
    except phone.NotAPhoneNumber:
        return None


def accept(send: wire.Send, number: str, template: Template) -> str:
    """Send the message, as it were; answers its `submitted_message_id`."""
    contact = store.get(PROVIDER, contacts.CONTACT, number)
    has_opted_out = contact is not None and not contact["opted_in"]
    scenario = scenarios.failing(OPTED_OUT) if has_opted_out else scenarios.scenario_of(number)
    effect_id = wire.effect_in(send.source)
    submitted_id, now = str(uuid.uuid4()), clock.now()
    # The same for the same message in each run, so that its delays are repeatable.
    seed = effect_id or f"{number}:{send.campaign_name}"
    steps = []
    for step in scenario.steps:
        seconds = store.delay(f"{seed}:{step.status}", step.low, step.high)
        steps.append((step.status, now + timedelta(seconds=seconds), step.code))
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
        submitted_message_id=submitted_id,
        scenario=scenario.word,
        steps=[
            {"status": status, "at": at.isoformat(), "code": code} for status, at, code in steps
        ],
    )
    for topic, data in contacts.note_send(number, send):
        _post(topic, data, now)
    if steps:
        _promise_posts(number, submitted_id, now, steps)
    return submitted_id


def write_back(number: str, name: str, text: str) -> None:
    """Post what the person with this number (E.164) wrote, on both topics, as AiSensy does."""
    word = text.strip().lower()
    if word in OPT_OUT | OPT_IN:
        contacts.set_opted_in(number, name, word in OPT_IN)
    store.record(PROVIDER, "whatsapp.reply", status=200, recipient=number, name=name, text=text)
    message = {
        "id": secrets.token_hex(12),
        "phone_number": number.removeprefix("+"),
        "sender": wire.USER,
        "message_content": {"text": text},
        "userName": name,
    }
    for topic in (wire.MESSAGE_CREATED, wire.USER_MESSAGE):
        _post(topic, {"message": message}, clock.now())


def delivery_policy(settings: Settings) -> callbacks.DeliveryPolicy:
    """How AiSensy delivers: signed, and tried once more after five minutes."""
    own = settings.of(AiSensySettings)

    def sign(body: bytes) -> dict[str, str]:
        return {
            wire.SIGNATURE: wire.signature(own.webhook_secret, body),
            wire.PROJECT_ID: own.project_id,
        }

    return callbacks.DeliveryPolicy(
        sign,
        TIMEOUT_SECONDS,
        RETRY_SECONDS,
        retries=lambda status: not 200 <= status < 300 and status != GONE,
    )


def _promise_posts(
    number: str, submitted_id: str, accepted_at: datetime, steps: list[tuple[str, datetime, str]]
) -> None:
    """Promise the posts about a message: that it was taken, and each status that follows."""
    known: dict[str, Any] = {
        "id": secrets.token_hex(12),
        "phone_number": number.removeprefix("+"),
        "sender": "API",
        "submitted_message_id": submitted_id,
    }
    _post(wire.MESSAGE_CREATED, {"message": known}, accepted_at)
    contact, _ = contacts.meet(number, "")
    for status, at, code in steps:
        known = {**known, "status": status, f"{status.lower()}_at": _milliseconds(at)}
        if code:
            known["failureResponse"] = {"code": code, "reason": FAILURES[code].words}
        _post(wire.STATUS_UPDATED, {"message": known}, at)
        if contacts.are_posted() and not code:
            data = {"contact": contacts.described(contact), "message": known}
            _post(f"{wire.CONTACT_CAMPAIGN}{status.lower()}", data, at)


def _post(topic: str, data: dict[str, Any], at: datetime) -> None:
    envelope = {
        "id": secrets.token_hex(12),
        "created_at": _milliseconds(at),
        "topic": topic,
        "project_id": AiSensySettings.current().project_id,
        "data": data,
    }
    headers = {"Content-Type": "application/json", wire.API_VERSION: "v1"}  # unconfirmed: the value
    callbacks.schedule(
        PROVIDER,
        f"{topic} {data.get('message', {}).get('status', '')}".strip(),
        wire.compact(envelope),
        headers=headers,
        after_seconds=max(0, (at - clock.now()).total_seconds()),
    )


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
