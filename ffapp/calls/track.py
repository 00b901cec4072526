"""How a call goes on: what Bolna posts is a hint, and what it answers when asked is taken.

A status moves forward only. At the end of a call it is read from Bolna, whatever the post said; one
of which nothing is heard is asked about every ten minutes, for a day.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import select

from ffapp.calls.models import CallLog
from ffapp.calls.place import match_key
from ffapp.calls.recording import request_recording
from ffapp.calls.request import call_again
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import DEFAULT, PROVIDER_SWEEPS, SWEEPS, defer_once, queue, within_time_slice
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.ledger.models import Effect, State
from ffapp.ledger.reconcile import accept
from ffapp.people.models import Person
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.client import BolnaClient
from ffapp.providers.bolna.webhook import parse
from ffapp.providers.bolna.wire import Execution
from ffapp.webhooks import inbox
from ffapp.webhooks.inbox import Handled
from ffapp.webhooks.models import DeliveryState

log = structlog.get_logger()

ASK_AGAIN, ASK_SOON = timedelta(minutes=10), timedelta(minutes=1)
GIVE_UP = timedelta(days=1)
LONGEST_TRANSCRIPT = 200_000  # letters: three hours of talk
UNREACHED = (wire.BUSY, wire.NO_ANSWER)
AT_A_TIME = 50


def handle(body: bytes) -> Handled:
    """Translate one post; it is unmatched while its call has no outcome yet."""
    execution = parse(body)
    if execution is None:
        return Handled(DeliveryState.IGNORED, "It describes no call.")
    key = match_key(execution.id)
    inbox.hold(key)
    call = _find(execution)
    if call is None:
        return Handled(DeliveryState.UNMATCHED, "No call of ours has this id yet.", key)
    if call.execution_id != execution.id:
        return Handled(DeliveryState.IGNORED, "The effect has another call; this one is a stray.")
    if execution.is_terminal and not _is_old(call, execution):
        # Bolna signs nothing, so how it ended is read there.
        defer_once(refresh, f"calls.refresh:{call.id}", call_id=call.id)
        call.ask_at = min(filter(None, (call.ask_at, clock.now() + ASK_SOON)))
    else:
        move_forward(call, execution)
    return Handled(DeliveryState.DONE)


def move_forward(call: CallLog, execution: Execution) -> bool:
    """Take the status unless the call is further already; a word that we do not know is kept.

    Where Bolna has dialled once more by itself (`retry_count` grew), it begins anew.
    """
    if _is_old(call, execution):
        return False
    rank = wire.rank_of(execution.status)
    if execution.retry_count > call.retry_count:
        call.retry_count, call.rank = execution.retry_count, 0
    call.rank = call.rank if rank is None else rank
    call.status, call.status_at = execution.status, clock.now()
    return True


@queue.task(name="calls.refresh", queue=DEFAULT)
def refresh(call_id: int) -> None:
    """Read one call at Bolna, and take what it says."""
    call = db.session.get(CallLog, call_id)
    execution_id = call.execution_id if call else None
    db.session.rollback()
    if execution_id is None:
        return
    try:
        execution = BolnaClient.current().get(execution_id)
    except Refused as refusal:
        if refusal.status == 404:
            transaction(_lose, call_id, "Bolna does not know this call any more.")
        return
    except ProviderError as error:
        log.info("calls.not_read", call=call_id, reason=error.reason)
        return  # the sweep asks again
    transaction(take, call_id, execution)


def take(call_id: int, execution: Execution) -> None:
    """Write what Bolna has answered about a call; its end is told once. The caller commits."""
    call = db.session.get_one(CallLog, call_id, with_for_update={"of": CallLog})
    move_forward(call, execution)
    if not execution.is_terminal or call.status != execution.status:
        return
    call.seconds, call.is_voicemail = execution.seconds, execution.is_voicemail
    call.cost_micros = execution.cost_micros
    call.problem = execution.error or None
    call.hangup_by, call.hangup_reason = execution.hangup_by or None, execution.hangup_reason
    call.transcript = execution.transcript[:LONGEST_TRANSCRIPT] or None
    call.is_transcript_cut = len(execution.transcript) > LONGEST_TRANSCRIPT
    call.ask_at = call.lost_at = None
    if execution.recording_url:
        request_recording(call, execution.recording_url)
    if call.ended_at is None:
        call.ended_at = clock.now()
        _record_end(call)


@queue.periodic(cron="* * * * *")
@queue.task(name="calls.sweep", queue=SWEEPS, queueing_lock="calls.sweep", lock=PROVIDER_SWEEPS)
def sweep(timestamp: int) -> None:
    """Ask about calls that should be over, or whose end could not be read."""
    for call_id in within_time_slice(transaction(_take_due)):
        refresh(call_id)


def _take_due() -> Sequence[int]:
    now = clock.now()
    due = db.session.scalars(
        select(CallLog)
        .where(CallLog.ask_at <= now)
        .order_by(CallLog.ask_at)
        .limit(AT_A_TIME)
        .with_for_update(skip_locked=True, of=CallLog)
    ).all()
    for call in due:
        call.ask_at = now + ASK_AGAIN
        if (call.status_at or call.created_at) < now - GIVE_UP:
            _mark_lost(call, "Bolna has not told for a day how it ended.")
    return [call.id for call in due]


def _lose(call_id: int, why: str) -> None:
    _mark_lost(db.session.get_one(CallLog, call_id, with_for_update={"of": CallLog}), why)


def _mark_lost(call: CallLog, why: str) -> None:
    if call.ended_at is None and call.lost_at is None:
        call.lost_at, call.problem = clock.now(), why
    call.ask_at = None


def _find(execution: Execution) -> CallLog | None:
    """The call, locked after its effect; a post that names the effect settles an uncertain one."""
    is_it = CallLog.execution_id == execution.id
    if execution.effect_id.isdecimal() and len(execution.effect_id) < 19:
        is_it |= CallLog.effect_id == int(execution.effect_id)
    row = db.session.execute(select(CallLog.id, CallLog.effect_id).where(is_it)).first()
    if row is None:
        return None
    effect = db.session.get_one(Effect, row.effect_id, with_for_update=True, populate_existing=True)
    doubtful = effect.state == State.PLANNED and effect.doubtful
    if effect.state == State.UNCERTAIN or doubtful:
        accept(effect, execution.id)
    call = db.session.get_one(
        CallLog, row.id, with_for_update={"of": CallLog}, populate_existing=True
    )
    return call if call.execution_id is not None else None


def _is_old(call: CallLog, execution: Execution) -> bool:
    """Whether the call is further than that already."""
    if execution.retry_count != call.retry_count:
        return execution.retry_count < call.retry_count
    rank = wire.rank_of(execution.status)
    if rank is None:
        return call.rank >= wire.RANKS[wire.COMPLETED] or call.ended_at is not None
    return rank < call.rank


def _record_end(call: CallLog) -> None:
    person = db.session.get_one(Person, call.person_id)
    record(
        "call_ended",
        by="Bolna",
        on=call,
        person_id=person.id,
        person=person.name,
        status=call.status,
        seconds=call.seconds,
        is_voicemail=call.is_voicemail,
        problem=call.problem,
    )
    if call.status in UNREACHED:
        call_again(call)
