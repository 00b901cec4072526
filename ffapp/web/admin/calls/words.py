"""How a call is put into words: its state in one sentence, its length and its price."""

from datetime import datetime

from ffapp.calls.hours import zone_of
from ffapp.calls.models import MOST_TRIES, CallLog
from ffapp.calls.states import HUNG_UP, LOST, VOICEMAIL
from ffapp.calls.track import UNREACHED
from ffapp.core import clock
from ffapp.ledger.models import Effect, State
from ffapp.providers.bolna import wire

MICROS = 1_000_000  # in a US dollar
COMMON = {
    State.SENDING: "Bolna is being asked to call.",
    State.UNCERTAIN: "Bolna did not answer clearly. Its list of calls is read; nobody is called "
    "twice.",
    wire.QUEUED: "Bolna has it and dials as soon as a line is free.",
    wire.INITIATED: "It is being dialled.",
    wire.RINGING: "It rings.",
    wire.IN_PROGRESS: "They are talking.",
    wire.DISCONNECTED: "It has just ended; Bolna is writing down what was said.",
    VOICEMAIL: "A voicemail answered.",
    HUNG_UP: "Somebody picked up or rejected it, and nobody spoke.",
    wire.BALANCE_LOW: "Bolna has no money left, so nobody was called.",
    wire.STOPPED: "It was stopped before it rang.",
    wire.CANCELED: "It was cancelled at Bolna before anybody answered.",
    LOST: "Nobody knows how it ended: Bolna does not say.",
}


def told(call: CallLog, effect: Effect, state: str) -> str:
    """What is so, and what happens next, in one or two sentences; empty where the state says it."""
    if state == State.PLANNED:
        return _waiting(call, effect)
    if state in UNREACHED:
        what = "The line was busy" if state == wire.BUSY else "Nobody answered"
        if call.attempt >= MOST_TRIES:
            return f"{what}, for the third time. It is not tried again by itself: write to them."
        return f"{what}. It is tried again by itself (this was try {call.attempt} of {MOST_TRIES})."
    if effect.state != State.SENT:
        return effect.reason or COMMON.get(state, "")
    return COMMON.get(state) or call.problem or ""


def _waiting(call: CallLog, effect: Effect) -> str:
    now = clock.now()
    if effect.reason:
        return effect.reason
    if effect.due_at <= now:
        return "It is placed as soon as its turn comes."
    when = _spell(effect.due_at, call)
    if call.attempt > 1:
        return f"Nobody was reached before, so it is tried again {when}, if the hours allow it."
    return f"It is placed {when}; until then it can be undone."


def _spell(at: datetime, call: CallLog) -> str:
    return clock.spell(at, zone_of(call))


def spell_seconds(seconds: int | None) -> str:
    """`2:05`; empty where nobody spoke."""
    return f"{seconds // 60}:{seconds % 60:02}" if seconds else ""


def spell_cost(micros: int | None) -> str:
    """`$0.07`; less than a cent is shown in full."""
    if micros is None:
        return ""
    cents = f"{micros / MICROS:,.2f}"
    return f"${micros / MICROS:.4f}" if 0 < micros < MICROS // 100 else f"${cents}"
