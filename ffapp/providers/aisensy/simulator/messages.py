"""Messages: taking one of ours, what is posted about it and when, and what a person writes back."""

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ffapp.core import clock, config, phone
from ffapp.core.config import Settings
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.campaigns import Template
from ffapp.providers.aisensy.failures import FAILURES, OPTED_OUT
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator import scenarios
from ffapp.providers.aisensy.simulator.scenarios import PROVIDER, Scenario
from ffapp.providers.kit.settings import simulated_secret
from ffapp.providers.simulating import callbacks, store

PATH = "/hooks/aisensy"
TIMEOUT_SECONDS = 5
RETRY_SECONDS = (300,)
GONE = 410  # after this answer AiSensy does not try again
CONTACT = "contact"
# unconfirmed: which words the project's dashboard has as opt-out keywords, and that START undoes it
OPT_OUT, OPT_IN = {"stop", "unsubscribe"}, {"start"}


@dataclass(frozen=True)
class Message:
    """One accepted message to one person."""

    submitted_id: str
    id: str
    number: str  # E.164
    name: str
    campaign: str
    scenario: Scenario
    seed: str  # the same for the same message in each run, so that its delays are repeatable
    accepted_at: datetime

    def steps(self) -> list[tuple[str, datetime, str]]:
        """Each status with its instant and failure code."""
        found = []
        for step in self.scenario.steps:
            seconds = store.delay(f"{self.seed}:{step.status}", step.low, step.high)
            found.append((step.status, self.accepted_at + timedelta(seconds=seconds), step.code))
        return found


def read_number(destination: str) -> str | None:
    """The number in E.164, or None when AiSensy could not parse it."""
    try:
        return phone.parse(destination)
    except phone.NotAPhoneNumber:
        return None


def accept(send: wire.Send, number: str, template: Template) -> str:
    """Send the message, as it were; answers its `submitted_message_id`."""
    contact = store.get(PROVIDER, CONTACT, number)
    has_opted_out = contact is not None and not contact["opted_in"]
    effect_id = wire.effect_in(send.source)
    message = Message(
        submitted_id=str(uuid.uuid4()),
        id=secrets.token_hex(12),
        number=number,
        name=send.user_name,
        campaign=send.campaign_name,
        scenario=scenarios.failing(OPTED_OUT) if has_opted_out else scenarios.scenario_of(number),
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
        submitted_message_id=message.submitted_id,
        scenario=message.scenario.word,
        steps=[
            {"status": status, "at": at.isoformat(), "code": code}
            for status, at, code in message.steps()
        ],
    )
    if message.scenario.steps:
        for topic, at, body in _told(message):
            _post(topic, body, at)
    return message.submitted_id


def write_back(number: str, name: str, text: str) -> None:
    """Post what the person with this number (E.164) wrote, on both topics, as AiSensy does."""
    word = text.strip().lower()
    if word in OPT_OUT | OPT_IN:
        store.put(PROVIDER, CONTACT, number, {"opted_in": word in OPT_IN})
    now = clock.now()
    store.record(PROVIDER, "whatsapp.reply", status=200, recipient=number, name=name, text=text)
    message = _body_of(
        id=secrets.token_hex(12),
        phone_number=number.removeprefix("+"),
        contact_id=_identifier(f"contact {number}"),
        sender=wire.USER,
        message_content={"text": text},
        is_HSM=False,
        sent_at=_milliseconds(now),
        messageId=f"wamid.{secrets.token_hex(16).upper()}",
        userName=name,
    )
    for topic in (wire.MESSAGE_CREATED, wire.USER_MESSAGE):
        _post(topic, message, now)


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


def _told(message: Message) -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    """Topic, instant and message of each post."""
    known: dict[str, Any] = {
        "id": message.id,
        "phone_number": message.number.removeprefix("+"),
        "contact_id": _identifier(f"contact {message.number}"),
        "campaign": {"name": message.campaign, "sent_at": _milliseconds(message.accepted_at)},
        "submitted_message_id": message.submitted_id,
        "messageId": f"AS-{message.id}",
        "userName": message.name,
    }
    yield wire.MESSAGE_CREATED, message.accepted_at, _body_of(**known)
    known["messageId"] = f"wamid.{message.id.upper()}"
    for status, at, code in message.steps():
        known |= {"status": status, f"{status.lower()}_at": _milliseconds(at)}
        if code:
            known["failureResponse"] = {"code": code, "reason": FAILURES[code].words}
        yield wire.STATUS_UPDATED, at, _body_of(**known)


def _post(topic: str, message: dict[str, Any], at: datetime) -> None:
    envelope = {
        "id": secrets.token_hex(12),
        "created_at": _milliseconds(at),
        "topic": topic,
        "delivery_attempt": 1,
        "app_id": _identifier("app"),
        "webhook_id": _identifier("webhook"),
        "project_id": AiSensySettings.current().project_id,
        "data": {"message": message},
    }
    headers = {"Content-Type": "application/json", wire.API_VERSION: "v1"}  # unconfirmed: the value
    callbacks.schedule(
        PROVIDER,
        f"{topic} {message['status']}".strip(),
        PATH,
        wire.compact(envelope),
        headers=headers,
        after_seconds=max(0, (at - clock.now()).total_seconds()),
    )


def _body_of(**values: Any) -> dict[str, Any]:
    """A message with every key that our webhook reads; `values` say what is known of it."""
    return {
        "type": "message",
        "id": "",
        "project_id": AiSensySettings.current().project_id,
        "phone_number": "",
        "contact_id": "",
        "campaign": None,
        "sender": "API",
        "message_content": {},
        "message_type": "TEXT",
        "status": "",  # unconfirmed: of a message that WhatsApp has not taken yet
        "is_HSM": True,
        "sent_at": None,
        "delivered_at": None,
        "read_at": None,
        "failed_at": None,
        "failureResponse": None,
        "submitted_message_id": "",
        "messageId": "",
        "userName": "",
        **values,
    }


def _identifier(what: str) -> str:
    """An id of 24 hex digits, always the same for the same thing."""
    return simulated_secret(config.current().secret_key, f"aisensy {what}", 24)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
