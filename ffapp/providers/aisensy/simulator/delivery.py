"""How AiSensy delivers its posts: signed, one more try after five minutes, and when it stops.

Answered 410 it never posts again; after more than 100 failed posts in 20 minutes it pauses. What it
does not post meanwhile is lost.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from ffapp.core import clock
from ffapp.core.config import Settings
from ffapp.providers.aisensy import wire
from ffapp.providers.aisensy.settings import AiSensySettings
from ffapp.providers.aisensy.simulator.switches import DISABLED, PROVIDER, SUSPENDED
from ffapp.providers.simulating import callbacks, store

TIMEOUT_SECONDS = 5
RETRY_SECONDS = (300,)
GONE = 410
FAILURES_UNTIL_SUSPENDED = 100
WINDOW = timedelta(minutes=20)
PAUSE = timedelta(minutes=20)  # unconfirmed: how long “temporarily” is


class Delivery(callbacks.DeliveryPolicy):
    def __init__(self, settings: Settings) -> None:
        secret = settings.of(AiSensySettings).webhook_secret
        super().__init__(
            lambda body: {wire.SIGNATURE: wire.signature(secret, body)},
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
