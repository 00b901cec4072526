"""What AiSensy posts about a message, when, and how it delivers its posts.

A post is signed and tried once more after five minutes. Answered 410 AiSensy never posts again;
after more than 100 failed posts in 20 minutes it pauses. What it does not post meanwhile is lost.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ffapp.core import clock, config
from ffapp.core.config import Settings
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.failures import FAILURES
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator import scenarios
from ffapp.providers.aisensy.simulator.scenarios import DISABLED, PROVIDER, SUSPENDED, Scenario
from ffapp.providers.kit.settings import simulated_secret
from ffapp.providers.simulating import callbacks, store

CONTACT = "contact"
# unconfirmed: which words the project's dashboard has as opt-out keywords, and that START undoes it
OPT_OUT, OPT_IN = {"stop", "unsubscribe"}, {"start"}


def identifier(what: str) -> str:
    """An id of 24 hex digits, always the same for the same thing."""
    return simulated_secret(config.current().secret_key, f"aisensy {what}", 24)


def note_reply(number: str, text: str) -> None:
    """Somebody wrote to us; the keywords change whether they are opted in."""
    word = text.strip().lower()
    if word in OPT_OUT | OPT_IN:
        store.put(PROVIDER, CONTACT, number, {"opted_in": word in OPT_IN})


def has_opted_out(number: str) -> bool:
    contact = store.get(PROVIDER, CONTACT, number)
    return contact is not None and not contact["opted_in"]


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
    scenario: Scenario
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
            for step in self.scenario.steps
        ]


def promise(message: Message) -> None:
    """Promise the posts that tell what becomes of a message."""
    if not message.scenario.steps:
        return
    told = list(_told(message))
    on = scenarios.read_switches()
    if on.get(scenarios.REORDER):
        times = [at for _, at, _ in told]
        backwards = zip(reversed(told), times, strict=True)
        told = [(topic, at, body) for (topic, _, body), at in backwards]
    for topic, at, body in told:
        post(topic, body, at, on)


def post(topic: str, message: dict[str, Any], at: datetime, on: Mapping[str, Any]) -> None:
    """Promise one post; the switches (`on`) may lose, double or delay it."""
    if on.get(scenarios.DROP):
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
    }
    late = timedelta(seconds=on.get(scenarios.DELAY, 0))
    for _ in range(2 if on.get(scenarios.DUPLICATE) else 1):
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


TIMEOUT_SECONDS = 5
RETRY_SECONDS = (300,)
GONE = 410
FAILURES_UNTIL_SUSPENDED = 100
WINDOW = timedelta(minutes=20)
PAUSE = timedelta(minutes=20)  # unconfirmed: how long “temporarily” is


class AiSensyDelivery(callbacks.DeliveryPolicy):
    def __init__(self, settings: Settings) -> None:
        own = settings.of(AiSensySettings)
        super().__init__(
            lambda body: {
                wire.SIGNATURE: wire.signature(own.webhook_secret, body),
                wire.PROJECT_ID: own.project_id,
            },
            timeout_seconds=TIMEOUT_SECONDS,
            retry_seconds=RETRY_SECONDS,
            retries=lambda status: not 200 <= status < 300 and status != GONE,
        )

    def is_open(self) -> bool:
        if store.switch(PROVIDER, DISABLED):
            return False
        until = store.switch(PROVIDER, SUSPENDED)
        if isinstance(until, str) and clock.now() >= datetime.fromisoformat(until):
            store.set_switch(PROVIDER, SUSPENDED, None)
            return True
        return until is None

    def rewrite(self, body: bytes, tries: int) -> bytes:
        return wire.compact(json.loads(body) | {"delivery_attempt": tries})

    def note_answer(self, answer: int | str) -> None:
        if answer == GONE:
            store.set_switch(PROVIDER, DISABLED, True)
        if not isinstance(answer, int) or not 200 <= answer < 300:
            self._count_failure()

    def _count_failure(self) -> None:
        now = clock.now()

        def count(data: dict[str, Any]) -> None:
            recent = [at for at in data["at"] if at > (now - WINDOW).timestamp()]
            data["at"] = [*recent, now.timestamp()]

        if store.get(PROVIDER, "webhook", "failures") is None:
            store.put(PROVIDER, "webhook", "failures", {"at": []})
        counted = store.edit(PROVIDER, "webhook", "failures", count) or {"at": []}
        if len(counted["at"]) > FAILURES_UNTIL_SUSPENDED:
            store.remove(PROVIDER, "webhook", "failures")
            until = (now + PAUSE).isoformat(timespec="minutes")
            store.set_switch(PROVIDER, SUSPENDED, until)
