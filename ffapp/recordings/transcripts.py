"""Transcripts: wanted when Zoom has one, fetched once by a job, kept as text to be searched."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import timedelta

from psycopg.errors import ProgramLimitExceeded
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, OperationalError

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.jobs import PROVIDER_SWEEPS, SWEEPS, defer_once, queue, within_time_slice
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.people.models import Person
from ffapp.providers.zoom.client import ZoomClient
from ffapp.recordings.models import LANGUAGE, Recording, Transcript, TranscriptState
from ffapp.recordings.vtt import NotATranscript, paragraphs

FILE_TYPE = "TRANSCRIPT"
FAILED, ERASED = TranscriptState.FAILED, TranscriptState.ERASED
TRIES = 12  # with waits of up to six hours: about two days
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=6)
NOT_LISTED = "Zoom does not list the transcript any more."


def request_transcripts(session: ClassSession) -> None:
    """Have each transcript of the class that is not known yet fetched; the caller commits."""
    recordings = session.recordings
    files = [each.id for each in recordings if each.file_type == FILE_TYPE and each.is_available]
    if not files:
        return
    rows = [{"recording_id": id_, "state": TranscriptState.WANTED} for id_ in files]
    values = [{**row, "due_at": clock.now(), "tries": 0, "lines": []} for row in rows]
    statement = insert(Transcript).values(values)
    added = db.session.scalars(
        statement.on_conflict_do_nothing(index_elements=["recording_id"]).returning(Transcript.id)
    ).all()
    if added:
        _ring()


def retry_transcript(transcript: Transcript, by: Person) -> None:
    """Try once more to fetch one that could not be; the caller commits."""
    db.session.refresh(transcript, with_for_update=True)
    if transcript.state == TranscriptState.FAILED:
        _arm([transcript.recording_id], f"{by.name} asked for another try.")


def restore_transcripts(files: Sequence[Recording]) -> None:
    """The files are at Zoom: what could not be fetched meanwhile, or was erased, is tried anew."""
    back = [each.id for each in files]
    _arm(back, "The file was brought back at Zoom.", states=(FAILED, ERASED))


def of_class(session: ClassSession) -> dict[int, Transcript]:
    """Recording id → its transcript."""
    rows = db.session.scalars(
        select(Transcript)
        .join(Recording, Recording.id == Transcript.recording_id)
        .where(Recording.session_id == session.id)
    )
    return {row.recording_id: row for row in rows}


def erase_transcripts(files: Sequence[Recording]) -> None:
    """What Zoom has deleted for good, we do not keep either."""
    db.session.execute(
        update(Transcript)
        .where(Transcript.recording_id.in_([each.id for each in files]))
        .values(
            state=TranscriptState.ERASED,
            reason="Zoom has deleted it for good.",
            vtt=None,
            lines=[],
            words=None,
        )
    )


@queue.periodic(cron="* * * * *")
@queue.task(
    name="recordings.fetch_transcripts",
    queue=SWEEPS,
    lock=PROVIDER_SWEEPS,
    queueing_lock="recordings.transcripts",
)
def fetch_transcripts(timestamp: int) -> None:
    """Fetch each transcript that is due; one that cannot be had does not stop the others."""
    for transcript_id, uuid, file_id in within_time_slice(transaction(_due)):
        try:
            text = _text_of(uuid, file_id)
            lines = [list(astuple(each)) for each in paragraphs(text)]
        except ProviderError as error:
            transaction(_wait, transcript_id, error)
        except NotATranscript as error:
            transaction(_fail, transcript_id, f"Zoom's transcript cannot be read ({error}).")
        else:
            _try_to_keep(transcript_id, text, lines)


def _try_to_keep(transcript_id: int, text: str, lines: list[list[object]]) -> None:
    """What the database does not take, as a text too long to be searched, stops no other."""
    try:
        transaction(_keep, transcript_id, text, lines)
    except DBAPIError as error:
        is_too_long = isinstance(error.orig, ProgramLimitExceeded)
        if isinstance(error, OperationalError) and not is_too_long:
            raise  # the database went away; nothing is wrong with the text
        why = "it is too long" if is_too_long else "it holds what no text may hold"
        transaction(_fail, transcript_id, f"Zoom's transcript cannot be kept: {why}.")


def _arm(
    recording_ids: Sequence[int], why: str, states: Sequence[TranscriptState] = (FAILED,)
) -> None:
    """Let those in one of these states be fetched."""
    armed = db.session.execute(
        update(Transcript)
        .where(Transcript.recording_id.in_(recording_ids), Transcript.state.in_(states))
        .values(state=TranscriptState.WANTED, reason=why, tries=0, due_at=clock.now())
    )
    if armed.rowcount:
        _ring()


def _text_of(uuid: str, file_id: str) -> str:
    """The file as Zoom has it now: addresses from posts and lists of another day may be dead."""
    found = ZoomClient.current().recordings_of_meeting(uuid)
    files = found.recording_files if found else []
    urls = [each.download_url for each in files if each.id == file_id and each.download_url]
    if not urls:
        raise _NotListed(NOT_LISTED)
    return ZoomClient.current().read_file(urls[0])


class _NotListed(ProviderError):
    """It may come yet, as Zoom answers the same while it is working."""


def _due() -> list[tuple[int, str, str]]:
    rows = db.session.execute(
        select(Transcript.id, Recording.meeting_uuid, Recording.file_id)
        .join(Recording, Recording.id == Transcript.recording_id)
        .where(Transcript.state == TranscriptState.WANTED, Transcript.due_at <= clock.now())
        .order_by(Transcript.due_at, Transcript.id)
    )
    return [(row.id, row.meeting_uuid, row.file_id) for row in rows]


def _keep(transcript_id: int, text: str, lines: list[list[object]]) -> None:
    transcript = _wanted(transcript_id)
    if transcript is None:
        return
    spoken = " ".join(str(words) for _, _, words in lines)
    transcript.state, transcript.reason, transcript.due_at = TranscriptState.READY, None, None
    transcript.vtt, transcript.lines = text.replace("\0", ""), lines
    transcript.words = db.session.scalar(select(func.to_tsvector(LANGUAGE, spoken)))
    transcript.fetched_at = clock.now()


def _wait(transcript_id: int, error: ProviderError) -> None:
    transcript = _wanted(transcript_id)
    if transcript is None:
        return
    transcript.tries += 1
    if isinstance(error, Refused) or transcript.tries >= TRIES:
        _give_up(transcript, error.reason)
    else:
        wait = min(FIRST_WAIT * 2 ** (transcript.tries - 1), LONGEST_WAIT)
        transcript.reason, transcript.due_at = error.reason, clock.now() + wait


def _fail(transcript_id: int, reason: str) -> None:
    transcript = _wanted(transcript_id)
    if transcript is not None:
        _give_up(transcript, reason)


def _give_up(transcript: Transcript, reason: str) -> None:
    transcript.state, transcript.reason = TranscriptState.FAILED, reason
    transcript.due_at = None


def _wanted(transcript_id: int) -> Transcript | None:
    """The row, held; None when somebody was quicker, or it was deleted at Zoom meanwhile."""
    row = db.session.get_one(
        Transcript, transcript_id, with_for_update=True, populate_existing=True
    )
    return row if row.state == TranscriptState.WANTED else None


def _ring() -> None:
    defer_once(fetch_transcripts, "recordings.transcripts", timestamp=0)
