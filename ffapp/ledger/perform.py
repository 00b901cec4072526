"""Performing: claim in one short transaction, call with none open, settle in a second one."""

import threading
import time
from collections.abc import Sequence

from ffapp.db import transaction
from ffapp.ledger.claim import CannotPrepare, claim, extend
from ffapp.ledger.models import Lane
from ffapp.ledger.performers import Performer, Prepared
from ffapp.ledger.settle import settle
from ffapp.outcomes import Outcome, ProviderError, Refused, Unavailable, Unclear
from ffapp.providers.http import recording

SLICE_SECONDS = 5  # then the slot goes to whoever waits; the sweep rings again

stopping = threading.Event()  # set on SIGTERM: nothing new is claimed


def perform_due(lane: Lane, seconds: float = SLICE_SECONDS) -> int:
    """Perform what is due in the lane until nothing is, or the time is over; answers how many."""
    until = time.monotonic() + seconds
    performed = 0
    while not stopping.is_set() and time.monotonic() < until:
        count = perform_next(lane)
        if count is None:
            break
        performed += count
    return performed


def perform_next(lane: Lane) -> int | None:
    """Perform the next row, or the rows that one call may carry; None when nothing is due."""
    try:
        claimed = transaction(claim, lane)
    except CannotPrepare:
        claimed = transaction(claim, lane, at_most=1)
    if claimed is None:
        return None
    performer, prepared = claimed
    if prepared:
        _call(performer, prepared)
    return len(prepared)


def _call(performer: Performer, prepared: Sequence[Prepared]) -> None:
    """Call the provider; a refused batch is cut in two until the row at fault stands alone."""
    with recording() as exchanges:
        outcomes = _outcomes(performer, prepared)
    if len(prepared) > 1 and all(_divisible(outcome) for outcome in outcomes.values()):
        middle = len(prepared) // 2
        for half in (prepared[:middle], prepared[middle:]):
            still_ours = transaction(extend, half)
            if still_ours:
                _call(performer, still_ours)
        return
    transaction(settle, performer, prepared, outcomes, exchanges)


def _divisible(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.divisible


def _outcomes(performer: Performer, prepared: Sequence[Prepared]) -> dict[int, Outcome]:
    if stopping.is_set():
        error: ProviderError = Unavailable("The worker was told to stop before it called.")
        return {each.effect_id: error for each in prepared}
    try:
        answered = performer.call(prepared)
    except ProviderError as error:
        return {each.effect_id: error for each in prepared}
    nothing = Unclear("The provider's answer did not mention this one.")
    return {each.effect_id: answered.get(each.effect_id, nothing) for each in prepared}
