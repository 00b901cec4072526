"""What upper floors hand to the ledger: who performs a kind, who is asked first, who is told after.

The ledger lies below the rooms and knows none of them; `app.py` calls these functions, one line for
each kind and each question.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ffapp.ledger.models import Effect
from ffapp.outcomes import Outcome

# Effect id → a sentence why it must not happen. Set-based: one call for a whole batch.
Question = Callable[[Sequence[Effect]], Mapping[int, str]]
# Effect id → until when it waits, and a sentence why.
Patience = Callable[[Sequence[Effect]], Mapping[int, tuple[datetime, str]]]


@dataclass(frozen=True)
class Prepared:
    """What a performer needs to call the provider, read while the row was claimed: plain facts,
    no rows. `content` stays in memory and is never stored."""

    effect_id: int
    attempt: int
    content: dict[str, Any] = field(default_factory=dict)


class Absent:
    """The provider was asked and knows nothing of the act: it has not happened."""


@dataclass(frozen=True)
class Performer:
    """How one kind of effect is performed.

    prepare  reads what the call needs, in the claiming transaction: effect id → content, or a
             sentence why it cannot be done (the effect then fails with it)
    call     calls the provider with no transaction open; one outcome for each, or raises one
             ProviderError for all
    settle   writes what is particular to the channel, in the transaction that writes the outcome
    ask      asks the provider whether an unclear act happened; None where it cannot be asked.
             Raises ProviderError when it does not answer
    one_cause  whether the rows of one call must have the same cause; False where all that counts
             is what they are about
    names_others  whether the answer to `ask` names other people, who have no place in the record
             of this one
    """

    kind: str
    provider: str
    prepare: Callable[[Sequence[Effect]], Mapping[int, dict[str, Any] | str]]
    call: Callable[[Sequence[Prepared]], Mapping[int, Outcome]]
    settle: Callable[[Sequence[tuple[Effect, Prepared | None, Outcome]]], None]
    ask: Callable[[Effect], Outcome | Absent] | None = None
    batch_size: int = 1
    one_cause: bool = True
    names_others: bool = False
    visibility_lag: timedelta = timedelta(seconds=10)


_performers: dict[str, Performer] = {}
_still_true: dict[str, Question] = {}
_gate: list[Question] = []
_patience: list[Patience] = []
_after: list[Callable[[Sequence[int]], None]] = []


def perform_with(*performers: Performer) -> None:
    """These perform their kinds from now on."""
    _performers.update({performer.kind: performer for performer in performers})


def cancel_unless(questions: Mapping[str, Question]) -> None:
    """Rule → the room's answer why its effects are no longer true."""
    _still_true.update(questions)


def gate(*questions: Question) -> None:
    """The ordered questions that may withhold an effect; those of purpose `account` pass."""
    _gate[:] = questions


def put_off(*questions: Patience) -> None:
    """These say what has to wait, and until when; effects of purpose `account` never do."""
    _patience[:] = questions


def after_settling(*listeners: Callable[[Sequence[int]], None]) -> None:
    """These are told the ids of rows that were just settled, in the same transaction.

    Settled is a row whose outcome was written, and one that was stopped or cancelled instead.
    """
    _after[:] = listeners


def tell_settled(effect_ids: Sequence[int]) -> None:
    if effect_ids:
        for listener in _after:
            listener(effect_ids)


def performer_of(kind: str) -> Performer:
    return _performers[kind]


def kinds() -> list[str]:
    """What this process can perform; a younger release may have planned other kinds already."""
    return list(_performers)


def no_longer_true(effects: Sequence[Effect]) -> dict[int, str]:
    """Effect id → why it is no longer true."""
    answers: dict[int, str] = {}
    for rule, question in _still_true.items():
        mine = [effect for effect in effects if effect.rule == rule]
        if mine:
            answers.update(question(mine))
    return answers


def withheld(effects: Sequence[Effect]) -> dict[int, str]:
    """Effect id → the first reason of the gate against it."""
    answers: dict[int, str] = {}
    for question in _gate:
        answers = {**question(effects), **answers}
    return answers


def waiting(effects: Sequence[Effect]) -> dict[int, tuple[datetime, str]]:
    """Effect id → until when it has to wait, and why."""
    answers: dict[int, tuple[datetime, str]] = {}
    for question in _patience:
        answers = {**question(effects), **answers}
    return answers
