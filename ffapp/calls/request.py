"""Asking for calls: to one person at once, to many after a minute, and again where nobody answers.

There is one ladder of tries, and it is ours: each try passes the ledger's gate and calling hours.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import select

from ffapp.calls.models import MOST_TRIES, CallLog
from ffapp.calls.states import people_in_calls
from ffapp.core import clock, runs
from ffapp.core.db import FieldError, db, is_among
from ffapp.core.events import Event, record
from ffapp.core.runs import Run
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch
from ffapp.ledger.plan import plan
from ffapp.people.consent import Purpose, agreed_to
from ffapp.people.models import Guardian, Person
from ffapp.providers.bolna.settings import STANDARD, BolnaSettings

KIND, RULE, PURPOSE = "call", "call", str(Purpose.CALLS)
RUN, BATCH = "calls", "call"
USEFUL = timedelta(days=3)
AGAIN_AFTER = (timedelta(minutes=30), timedelta(hours=2))  # after the first try, after the second
AT_ONCE = 100  # more calls than these are planned by a run
CHUNK = 100


def scripts() -> list[str]:
    """The names of what can be said, the standard one first."""
    return list(BolnaSettings.current().agents)


def why_not(people: Sequence[Person]) -> dict[int, str]:
    """Person id → why they cannot be called now, to follow their name."""
    ids = [each.id for each in people]
    agreed, busy, numbers = agreed_to(Purpose.CALLS, ids), people_in_calls(ids), _numbers(people)
    found = {}
    for each in people:
        if each.user.is_admin:
            found[each.id] = "is an admin, and only students are called"
        elif each.user.disabled_at is not None:
            found[each.id] = "is disabled"
        elif each.id not in agreed:
            found[each.id] = "has nobody’s consent to calls"
        elif each.id not in numbers:
            found[each.id] = "has no phone number"
        elif each.id in busy:
            found[each.id] = "is being called already"
    return found


def request_call(person: Person, script: str, by: Person) -> CallLog:
    """Call one person as soon as the hours allow it. Raises FieldError where they cannot be."""
    db.session.refresh(person, with_for_update={"of": Person})
    if reason := why_not([person]).get(person.id):
        raise FieldError("script", f"{person.name} {reason}.")
    (call,) = _add([person], script, by)
    event = record("call_requested", by=by, on=call, **_facts(call))
    _plan(call, event)
    return call


def request_calls(people: Sequence[Person], script: str, by: Person) -> Batch:
    """Call many, after a minute in which it can be undone; hundreds are planned by a run."""
    batch = batches.begin(BATCH, by, script=script, count=len(people))
    if len(people) <= AT_ONCE:
        _plan_many(batch, people, script, by)
    else:
        ids = [each.id for each in people]
        facts = {"person_ids": ids, "batch_id": batch.id, "script": script}
        run = runs.start(RUN, by, total=len(ids), **facts)
        batch.facts = {**batch.facts, "run_id": run.id}
    return batch


def plan_by_run(run: Run) -> Iterator[runs.Chunk]:
    """The work of a run: so many people at a time."""
    ids = run.facts["person_ids"]
    for start in range(run.position.get("next", 0), len(ids), CHUNK):
        yield partial(_plan_chunk, start=start)


def _plan_chunk(run: Run, start: int) -> None:
    ids = run.facts["person_ids"][start : start + CHUNK]
    batch = db.session.get_one(Batch, run.facts["batch_id"], with_for_update=True)
    by = db.session.get_one(Person, run.asked_by_id)
    people = db.session.scalars(select(Person).where(is_among(Person.id, ids))).all()
    refused = why_not(people)
    if batch.undone_at is None:
        able = [each for each in people if each.id not in refused]
        _plan_many(batch, able, run.facts["script"], by)
        batch.extend()
    for each in people:
        if each.id in refused:
            run.note_problem(f"{each.name} {refused[each.id]}.")
            run.failed += 1
    run.done += len(ids)
    run.position = {"next": start + CHUNK}


def call_again(call: CallLog) -> CallLog | None:
    """Plan the next try after one that reached nobody; None where those were enough."""
    first_id = call.first_id or call.id
    if call.attempt >= MOST_TRIES:
        record("call_given_up", on=call, **_facts(call), tries=call.attempt, status=call.status)
        return None
    again = CallLog(
        person_id=call.person_id,
        guardian_id=call.guardian_id,
        requested_by_id=call.requested_by_id,
        script=call.script,
        agent_id=call.agent_id,
        attempt=call.attempt + 1,
        first_id=first_id,
        created_at=clock.now(),
    )
    db.session.add(again)
    db.session.flush()
    event = record("call_tried_again", on=again, **_facts(again), status=call.status)
    _plan(again, event, wait=AGAIN_AFTER[call.attempt - 1])
    return again


def _plan_many(batch: Batch, people: Sequence[Person], script: str, by: Person) -> None:
    """Under a lock of the people: two admins who choose the same ones call each once."""
    ids = [each.id for each in people]
    lock = select(Person.id).where(is_among(Person.id, ids)).order_by(Person.id)
    db.session.execute(lock.with_for_update(of=Person))
    busy = people_in_calls(ids)
    for call in _add([each for each in people if each.id not in busy], script, by):
        event = record("call_requested", by=by, on=call, batch_id=batch.key, **_facts(call))
        _plan(call, event)


def _add(people: Sequence[Person], script: str, by: Person) -> list[CallLog]:
    agents, numbers = BolnaSettings.current().agents, _numbers(people)
    name = script if script in agents else STANDARD
    calls = [
        CallLog(
            person_id=each.id,
            guardian_id=numbers.get(each.id),
            requested_by_id=by.id,
            script=name,
            agent_id=agents[name],
            created_at=clock.now(),
        )
        for each in people
    ]
    db.session.add_all(calls)
    db.session.flush()
    return calls


def _plan(call: CallLog, cause: Event, wait: timedelta = timedelta()) -> None:
    due_at = clock.now() + wait
    (call.effect_id,) = plan(
        f"{RULE}:{call.subject}",
        kind=KIND,
        purpose=PURPOSE,
        subject=call.subject,
        rule=RULE,
        cause=cause,
        people=[call.person_id],
        payload={"guardian_id": call.guardian_id} if call.guardian_id else {},
        due_at=due_at,
        useful_until=due_at + USEFUL,
        serial=f"call:person={call.person_id}",
    )


def _facts(call: CallLog) -> Mapping[str, object]:
    person = db.session.get_one(Person, call.person_id)
    return {"person_id": person.id, "person": person.name, "script": call.script}


def _numbers(people: Sequence[Person]) -> dict[int, int | None]:
    """Person id → None where they have a telephone, else the guardian who is called instead."""
    without = [each.id for each in people if not each.phone]
    rows = db.session.execute(
        select(Guardian.student_id, Guardian.id)
        .where(is_among(Guardian.student_id, without), Guardian.phone.is_not(None))
        .order_by(Guardian.id.desc())
    ).all()
    found: dict[int, int | None] = {row.student_id: row.id for row in rows}
    return found | {each.id: None for each in people if each.phone}
