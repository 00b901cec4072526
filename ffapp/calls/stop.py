"""Stopping calls: those that wait with us, those in Bolna's queue, and those placed twice."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, or_, select

from ffapp.calls.models import CallLog
from ffapp.calls.place import find_executions
from ffapp.calls.track import refresh
from ffapp.core.db import db, is_among, transaction
from ffapp.core.events import Event, record
from ffapp.core.jobs import DEFAULT, defer, defer_once, queue
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.ledger.models import Effect, EffectAttempt, State
from ffapp.ledger.plan import cancel_planned
from ffapp.people.consent import Purpose
from ffapp.people.models import Person
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.client import BolnaClient

# A Bolna that was too slow for an answer may call long after it was asked about.
STRAY_CHECKS = (timedelta(minutes=2), timedelta(minutes=30))
NOT_STOPPABLE = "It cannot be stopped any more."


def stop_call(call: CallLog, by: Person | str, why: str = "") -> bool:
    """Call it off; False where it has gone too far for that. The caller commits."""
    why = why or f"{by if isinstance(by, str) else by.name} called it off."
    if not cancel_planned(why, Effect.id == call.effect_id):
        db.session.refresh(call, with_for_update={"of": CallLog})
        if not call.is_waiting_at_bolna:
            return False
        defer_once(stop_at_bolna, f"calls.stop:{call.id}", call_id=call.id)
    person = db.session.get_one(Person, call.person_id)
    record("call_stopped", by=by, on=call, person_id=person.id, person=person.name)
    return True


@queue.task(name="calls.stop", queue=DEFAULT)
def stop_at_bolna(call_id: int) -> None:
    """Have Bolna remove a waiting call from its queue; then its status says what came of it."""
    call = db.session.get_one(CallLog, call_id)
    execution_id = call.execution_id or ""
    db.session.rollback()
    try:
        BolnaClient.current().stop(execution_id)
    except Refused:
        pass  # it rings already
    except ProviderError:
        transaction(defer, stop_at_bolna, options={"schedule_in": {"seconds": 5}}, call_id=call_id)
        return
    refresh(call_id)


def stop_calls_of_person(event: Event) -> None:
    """After a refusal of calls nobody is called, also where Bolna has the call in its queue."""
    facts = event.facts
    if facts.get("purpose") != Purpose.CALLS or facts.get("granted"):
        return
    waiting = select(CallLog).join(Effect, Effect.id == CallLog.effect_id)
    waiting = waiting.where(
        CallLog.person_id == event.subject_id,
        or_(Effect.state == State.PLANNED, CallLog.ended_at.is_(None)),
    )
    for call in db.session.scalars(waiting).all():
        stop_call(call, event.actor, f"{event.actor} has refused calls.")


def check_for_strays_later(effect_ids: Sequence[int]) -> None:
    """Look twice for a second call after one whose end was unclear; ledger's listener."""
    was_unclear = exists().where(
        EffectAttempt.effect_id == Effect.id, EffectAttempt.outcome == "unclear"
    )
    calls = select(Effect.id).where(
        is_among(Effect.id, effect_ids),
        Effect.kind == "call",
        or_(Effect.state == State.UNCERTAIN, was_unclear),
    )
    for effect_id in db.session.scalars(calls).all():
        for wait in STRAY_CHECKS:
            lock = f"calls.stop_strays:{effect_id}:{wait}"
            later = {"schedule_in": {"seconds": wait.total_seconds()}}
            defer_once(stop_strays, lock, options=later, effect_id=effect_id)


@queue.task(name="calls.stop_strays", queue=DEFAULT)
def stop_strays(effect_id: int) -> None:
    """Stop what one effect has placed beside its call, as far as it only waits."""
    effect = db.session.get(Effect, effect_id)
    if effect is None or effect.state in (State.PLANNED, State.SENDING, State.UNCERTAIN):
        return  # what is found may become the call; its end asks for this again
    call = db.session.scalar(select(CallLog).where(CallLog.effect_id == effect_id))
    ours = call.execution_id if call else None
    db.session.expunge_all()
    db.session.rollback()
    try:
        strays = [each for each in find_executions(effect) if each.id != ours]
        stopped = sum(_stop_one(each) for each in strays)
    except Refused:
        return
    except ProviderError:
        later = {"schedule_in": {"seconds": STRAY_CHECKS[-1].total_seconds()}}
        transaction(defer, stop_strays, options=later, effect_id=effect_id)
        return
    if strays and call is not None:
        transaction(_record_strays, call.id, len(strays), stopped)


def _stop_one(stray: wire.Execution) -> bool:
    if (wire.rank_of(stray.status) or 0) > wire.RANKS[wire.QUEUED]:
        return False
    try:
        BolnaClient.current().stop(stray.id)
    except Refused:
        return False
    return True


def _record_strays(call_id: int, found: int, stopped: int) -> None:
    call = db.session.get_one(CallLog, call_id)
    person = db.session.get_one(Person, call.person_id)
    record(
        "stray_calls_found",
        on=call,
        person_id=person.id,
        person=person.name,
        count=found,
        stopped=stopped,
    )
