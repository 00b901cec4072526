"""Transcripts: requested when Zoom has one, fetched once by a job, kept as text to be searched."""

import html
import io
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from ffapp.classes.models import ClassSession
from ffapp.core import clock
from ffapp.core.db import db, transaction
from ffapp.core.jobs import PROVIDER_SWEEPS, SWEEPS, defer_once, queue, within_time_slice
from ffapp.core.outcomes import ProviderError, Refused
from ffapp.people.models import Person
from ffapp.providers.zoom.client import ZoomClient
from ffapp.recordings.models import LANGUAGE, TRANSCRIPT, Recording, Transcript, TranscriptState

if TYPE_CHECKING:
    from webvtt import Caption

FAILED, ERASED = TranscriptState.FAILED, TranscriptState.ERASED
TRIES = 12  # with waits of up to six hours: about two days
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=6)
SEARCHED_CHARACTERS = 200_000  # of the spoken words; Postgres searches in no more than 1 MB
# A paragraph ends where somebody else speaks, where nobody does, and before it gets too long.
LONGEST, SILENCE_SECONDS = 600, 20
# Zoom writes the name before the words of each cue: `Asha Rao: Good evening.`
SPEAKER = re.compile(r"([^\s:][^:]{0,63}): (?=\S)")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff]")


def request_transcripts(session: ClassSession) -> None:
    """Have each transcript of the class that is not known yet fetched; the caller commits."""
    files = [each for each in session.recordings if each.file_type == TRANSCRIPT]
    ids = [each.id for each in files if each.is_available]
    if not ids:
        return
    due = {"state": TranscriptState.WANTED, "due_at": clock.now(), "tries": 0, "lines": []}
    statement = insert(Transcript).values([{**due, "recording_id": id_} for id_ in ids])
    added = statement.on_conflict_do_nothing(index_elements=["recording_id"])
    if db.session.scalars(added.returning(Transcript.id)).all():
        _wake_fetcher()


def retry_transcript(transcript: Transcript, by: Person) -> None:
    """Try once more to fetch one that could not be; the caller commits."""
    _request_again([transcript.recording_id], f"{by.name} asked for another try.", [FAILED])


def restore_transcripts(files: Sequence[Recording]) -> None:
    """The files are back at Zoom: fetch what could not be fetched meanwhile, or was erased."""
    ids = [each.id for each in files]
    _request_again(ids, "The file was brought back at Zoom.", [FAILED, ERASED])


def erase_transcripts(files: Sequence[Recording]) -> None:
    """What Zoom has deleted for good, we do not keep either."""
    reason = "Zoom has deleted it for good."
    db.session.execute(
        update(Transcript)
        .where(Transcript.recording_id.in_([each.id for each in files]))
        .values(state=ERASED, reason=reason, vtt=None, lines=[], words=None)
    )


def of_class(session: ClassSession) -> dict[int, Transcript]:
    """Recording id → its transcript."""
    rows = db.session.scalars(
        select(Transcript)
        .join(Recording, Recording.id == Transcript.recording_id)
        .where(Recording.session_id == session.id)
    )
    return {row.recording_id: row for row in rows}


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
            text = _fetch_text(uuid, file_id)
            lines = [list(astuple(each)) for each in paragraphs(text)]
        except ProviderError as error:
            transaction(_note_failure, transcript_id, error.reason, isinstance(error, Refused))
        except NotATranscript as error:
            reason = f"Zoom's transcript cannot be read ({error})."
            transaction(_note_failure, transcript_id, reason, True)
        else:
            transaction(_keep, transcript_id, text, lines)


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


def _fetch_text(uuid: str, file_id: str) -> str:
    """The file as Zoom has it now: addresses of another day may be dead."""
    client = ZoomClient.current()
    found = client.recordings_of_meeting(uuid)
    for each in found.recording_files if found else []:
        if each.id == file_id and each.download_url:
            return client.read_file(each.download_url)
    raise _NotListed("Zoom does not list the transcript any more.")


def _keep(transcript_id: int, text: str, lines: list[list[object]]) -> None:
    transcript = _lock_wanted(transcript_id)
    if transcript is None:
        return
    spoken = " ".join(str(words) for _, _, words in lines)[:SEARCHED_CHARACTERS]
    transcript.state, transcript.reason, transcript.due_at = TranscriptState.READY, None, None
    transcript.vtt, transcript.lines = text.replace("\0", ""), lines
    transcript.words = db.session.scalar(select(func.to_tsvector(LANGUAGE, spoken)))
    transcript.fetched_at = clock.now()


def _note_failure(transcript_id: int, reason: str, is_final: bool) -> None:
    """Try again later, and give up when that `is_final` or was the last try."""
    transcript = _lock_wanted(transcript_id)
    if transcript is None:
        return
    transcript.tries += 1
    transcript.reason = reason
    if is_final or transcript.tries >= TRIES:
        transcript.state, transcript.due_at = FAILED, None
    else:
        wait = min(FIRST_WAIT * 2 ** (transcript.tries - 1), LONGEST_WAIT)
        transcript.due_at = clock.now() + wait


def _lock_wanted(transcript_id: int) -> Transcript | None:
    """The row, held; None when somebody was quicker, or it was deleted at Zoom meanwhile."""
    row = db.session.get_one(
        Transcript, transcript_id, with_for_update=True, populate_existing=True
    )
    return row if row.state == TranscriptState.WANTED else None


def _request_again(
    recording_ids: Sequence[int], why: str, states: Sequence[TranscriptState]
) -> None:
    armed = db.session.execute(
        update(Transcript)
        .where(Transcript.recording_id.in_(recording_ids), Transcript.state.in_(states))
        .values(state=TranscriptState.WANTED, reason=why, tries=0, due_at=clock.now())
    )
    if armed.rowcount:
        _wake_fetcher()


def _wake_fetcher() -> None:
    defer_once(fetch_transcripts, "recordings.transcripts", timestamp=0)


class NotATranscript(ValueError):
    """The file is not one that can be read."""


@dataclass(frozen=True)
class Paragraph:
    """What one person said from that second of the recording on; `speaker` may be empty."""

    second: int
    speaker: str
    words: str


def paragraphs(text: str) -> list[Paragraph]:
    """A WebVTT file in the order in which it was spoken; raises NotATranscript."""
    import webvtt  # 2 MB of a process, for a job that comes once for each class
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    try:
        captions = webvtt.from_buffer(io.StringIO(text)).captions
    except (MalformedFileError, MalformedCaptionError) as error:
        raise NotATranscript(str(error)) from error
    found: list[Paragraph] = []
    ended = 0
    for caption in captions:
        speaker, words = _spoken(caption)
        if not words:
            continue
        begins = caption.start_in_seconds
        last = found[-1] if found else None
        if last is not None and _goes_on(last, speaker, words, begins - ended):
            found[-1] = Paragraph(last.second, last.speaker, f"{last.words} {words}")
        else:
            found.append(Paragraph(begins, speaker, words))
        ended = caption.end_in_seconds
    return found


def _spoken(caption: "Caption") -> tuple[str, str]:
    """Who speaks, and the words without tags, on one line."""
    text = _on_one_line(caption.text)
    named = SPEAKER.match(text)
    if caption.voice:
        return _on_one_line(caption.voice), text
    return (named.group(1), text[named.end() :]) if named else ("", text)


def _on_one_line(text: str) -> str:
    return " ".join(UNPRINTABLE.sub(" ", html.unescape(text)).split())


def _goes_on(last: Paragraph, speaker: str, words: str, silence: int) -> bool:
    short = len(last.words) + len(words) < LONGEST
    return speaker == last.speaker and short and silence < SILENCE_SECONDS
