"""Zoom's webhooks: how a body is written, signed, delivered, tried again, and the URL validated."""

import hmac
import json
import re
import secrets
import uuid
from datetime import timedelta
from typing import Any

import httpx

from ffapp.core import clock
from ffapp.core.config import Settings
from ffapp.providers.simulating import callbacks, store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import scenarios
from ffapp.providers.zoom.simulator.answers import tracking_id
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

PATH = "/hooks/zoom"
TIMEOUT_SECONDS = 3
RETRY_SECONDS = (5 * 60, 20 * 60, 60 * 60)  # each after the try before it
FAILURES_UNTIL_DISABLED = 6
LATE_SECONDS = 3

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def delivery_policy(settings: Settings) -> callbacks.DeliveryPolicy:
    """How Zoom delivers: 3 s, then again only when our server failed or could not be reached."""

    secret = settings.of(ZoomSettings).webhook_secret

    def sign(body: bytes) -> dict[str, str]:
        timestamp = str(int(clock.wall().timestamp()))
        return {
            "x-zm-request-timestamp": timestamp,
            "x-zm-signature": wire.signature(secret, timestamp, body),
        }

    return callbacks.DeliveryPolicy(
        sign,
        timeout_seconds=TIMEOUT_SECONDS,
        retry_seconds=RETRY_SECONDS,
        retries=lambda status: status >= 500,
    )


def dumps(body: Any) -> bytes:
    """JSON as Zoom writes it: no spaces, UTF-8, but astral characters as two `\\uD83D` escapes."""

    def escaped(found: re.Match[str]) -> str:
        high, low = divmod(ord(found.group()) - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04X}\\u{0xDC00 + low:04X}"

    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return _ASTRAL.sub(escaped, text).encode()


def milliseconds(after_seconds: float = 0) -> int:
    """The business clock as `event_ts` counts it."""
    return int((clock.now() + timedelta(seconds=after_seconds)).timestamp() * 1000)


def post(event: str, body: Data, *, after_seconds: float = 0) -> None:
    """Promise one event; the switch `webhooks` may lose, double, delay or reorder it."""
    tricks = scenarios.read("webhooks")
    dropped = tricks.get("drop", False)
    if dropped is True or (dropped and event in dropped) or _is_disabled():
        return
    after_seconds += tricks.get("delay_seconds", 0)
    if tricks.get("reorder") and store.count(PROVIDER, "webhooks sent", "all") % 2:
        after_seconds += LATE_SECONDS
    headers = _constant_headers()
    for _ in range(2 if tricks.get("duplicate") else 1):
        callbacks.schedule(
            PROVIDER, event, PATH, dumps(body), headers=headers, after_seconds=after_seconds
        )


def validate_url(settings: Settings) -> bool:
    """Ask our webhook to prove that it knows the secret, as Zoom does; remembers the answer.

    After six failures in a row events are no longer sent, until a validation succeeds.
    """
    plain = secrets.token_urlsafe(16)
    payload = {"plainToken": plain}
    event = "endpoint.url_validation"
    body = dumps({"payload": payload, "event_ts": milliseconds(), "event": event})
    headers = {**_constant_headers(), **delivery_policy(settings).sign(body)}
    try:
        answer = callbacks.post(PATH, body, headers, TIMEOUT_SECONDS)
        given = answer.json() if answer.status_code == httpx.codes.OK else {}
    except (httpx.TransportError, OSError, ValueError):
        given = {}
    expected = wire.encrypted_token(settings.of(ZoomSettings).webhook_secret, plain)
    valid = (
        isinstance(given, dict)
        and given.get("plainToken") == plain
        and hmac.compare_digest(str(given.get("encryptedToken")).encode(), expected.encode())
    )
    failures = 0 if valid else subscription().get("failures", 0) + 1
    store.put(
        PROVIDER,
        "subscription",
        "webhook",
        {"valid": valid, "failures": failures, "at": clock.now().isoformat()},
    )
    return valid


def subscription() -> Data:
    """How the last validation of our URL went: `valid`, `failures` in a row, `at`; or nothing."""
    return store.get(PROVIDER, "subscription", "webhook") or {}


def _is_disabled() -> bool:
    return subscription().get("failures", 0) >= FAILURES_UNTIL_DISABLED


def _constant_headers() -> dict[str, str]:
    """What is the same at each try; the request id is what a receiver tells duplicates by."""
    digits = uuid.uuid4().hex
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Zoom Marketplace/1.0a",
        "x-zm-request-id": "_".join(
            (digits[:8], *(digits[i : i + 4] for i in (8, 12, 16)), digits[20:])
        ),
        "x-zm-trackingid": tracking_id(),
        "traceparent": f"00-{uuid.uuid4().hex}-{secrets.token_hex(8)}-02",
        "zm-trace-upstream": "Meeting_Web_marketplace-consumer",
        "clientid": ZoomSettings.current().client_id,
    }
