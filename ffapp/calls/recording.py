"""Recordings of calls: fetched from Bolna once and kept, so that they play without Bolna."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ffapp.calls.models import CallLog, CallRecording
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.events import record
from ffapp.core.jobs import DEFAULT, PROVIDER_SWEEPS, SWEEPS, defer_once, queue, within_time_slice
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.people.models import Person
from ffapp.providers.bolna.client import BolnaClient

AGAIN = timedelta(minutes=10)
GIVE_UP = timedelta(days=1)  # then Bolna's link has ended
AT_A_TIME = 20


def request_recording(call: CallLog, url: str) -> None:
    """Have the recording fetched, unless it is here; the caller commits."""
    if recording_of(call) is not None:
        return
    call.recording_url, call.recording_due_at = url, clock.now()
    defer_once(fetch, f"calls.fetch:{call.id}", call_id=call.id)


def recording_of(call: CallLog) -> CallRecording | None:
    return db.session.scalar(select(CallRecording).where(CallRecording.call_id == call.id))


def note_play(call: CallLog, by: Person) -> None:
    """Write down that somebody listens; the caller commits."""
    person = db.session.get_one(Person, call.person_id)
    record("call_recording_played", by=by, on=call, person_id=person.id, person=person.name)


@queue.task(name="calls.fetch", queue=DEFAULT)
def fetch(call_id: int) -> None:
    """Fetch one recording and keep it."""
    call = db.session.get(CallLog, call_id)
    url = call.recording_url if call and call.recording_due_at else None
    db.session.rollback()
    if not url:
        return
    try:
        content, mimetype = BolnaClient.current().recording(url)
    except Refused as refusal:
        transaction(_give_up, call_id, refusal.reason)
    except ProviderError as error:
        transaction(_later, call_id, error.reason)
    else:
        transaction(_keep, call_id, content, mimetype)


@queue.periodic(cron="* * * * *")
@queue.task(
    name="calls.fetch_due", queue=SWEEPS, queueing_lock="calls.fetch_due", lock=PROVIDER_SWEEPS
)
def fetch_due(timestamp: int) -> None:
    """Fetch what could not be fetched before, or whose job was lost."""
    for call_id in within_time_slice(transaction(_due)):
        fetch(call_id)


def _due() -> Sequence[int]:
    return db.session.scalars(
        select(CallLog.id)
        .where(CallLog.recording_due_at < clock.now() - timedelta(seconds=30))
        .order_by(CallLog.recording_due_at)
        .limit(AT_A_TIME)
    ).all()


def _keep(call_id: int, content: bytes, mimetype: str) -> None:
    call = db.session.get_one(CallLog, call_id, with_for_update={"of": CallLog})
    row = insert(CallRecording).values(
        call_id=call_id, mimetype=mimetype, content=content, fetched_at=clock.now()
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["call_id"]))
    call.recording_due_at = call.recording_problem = None


def _later(call_id: int, why: str) -> None:
    call = db.session.get_one(CallLog, call_id, with_for_update={"of": CallLog})
    if (call.ended_at or call.created_at) < clock.now() - GIVE_UP:
        call.recording_due_at, call.recording_problem = None, why
    else:
        call.recording_due_at, call.recording_problem = clock.now() + AGAIN, why


def _give_up(call_id: int, why: str) -> None:
    call = db.session.get_one(CallLog, call_id, with_for_update={"of": CallLog})
    call.recording_due_at, call.recording_problem = None, why
