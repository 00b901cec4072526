"""What chooses how the simulated Bolna behaves: magic numbers and switches.

The last six digits of a number decide how a call goes.
"""

from dataclasses import dataclass
from typing import Any

from ffapp.providers.bolna import wire
from ffapp.providers.simulating.descriptor import WEBHOOK_SWITCHES, Switch

PROVIDER = "bolna"

TRIAL, DENIES, EMPTY_WALLET = "trial", "denies_401", "empty_wallet"
SWITCHES = (
    Switch(TRIAL, "Trial account", "Every call answers 403: only verified numbers are called."),
    Switch(DENIES, "Deny with 401", "A wrong key answers 401, as documented, and not 403."),
    Switch(EMPTY_WALLET, "Wallet empty", "Every call ends as balance-low."),
    *WEBHOOK_SWITCHES,
)
DIGITS = 6


@dataclass(frozen=True)
class Step:
    """A status, between `low` and `high` seconds (at speed 1) after the one before it."""

    status: str
    low: float
    high: float


@dataclass(frozen=True)
class Scenario:
    """How a call goes. `facts` are fields of the execution from its last step on.

    `posts` says what becomes of the webhooks: `lost`, `twice`, `backwards` or empty.
    `talks` is whether somebody speaks, so that there are a transcript, a recording and a price.
    """

    ending: str
    word: str
    what: str
    steps: tuple[Step, ...]
    facts: tuple[tuple[str, Any], ...] = ()
    hangup: tuple[str, str, int | None] = ("", "", None)
    posts: str = ""
    talks: bool = False
    longest: bool = False


INITIATED, RINGING = Step(wire.INITIATED, 1, 3), Step(wire.RINGING, 2, 4)
TALKING, DISCONNECTED = Step(wire.IN_PROGRESS, 4, 13), Step(wire.DISCONNECTED, 20, 140)
DIALLED = (INITIATED, RINGING)
COMPLETED = Step(wire.COMPLETED, 3, 20)
ANSWERED = (*DIALLED, TALKING, DISCONNECTED, COMPLETED)
BY_CALLEE = ("Callee", "Call recipient hungup", 4000)

ORDINARY = Scenario(
    "", "answered", "Any other number: answered.", ANSWERED, hangup=BY_CALLEE, talks=True
)


def _answered(ending: str, word: str, what: str, **options: Any) -> Scenario:
    values: dict[str, Any] = {"steps": ANSWERED, "hangup": BY_CALLEE, "talks": True, **options}
    return Scenario(ending, word, what, **values)


OUT_OF_MONEY = Scenario(
    "902902", "balance low", "The wallet is empty; nothing is dialled.",
    (Step(wire.BALANCE_LOW, 30, 40),),
)  # fmt: skip
SPECIAL = (
    Scenario(
        "486486", "busy", "Busy.", (*DIALLED, Step(wire.BUSY, 27, 40)),
        hangup=("Carrier", "Call recipient was busy", 3010),
    ),
    Scenario(
        "480480", "no answer", "Rings; nobody answers.",
        (*DIALLED, Step(wire.NO_ANSWER, 30, 60)), hangup=("Carrier", "Call unanswered", 3020),
    ),
    Scenario(
        "603603", "rejected", "Hung up at once: completed, and nobody spoke.",
        (*DIALLED, Step(wire.DISCONNECTED, 25, 30), COMPLETED),
        hangup=("Callee", "Call recipient rejected", 3020),
    ),
    _answered(
        "777777", "voicemail", "A voicemail answers.", facts=(("answered_by_voice_mail", True),)
    ),
    Scenario(
        "404404", "failed", "The call fails: no such number.",
        (INITIATED, Step(wire.FAILED, 29, 40)),
        facts=(("error_message", "Call recipient number invalid"),),
        hangup=("Error", "Call recipient number invalid", 3080),
    ),
    Scenario(
        "500500", "error", "Something breaks inside Bolna.",
        (INITIATED, Step(wire.ERROR, 29, 40)),
        facts=(("error_message", "Internal error while starting the call"),),
    ),
    OUT_OF_MONEY,
    Scenario(
        "503503", "queued", "Waits in Bolna’s queue for ten minutes; it can be stopped meanwhile.",
        (Step(wire.INITIATED, 600, 600), RINGING, TALKING, DISCONNECTED, COMPLETED),
        hangup=BY_CALLEE, talks=True,
    ),
    Scenario("999999", "never ends", "Answered; never ends.", (*DIALLED, TALKING)),
    _answered("408408", "silent", "Answered; no webhook comes.", posts="lost"),
    _answered("202202", "twice", "Answered; each webhook comes twice.", posts="twice"),
    _answered("303303", "backwards", "Answered; webhooks come backwards.", posts="backwards"),
    _answered(
        "813813", "late", "Answered; “completed” comes 13 minutes after the call.",
        steps=(*DIALLED, TALKING, DISCONNECTED, Step(wire.COMPLETED, 780, 790)),
    ),
    _answered(
        "418418", "unknown status", "Answered, with a status that nobody knows in between.",
        steps=(*DIALLED, TALKING, Step("transferring", 2, 4), DISCONNECTED, COMPLETED),
    ),
    _answered("111111", "long", "Answered; the transcript has 1 MB.", longest=True),
)  # fmt: skip
SCENARIOS = SPECIAL
_BY_ENDING = {scenario.ending: scenario for scenario in SPECIAL}


def scenario_of(number: str) -> Scenario:
    """How a call to this number (E.164) goes, switches aside."""
    return _BY_ENDING.get(number[-DIGITS:], ORDINARY)


def example(ending: str) -> str:
    """An Indian number with that ending, as a person would type it."""
    return f"+91 9876{ending[0]} {ending[1:]}"
