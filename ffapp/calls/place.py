"""How the ledger places a call: one request to Bolna for each person, never repeated blindly.

Bolna has no idempotency key. Our effect's id travels in `user_data`; a call whose answer was lost
is looked for in Bolna's list by it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ffapp.calls.models import CallLog
from ffapp.core import clock
from ffapp.core.db import db, is_among, transaction
from ffapp.core.outcomes import Accepted, Outcome
from ffapp.ledger.handlers import Absent, EffectHandler, Prepared
from ffapp.ledger.models import Effect
from ffapp.messaging.recipients import recipients_of
from ffapp.people.models import Person
from ffapp.providers.bolna import wire
from ffapp.providers.bolna.client import BolnaClient, CallRequest
from ffapp.webhooks import inbox

# A call whose answer was late is in Bolna's list long before that, and nobody waits for a call.
VISIBLE_AFTER = timedelta(seconds=30)
ASK_AFTER = timedelta(minutes=15)  # a call that is not over by then is asked about
BEFORE = timedelta(minutes=10)  # clocks differ


def handler() -> EffectHandler:
    return EffectHandler(
        kind="call",
        provider="Bolna",
        prepare=_prepare,
        call=_call,
        record=_record,
        ask=_ask,
        names_others=True,
        visibility_lag=VISIBLE_AFTER,
    )


def match_key(execution_id: str) -> str:
    """What a webhook waits for that came before our own outcome was written."""
    return f"bolna:execution={execution_id}"


def find_executions(effect: Effect) -> list[wire.Execution]:
    """What Bolna has called for this effect, oldest first. Raises Refused or Unavailable."""
    request, since = transaction(_sent, effect)
    return BolnaClient.current().find(request, since, clock.now() + BEFORE)


def _prepare(effects: Sequence[Effect]) -> Mapping[int, dict[str, Any] | str]:
    requests = _requests(effects)
    return {
        effect.id: {"request": requests[effect.id]}
        if effect.id in requests
        else "No phone number is known any more."
        for effect in effects
    }


def _requests(effects: Sequence[Effect]) -> dict[int, CallRequest]:
    """Effect id → what is asked of Bolna; without those who have no telephone any more."""
    recipients = recipients_of(effects)
    ids = [each.id for each in effects]
    calls = db.session.execute(
        select(CallLog, Person)
        .join(Person, Person.id == CallLog.person_id)
        .where(is_among(CallLog.effect_id, ids))
    )
    found = {}
    for call, person in calls:
        to = recipients.get(call.effect_id)
        if to is None or to.phone is None:
            continue
        variables = {
            "callee_name": to.first_name,
            "student_name": person.first_name,
            "script": call.script,
        }
        found[call.effect_id] = CallRequest(call.agent_id, to.phone, str(call.effect_id), variables)
    return found


def _call(prepared: Sequence[Prepared]) -> Mapping[int, Outcome]:
    (each,) = prepared
    execution_id = BolnaClient.current().place(each.content["request"])
    return {each.effect_id: Accepted(execution_id, {"phone": each.content["request"].phone})}


def _record(rows: Sequence[tuple[Effect, Prepared | None, Outcome]]) -> None:
    for effect, _, outcome in rows:
        if not isinstance(outcome, Accepted) or not outcome.reference:
            continue
        key = match_key(outcome.reference)
        inbox.hold(key)
        call = db.session.scalar(
            select(CallLog)
            .where(CallLog.effect_id == effect.id)
            .with_for_update(of=CallLog)
            .execution_options(populate_existing=True)
        )
        if call is not None and call.execution_id is None:
            call.execution_id = outcome.reference
            call.phone = outcome.facts.get("phone") or _phone_of(effect)
            call.status, call.rank = wire.QUEUED, wire.RANKS[wire.QUEUED]
            call.status_at = clock.now()
            call.ask_at = clock.now() + ASK_AFTER
        db.session.flush()
        inbox.release([key])


def _ask(effect: Effect) -> Outcome | Absent:
    found = find_executions(effect)
    return Accepted(found[0].id, {"phone": found[0].phone}) if found else Absent()


def _sent(effect: Effect) -> tuple[CallRequest, datetime]:
    """What was asked of Bolna, and since when."""
    requests = _requests([effect])
    call = db.session.scalar(select(CallLog).where(CallLog.effect_id == effect.id))
    assert call is not None
    request = requests.get(effect.id) or CallRequest(call.agent_id, "", str(effect.id), {})
    return request, max(effect.planned_at, clock.now() - timedelta(days=6)) - BEFORE


def _phone_of(effect: Effect) -> str | None:
    request = _requests([effect]).get(effect.id)
    return request.phone if request else None
