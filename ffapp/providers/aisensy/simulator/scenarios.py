"""What chooses how the simulated AiSensy behaves: magic numbers and switches.

The last six digits of a number decide what becomes of a message. A number that ends in one of
Meta's failure codes fails with that code, so `+91 98761 31026` is not on WhatsApp. The others end
in the same three digits twice.
"""

from dataclasses import dataclass

from ffapp.providers.aisensy.failures import FAILURES, NOT_ON_WHATSAPP, OPTED_OUT
from ffapp.providers.simulating.descriptor import WEBHOOK_SWITCHES, Switch

PROVIDER = "aisensy"

CONTACT_TOPICS = "contact_topics"
NO_CREDITS, NO_PLAN, NOT_LIVE = "no_credits", "no_plan", "not_live"
SWITCHES = (
    Switch(NO_CREDITS, "Wallet empty", "Every send answers 402, as an empty wallet does."),
    Switch(NO_PLAN, "No plan", "Every send answers 400 “No Plan active on assistant!”."),
    Switch(NOT_LIVE, "Campaigns paused", "Every send answers “Campaign is Not Live”."),
    Switch(
        CONTACT_TOPICS,
        "Contact topics",
        "The webhook also has the topics contact.*: new contacts, their tags, their campaigns.",
    ),
    *WEBHOOK_SWITCHES,
)
DIGITS = 6


@dataclass(frozen=True)
class Step:
    """A status, between `low` and `high` seconds (at speed 1) after the message was accepted."""

    status: str
    low: float
    high: float
    code: str = ""


@dataclass(frozen=True)
class Scenario:
    """What becomes of a message; `refused` names the answer of a send that is refused."""

    ending: str
    word: str
    what: str
    steps: tuple[Step, ...] = ()
    refused: str = ""


SENT = Step("SENT", 0.5, 2)
DELIVERED = Step("DELIVERED", 2, 6)
READ = Step("READ", 20, 60)

ORDINARY = Scenario("", "read", "Any other number: sent, delivered, read.", (SENT, DELIVERED, READ))
BAD_NUMBER, EMPTY_WALLET = "number", "credits"
SPECIAL = (
    Scenario("200200", "never read", "Delivered, never read (receipts off).", (SENT, DELIVERED)),
    Scenario("100100", "never delivered", "Sent, never delivered (the phone is off).", (SENT,)),
    Scenario("300300", "silent", "Accepted; nothing is ever heard of it."),
    Scenario(
        "600600",
        "slow",
        "Sent at once, delivered after ten minutes, then read.",
        (SENT, Step("DELIVERED", 600, 610), Step("READ", 640, 700)),
    ),
    Scenario(
        "400400", "refused", "The send call answers 400 “Invalid Number”.", refused=BAD_NUMBER
    ),
    Scenario(
        "402402",
        "wallet empty",
        "The send call answers 402, as if the wallet were empty.",
        refused=EMPTY_WALLET,
    ),
)
WORDS = {
    NOT_ON_WHATSAPP: "not on WhatsApp",
    OPTED_OUT: "opted out",
    "131049": "too many messages",
    "130472": "experiment",
}
_BY_ENDING = {scenario.ending: scenario for scenario in SPECIAL}


def scenario_of(number: str) -> Scenario:
    """What becomes of a message to this number (E.164), opt-outs aside."""
    ending = number[-DIGITS:]
    if ending in FAILURES:
        return failing(ending)
    return _BY_ENDING.get(ending, ORDINARY)


def failing(code: str) -> Scenario:
    """WhatsApp does not deliver, for Meta's reason `code`."""
    failed = Step("FAILED", 2, 6, code)
    # unconfirmed: which failures come after SENT; one does here, so that both orders are met
    steps = (SENT, failed) if code == NOT_ON_WHATSAPP else (failed,)
    word = WORDS.get(code, "failed")
    return Scenario(code, word, f"Fails with {code}: {FAILURES[code].words}", steps)


SCENARIOS = (*SPECIAL, *map(failing, WORDS))


def example(ending: str) -> str:
    """An Indian number with that ending, as a person would type it."""
    return f"+91 9876{ending[0]} {ending[1:]}"
