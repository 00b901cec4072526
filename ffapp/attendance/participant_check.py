"""Ask Zoom after a class for the list of its participants: what a lost webhook did not tell.

A class is asked about ten minutes after its end, when Zoom has counted, and again until a day
later, as Zoom completes its lists.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Interval, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from ffapp.attendance import participant_sessions
from ffapp.attendance.models import ParticipantCheck
from ffapp.classes import phase, queries
from ffapp.classes.models import ClassSession, lock_class
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.jobs import DEFAULT, PROVIDER_SWEEPS, SWEEPS, defer_once, queue, within_time_slice
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.providers.zoom.client import ZoomClient
from ffapp.providers.zoom.errors import means
from ffapp.providers.zoom.sentences import MEETING_GONE

AFTER_THE_END = tuple(timedelta(minutes=each) for each in (10, 60, 6 * 60, 24 * 60))
OLDEST = timedelta(days=7)  # a class whose end the worker, who was away, notices later is left out
# While Zoom does not answer it is asked again, until so long after the end.
AGAIN, AT_MOST = timedelta(minutes=30), timedelta(hours=48)
NOT_COUNTED = MEETING_GONE  # Zoom says the same of a past meeting that it has not counted yet


def check_due() -> int:
    """Ask about each class that is due; answers how many were asked about."""
    transaction(_schedule_checks, clock.now())
    asked = 0
    for session_id in within_time_slice(transaction(_due, clock.now())):
        transaction(_put_off, session_id)  # so that one which breaks does not stop the others
        check(session_id)
        asked += 1
    return asked


def check(session_id: int) -> None:
    """Ask Zoom who was in the class, one meeting at a time, and store what it lists.

    A meeting of which Zoom cannot tell stops no other.
    """
    listed, problems = 0, list[str]()
    try:
        client = ZoomClient.current()
        known, meeting_ids = transaction(_known_meetings, session_id)
        named = [each.uuid for id_ in meeting_ids for each in client.past_instances(id_)]
        for uuid in dict.fromkeys([*named, *known]):
            try:
                listed += _store_list(session_id, uuid, client)
            except Refused as refusal:
                # What we know may be a name that Zoom gave the meeting before it was held.
                if uuid in named or not named or not means(refusal, NOT_COUNTED):
                    problems.append(_why(refusal))
    except ProviderError as error:
        problems.append(_why(error))
    transaction(_record_answer, session_id, listed, next(iter(problems), None))


def ask_for_participants(session: ClassSession) -> None:
    """Have Zoom asked now who was in the class; the caller commits."""
    over_at = phase.ended_at(session)
    row = insert(ParticipantCheck).values(
        session_id=session.id, over_at=over_at, due_at=over_at + AFTER_THE_END[0], listed=0
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=["session_id"]))
    defer_once(check_participants_now, f"participants:{session.id}", session_id=session.id)


def check_of(session: ClassSession) -> ParticipantCheck | None:
    """When the class was asked about last, and when it will be again."""
    return db.session.scalar(select(ParticipantCheck).filter_by(session_id=session.id))


def _schedule_checks(now: datetime) -> None:
    """Schedule the checks of classes that are over; those of one that went on begin anew."""
    over_at = func.coalesce(ClassSession.ended_at, ClassSession.ends_at)
    first = over_at + literal(AFTER_THE_END[0], Interval())
    over = select(ClassSession.id, over_at, first, literal(0)).where(
        ClassSession.zoom_meeting_id.is_not(None),
        ClassSession.cancelled_at.is_(None),
        queries.over(now),
        over_at > now - OLDEST,
    )
    row = insert(ParticipantCheck).from_select(["session_id", "over_at", "due_at", "listed"], over)
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["session_id"],
            set_={"over_at": row.excluded.over_at, "due_at": row.excluded.due_at},
            where=ParticipantCheck.over_at < row.excluded.over_at,
        )
    )


def _due(now: datetime) -> Sequence[int]:
    return db.session.scalars(
        select(ParticipantCheck.session_id)
        .where(ParticipantCheck.due_at <= now)
        .order_by(ParticipantCheck.due_at)
    ).all()


def _put_off(session_id: int) -> None:
    later = update(ParticipantCheck).values(due_at=clock.now() + AGAIN)
    db.session.execute(later.where(ParticipantCheck.session_id == session_id))


def _known_meetings(session_id: int) -> tuple[list[str], list[int]]:
    """The UUIDs of the class's meetings that we know, and all meeting numbers that it had."""
    session = db.session.get_one(ClassSession, session_id)
    return [each.zoom_uuid for each in session.instances], queries.meeting_ids(session)


def _store_list(session_id: int, uuid: str, client: ZoomClient) -> int:
    told = list(client.past_participants(uuid))

    def store() -> int:
        return participant_sessions.record_list(lock_class(session_id), uuid, told)

    return transaction(store)


def _why(error: ProviderError) -> str:
    not_yet = isinstance(error, Refused) and means(error, NOT_COUNTED)
    return "Zoom has not counted its participants yet." if not_yet else error.reason


def _record_answer(session_id: int, listed: int, problem: str | None) -> None:
    row = db.session.scalars(
        select(ParticipantCheck).filter_by(session_id=session_id).with_for_update()
    ).one()
    now = clock.now()
    ahead = [row.over_at + each for each in AFTER_THE_END if row.over_at + each > now]
    row.asked_at, row.problem = now, problem
    row.due_at = min(ahead, default=None)
    if problem is not None and now + AGAIN < row.over_at + AT_MOST:
        row.due_at = min([now + AGAIN, *ahead])
    if problem is None:
        row.listed = listed


@queue.periodic(cron="*/5 * * * *")
@queue.task(
    name="attendance.check_participants",
    queue=SWEEPS,
    lock=PROVIDER_SWEEPS,
    queueing_lock="attendance.check_participants",
)
def check_participants(timestamp: int) -> None:
    """Ask Zoom who was in the classes that are over: its webhooks may have told too little."""
    check_due()


@queue.task(name="attendance.check_participants_now", queue=DEFAULT)
def check_participants_now(session_id: int) -> None:
    """The same of one class, because somebody asked."""
    check(session_id)
