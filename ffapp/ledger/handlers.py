"""What upper layers register with the ledger: effect handlers, preconditions, gate, listeners.

The ledger knows no domain. The composition root calls the `register_…` and `set_…` functions.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ffapp.core.outcomes import Outcome
from ffapp.ledger.models import Effect, State

# Effect id → a sentence why it must not happen. Set-based: one call for a whole batch.
Check = Callable[[Sequence[Effect]], Mapping[int, str]]
# Effect id → until when it waits, and a sentence why.
Postponement = Callable[[Sequence[Effect]], Mapping[int, tuple[datetime, str]]]


@dataclass(frozen=True)
class Prepared:
    """What a handler needs to call the provider, read while the row was claimed: plain facts,
    no rows. `content` stays in memory and is never stored."""

    effect_id: int
    attempt: int
    content: dict[str, Any] = field(default_factory=dict)


class Absent:
    """The provider was asked and knows nothing of the act: it has not happened."""


@dataclass(frozen=True)
class EffectHandler:
    """How one kind of effect is performed.

    prepare  reads what the call needs, in the claiming transaction: effect id → content, or a
             sentence why it cannot be done (the effect then fails with it)
    call     calls the provider with no transaction open; one outcome for each, or raises one
             ProviderError for all
    record   writes what is particular to the channel, in the transaction that writes the outcome;
             without a Prepared where another than the sending worker settles the effect
    ask      asks the provider whether an unclear act happened; None where it cannot be asked.
             Raises ProviderError when it does not answer
    same_call  what the rows of one call have in common; others are handed over by another call
    one_cause  whether the rows of one call must have the same cause; False where all that counts
             is what they are about
    names_others  whether the answer to `ask` names other people, who have no place in the record
             of this one
    visibility_lag  how long after an unclear call the provider can be asked about it
    """

    kind: str
    provider: str
    prepare: Callable[[Sequence[Effect]], Mapping[int, dict[str, Any] | str]]
    call: Callable[[Sequence[Prepared]], Mapping[int, Outcome]]
    record: Callable[[Sequence[tuple[Effect, Prepared | None, Outcome]]], None]
    ask: Callable[[Effect], Outcome | Absent] | None = None
    batch_size: int = 1
    same_call: Callable[[Prepared], Any] = lambda prepared: None
    one_cause: bool = True
    names_others: bool = False
    visibility_lag: timedelta = timedelta(seconds=10)


_handlers: dict[str, EffectHandler] = {}
_preconditions: dict[str, Check] = {}
_gate: list[Check] = []
_postponements: list[Postponement] = []
_after: list[Callable[[Sequence[int]], None]] = []


def register_handlers(*handlers: EffectHandler) -> None:
    """Perform the handlers' kinds with them from now on."""
    _handlers.update({handler.kind: handler for handler in handlers})


def register_preconditions(checks: Mapping[str, Check]) -> None:
    """Rule → the check that cancels its effects when the reason for them is gone."""
    _preconditions.update(checks)


def set_gate(*checks: Check) -> None:
    """Set the ordered checks that may withhold an effect."""
    _gate[:] = checks


def set_postponements(*checks: Postponement) -> None:
    """Set what may put an effect off until later; purpose `account` is never put off."""
    _postponements[:] = checks


def after_outcomes(*listeners: Callable[[Sequence[int]], None]) -> None:
    """Set who is told the ids of rows that reached an outcome, in the same transaction.

    That is a row whose outcome was written, or that was stopped, cancelled or retried instead.
    """
    _after[:] = listeners


def notify_outcomes(effect_ids: Sequence[int]) -> None:
    """Tell the listeners about rows whose outcome was just written."""
    if effect_ids:
        for listener in _after:
            listener(effect_ids)


def handler_of(kind: str) -> EffectHandler:
    return _handlers[kind]


def kinds() -> list[str]:
    """What this process can perform; a newer release may have planned other kinds already."""
    return list(_handlers)


def failed_preconditions(effects: Sequence[Effect]) -> dict[int, str]:
    """Effect id → why the reason for it is gone."""
    by_rule: dict[str, list[Effect]] = defaultdict(list)
    for effect in effects:
        by_rule[effect.rule].append(effect)
    reasons: dict[int, str] = {}
    for rule in by_rule.keys() & _preconditions.keys():
        reasons.update(_preconditions[rule](by_rule[rule]))
    return reasons


def gate_reasons(effects: Sequence[Effect]) -> dict[int, str]:
    """Effect id → the first reason of the gate against it."""
    reasons: dict[int, str] = {}
    for check in _gate:
        reasons = {**check(effects), **reasons}
    return reasons


def foreseen(effects: Sequence[Effect]) -> dict[int, str]:
    """Of those that are planned, what the gate would withhold now: effect id → why."""
    return gate_reasons([effect for effect in effects if effect.state == State.PLANNED])


def postponed(effects: Sequence[Effect]) -> dict[int, tuple[datetime, str]]:
    """Effect id → until when it has to wait, and why."""
    waits: dict[int, tuple[datetime, str]] = {}
    for check in _postponements:
        waits = {**check(effects), **waits}
    return waits
