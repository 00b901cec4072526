"""A worker that stops in the middle: `… stalling_worker STEP GO_FILE [NAME=SECONDS …]`.

It waits until GO_FILE exists, works as every worker does, and when it reaches STEP it says on
standard error `stalled STEP KIND ID ID …` and waits until GO_FILE is gone. That is a pause at the
very place where a test then kills it, or lets it go on when it is too late. Nothing is replaced but
how long some things take: `ffapp.worker.GRACE_SECONDS=4` sets that constant.
"""

import importlib
import sys
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ffapp import worker
from ffapp.ledger import perform
from ffapp.ledger.handlers import EffectHandler, Prepared
from ffapp.providers.kit import deadline

go_file = Path(sys.argv[2]) if __name__ == "__main__" else Path()
_performing: ContextVar[str] = ContextVar("performing", default="")


def stall(step: str, what: str) -> None:
    say(step, what)
    while go_file.exists():
        time.sleep(0.02)


def say(step: str, what: str) -> None:
    sys.stderr.write(f"stalled {step} {what}\n")
    sys.stderr.flush()


def words(handler: EffectHandler, prepared: list[Prepared]) -> str:
    return " ".join([handler.kind, *(str(each.effect_id) for each in prepared)])


def before_claim_commits(step: str) -> None:
    claim = perform.claim

    def claim_and_stall(*args: Any, **kwargs: Any) -> Any:
        claimed = claim(*args, **kwargs)
        if claimed is not None and claimed[1]:
            stall(step, words(*claimed))
        return claimed

    perform.claim = claim_and_stall


def before_the_call(step: str) -> None:
    outcomes = perform._outcomes

    def stall_and_outcomes(handler: EffectHandler, prepared: list[Prepared], began: float) -> Any:
        stall(step, words(handler, prepared))
        return outcomes(handler, prepared, began)

    perform._outcomes = stall_and_outcomes


def during_the_call(step: str) -> None:
    """Goes on, but says so when the request is written and the answer is waited for."""
    outcomes, read = perform._outcomes, deadline._Stream.read

    def outcomes_noted(handler: EffectHandler, prepared: list[Prepared], began: float) -> Any:
        _performing.set(words(handler, prepared))
        return outcomes(handler, prepared, began)

    def read_noted(stream: Any, *args: Any, **kwargs: Any) -> bytes:
        if _performing.get():
            say(step, _performing.get())
        return read(stream, *args, **kwargs)

    perform._outcomes, deadline._Stream.read = outcomes_noted, read_noted


def before_the_outcome(step: str) -> None:
    outcomes = perform._outcomes

    def outcomes_and_stall(handler: EffectHandler, prepared: list[Prepared], began: float) -> Any:
        known = outcomes(handler, prepared, began)
        stall(step, words(handler, prepared))
        return known

    perform._outcomes = outcomes_and_stall


def before_the_outcome_commits(step: str) -> None:
    record_outcome = perform.record_outcome

    def record_and_stall(handler: EffectHandler, prepared: list[Prepared], *rest: Any) -> None:
        record_outcome(handler, prepared, *rest)
        stall(step, words(handler, prepared))

    perform.record_outcome = record_and_stall


def after_the_outcome(step: str) -> None:
    call = perform._call

    def call_and_stall(handler: EffectHandler, prepared: list[Prepared], began: float) -> None:
        call(handler, prepared, began)
        stall(step, words(handler, prepared))

    perform._call = call_and_stall


STEPS: dict[str, Callable[[str], None]] = {
    "before_claim_commits": before_claim_commits,
    "before_the_call": before_the_call,
    "before_it_acted": during_the_call,
    "after_it_acted": during_the_call,
    "before_the_outcome": before_the_outcome,
    "before_the_outcome_commits": before_the_outcome_commits,
    "after_the_outcome": after_the_outcome,
}

if __name__ == "__main__":
    chosen = sys.argv[1]
    for constant, seconds in (each.split("=") for each in sys.argv[3:]):
        module, _, name = constant.rpartition(".")
        setattr(importlib.import_module(module), name, float(seconds))
    STEPS[chosen](chosen)
    ready = worker.build()
    while not go_file.exists():
        time.sleep(0.02)
    ready.run()
