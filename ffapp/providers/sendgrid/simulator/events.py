"""What the event webhook will post about accepted messages, when, and in which arrays."""

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from ffapp.core import clock, config
from ffapp.providers.sendgrid import wire
from ffapp.providers.sendgrid.settings import simulated_signing_key
from ffapp.providers.sendgrid.simulator.magic import Scenario
from ffapp.providers.sendgrid.simulator.suppressions import suppress
from ffapp.providers.simulating import callbacks, store

PATH = "/hooks/sendgrid"
HEADERS = {
    "User-Agent": "SendGrid Event API",
    "Content-Type": "application/json;charset=utf-8",
    "Accept-Encoding": "gzip",
}
FLUSH_SECONDS = 30
FLUSH_BYTES = 768_000
USER = "12345678"
# unconfirmed: the intervals (“growing, for 24 hours”), and that each try is signed anew
RETRY_SECONDS = (60, 300, 900, 1800, 3600, 7200, 14400, 21600, 28800)


@dataclass(frozen=True)
class Message:
    """One accepted message, to one recipient."""

    request_id: str  # what X-Message-Id said
    trace: str  # between request id and index in sg_message_id
    index: int
    email: str
    scenario: Scenario
    custom_args: dict[str, str]
    categories: list[str]
    send_at: int = 0
    wait: float = 0  # seconds until `send_at`

    @property
    def id(self) -> str:
        # unconfirmed: how recipients are numbered over several personalizations
        return f"{self.request_id}.{self.trace}.{self.index}"


@dataclass(frozen=True)
class Happening:
    """One event: `after` seconds at speed 1, counted from when the mail is let go (`wait`)."""

    wait: float
    after: float
    row: dict[str, Any]


def delivery_policy(settings: config.Settings) -> callbacks.DeliveryPolicy:
    """How the event webhook is posted: signed at each try, tried again for a day."""
    key = simulated_signing_key(settings.secret_key)

    def sign(body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.wall().timestamp()))
        return {
            wire.SIGNATURE: wire.sign(key, timestamp, body),
            wire.TIMESTAMP: timestamp,
        }

    return callbacks.DeliveryPolicy(sign, timeout_seconds=10, retry_seconds=RETRY_SECONDS)


def trace() -> str:
    """The middle of the `sg_message_id` of all messages of one request."""
    now = int(clock.now().timestamp())
    return f"recvd-5b6c5d8b9c-abcde-1-{now:X}-{secrets.randbelow(255) + 1:X}"


def promise(messages: list[Message]) -> None:
    """Promise the posts that tell what becomes of the messages of one request."""
    happenings: list[Happening] = []
    for message in messages:
        of_message = list(_happenings(message))
        happenings += of_message
        if message.scenario.suppression:
            suppress(message.scenario, message.email, of_message[-1].row["timestamp"])
    happenings.sort(key=lambda each: (each.wait, each.after))
    posts: list[tuple[float, list[dict[str, Any]]]] = []
    for (wait, window), group in groupby(happenings, _flush):
        batch = list(group)
        phase = store.draw(f"flush:{_seed(messages[0])}:{window}", 0, FLUSH_SECONDS)
        due = wait + (batch[-1].after + phase) * config.current().simulator_speed
        posts += [(due, rows) for rows in _arrays(batch)]
    _schedule(posts)


def _schedule(posts: list[tuple[float, list[dict[str, Any]]]]) -> None:
    extra = float(store.switch("sendgrid", "delay", 0))
    times = [due + extra for due, _ in posts]
    bodies = [rows for _, rows in posts]
    if store.switch("sendgrid", "reorder"):
        bodies = [rows[::-1] for rows in reversed(bodies)]
    if store.switch("sendgrid", "duplicate"):
        # Once more in another array: the same event ids, but (of several) not the same bytes.
        times = [time for time in times for _ in range(2)]
        bodies = [copy for rows in bodies for copy in (rows, rows[1:] + rows[:1])]
    for after, rows in zip(times, bodies, strict=True):
        callbacks.schedule(
            "sendgrid",
            ", ".join(dict.fromkeys(row["event"] for row in rows)),
            PATH,
            wire.encode_events(rows),
            headers=HEADERS,
            after_seconds=after,
        )


def _happenings(message: Message) -> Iterator[Happening]:
    speed = config.current().simulator_speed
    for number, step in enumerate(message.scenario.steps):
        what = f"{_seed(message)}:{number}:{step.event}"
        after = store.draw(what, step.low, step.high)
        at = clock.now() + timedelta(seconds=message.wait + after * speed)
        row = _row(message, step.event, step.facts, int(at.timestamp()))
        yield Happening(message.wait, after, row)


def _flush(happening: Happening) -> tuple[float, int]:
    return happening.wait, int(happening.after // FLUSH_SECONDS)


def _row(message: Message, event: str, facts: dict[str, Any], timestamp: int) -> dict[str, Any]:
    row = {
        # unconfirmed: that our own arguments never win over SendGrid's keys
        **message.custom_args,
        **facts,
        "email": message.email,
        "event": event,
        "sg_event_id": _event_id(message, event, facts),
        "sg_message_id": message.id,
        "timestamp": timestamp,
    }
    if message.categories:
        row["category"] = message.categories
    if event != "spamreport":
        row["smtp-id"] = f"<{message.request_id}@geopod-ismtpd-11>"
    if event == "processed":
        row["send_at"] = message.send_at
    return row


def _event_id(message: Message, event: str, facts: dict[str, Any]) -> str:
    tail = f"{USER}-{message.request_id}-{message.index}"
    names = {
        "processed": f"processed-{tail}",
        "delivered": f"delivered-0-{tail}",
        "bounce": f"bounce-0-{tail}",
        "dropped": f"drop-{tail}",
        "deferred": f"deferred-{facts.get('attempt')}-{tail}",  # unconfirmed
    }
    if event not in names:
        return secrets.token_urlsafe(16)
    return base64.urlsafe_b64encode(names[event].encode()).decode().rstrip("=")


def _arrays(batch: list[Happening]) -> Iterator[list[dict[str, Any]]]:
    """The batch cut so that each post stays under SendGrid's size."""
    rows: list[dict[str, Any]] = []
    size = 0
    for happening in batch:
        length = len(wire.encode_events([happening.row]))
        if rows and size + length > FLUSH_BYTES:
            yield rows
            rows, size = [], 0
        rows.append(happening.row)
        size += length
    yield rows


def _seed(message: Message) -> str:
    """The same for the same mail in each run, so that its delays are repeatable."""
    return message.custom_args.get(wire.EFFECT_ID) or message.email
