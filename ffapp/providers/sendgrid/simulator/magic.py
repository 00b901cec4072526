"""Magic addresses: the first or last piece of the part before the @ decides what becomes of a mail.

`bounce@example.com`, `asha+bounce@example.com` and `bounce.2@example.com` all bounce.
"""

import re
from dataclasses import dataclass, field
from typing import Any

PIECES = re.compile(r"[+._-]")


@dataclass(frozen=True)
class Step:
    """One event, between `low` and `high` seconds (at speed 1) after the mail was accepted."""

    event: str
    low: float
    high: float
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """What becomes of a mail; `suppression` is the list that its address then stands on."""

    word: str
    what: str
    steps: tuple[Step, ...]
    suppression: str | None = None


PROCESSED = Step("processed", 0.3, 1)


def _delivered(low: float, high: float) -> Step:
    return Step("delivered", low, high, {"response": "250 2.0.0 OK"})


def _bounce(kind: str, reason: str) -> Step:
    return Step("bounce", 3, 8, {"reason": reason, "status": reason.split()[1], "type": kind})


def _deferred(attempt: str, low: float, high: float) -> Step:
    facts = {"attempt": attempt, "response": "451 4.7.1 Try again later"}
    return Step("deferred", low, high, facts)


def dropped(reason: str) -> Scenario:
    """SendGrid does not even try."""
    return Scenario("dropped", "", (Step("dropped", 0.3, 1, {"reason": reason}),))


DELIVERED = Scenario("delivered", "Any other address: delivered.", (PROCESSED, _delivered(1, 5)))
REFUSED = Scenario(
    "refused", "The send call answers 400 for this recipient; nobody gets the mail.", ()
)
MAGIC = (
    Scenario(
        "bounce",
        "Bounces (no such mailbox). Later mails to it are dropped as “Bounced Address”.",
        (
            PROCESSED,
            _bounce(
                "bounce", "550 5.1.1 The email account that you tried to reach does not exist."
            ),
        ),
        suppression="bounces",
    ),
    Scenario(
        "blocked",
        "Turned away this time (policy). Later mails are tried again.",
        (PROCESSED, _bounce("blocked", "550 5.7.1 Message rejected due to local policy")),
    ),
    Scenario(
        "deferred",
        "Deferred twice, delivered after five minutes.",
        (PROCESSED, _deferred("1", 5, 8), _deferred("2", 65, 70), _delivered(300, 310)),
    ),
    Scenario(
        "dropped",
        "Dropped without a try (“Unsubscribed Address”).",
        dropped("Unsubscribed Address").steps,
    ),
    Scenario(
        "spam",
        "Delivered, then marked as spam. Later mails are dropped.",
        (PROCESSED, _delivered(1, 5), Step("spamreport", 90, 120)),
        suppression="spam_reports",
    ),
    REFUSED,
    Scenario("silent", "Accepted; no event ever comes.", ()),
    Scenario("slow", "Delivered after ten minutes.", (PROCESSED, _delivered(600, 610))),
)
_BY_WORD = {scenario.word: scenario for scenario in MAGIC}


def scenario_of(address: str) -> Scenario:
    """What becomes of a mail to `address`, suppressions aside."""
    pieces = PIECES.split(address.rsplit("@", 1)[0].lower())
    return _BY_WORD.get(pieces[-1]) or _BY_WORD.get(pieces[0]) or DELIVERED
