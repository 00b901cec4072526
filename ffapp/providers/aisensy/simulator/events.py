"""What AiSensy posts about a message, when, and how it delivers its posts."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ffapp.core import config
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.failures import FAILURES
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator import switches
from ffapp.providers.aisensy.simulator.contacts import identifier
from ffapp.providers.aisensy.simulator.magic import Fate
from ffapp.providers.aisensy.simulator.switches import PROVIDER
from ffapp.providers.simulating import callbacks, store

PATH = "/hooks/aisensy"
CREATED = ""  # unconfirmed: the status of a message that WhatsApp has not taken yet


@dataclass(frozen=True)
class Message:
    """One accepted message to one person."""

    submitted_id: str
    id: str
    number: str  # E.164
    name: str
    campaign: str
    fate: Fate
    seed: str  # the same for the same message in each run, so that its delays are repeatable
    accepted_at: datetime

    def steps(self) -> list[tuple[str, datetime, str]]:
        """Each status with its instant and failure code."""
        speed = config.current().simulator_speed
        return [
            (
                step.status,
                self.accepted_at
                + timedelta(
                    seconds=speed * store.draw(f"{self.seed}:{step.status}", step.low, step.high)
                ),
                step.code,
            )
            for step in self.fate.steps
        ]


def promise(message: Message) -> None:
    """Promise the posts that tell what becomes of a message."""
    if not message.fate.steps:
        return
    told = list(_told(message))
    on = switches.read()
    if on.get(switches.REORDER):
        times = [at for _, at, _ in told]
        backwards = zip(reversed(told), times, strict=True)
        told = [(topic, at, body) for (topic, _, body), at in backwards]
    for topic, at, body in told:
        post(topic, body, at, on)


def post(topic: str, message: dict[str, Any], at: datetime, on: Mapping[str, Any]) -> None:
    """Promise one post; the switches (`on`) may lose, double or delay it."""
    if on.get(switches.DROP):
        return
    project = AiSensySettings.current().project_id
    envelope = {
        "id": secrets.token_hex(12),
        "created_at": milliseconds(at),
        "topic": topic,
        "delivery_attempt": 1,
        "app_id": identifier("app"),
        "webhook_id": identifier("webhook"),
        "project_id": project,
        "data": {"message": message},
    }
    headers = {
        "Content-Type": "application/json",
        wire.API_VERSION: "v1",  # unconfirmed: the value
        wire.PROJECT_ID: project,
    }
    late = timedelta(seconds=on.get(switches.DELAY, 0))
    for _ in range(2 if on.get(switches.DUPLICATE) else 1):
        callbacks.schedule(
            PROVIDER,
            f"{topic} {message['status']}".strip(),
            PATH,
            wire.compact(envelope),
            headers=headers,
            due_at=at + late,
        )


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def body_of(**values: Any) -> dict[str, Any]:
    """A message with every key that AiSensy gives one; `values` say what is known of it."""
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
        "status": CREATED,
        "is_HSM": True,
        "chatbot_response": None,
        "agent_id": None,
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


def _told(message: Message) -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    """Topic, instant and message of each post."""
    known: dict[str, Any] = {
        "id": message.id,
        "phone_number": message.number.removeprefix("+"),
        "contact_id": identifier(f"contact {message.number}"),
        "campaign": {"name": message.campaign, "sent_at": milliseconds(message.accepted_at)},
        "submitted_message_id": message.submitted_id,
        "messageId": f"AS-{message.id}",
        "userName": message.name,
    }
    yield wire.MESSAGE_CREATED, message.accepted_at, body_of(**known)
    known["messageId"] = f"wamid.{message.id.upper()}"
    for status, at, code in message.steps():
        known |= {"status": status, f"{status.lower()}_at": milliseconds(at)}
        if code:
            known["failureResponse"] = {"code": code, "reason": FAILURES[code].words}
        yield wire.STATUS_UPDATED, at, body_of(**known)
