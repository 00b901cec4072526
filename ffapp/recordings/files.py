"""The files of a recording: which students may see, and how they make up the class."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from ffapp.classes.models import ClassSession, lock_class
from ffapp.core.db import db
from ffapp.core.events import record
from ffapp.ledger import batches
from ffapp.ledger.batches import Batch, CannotUndo, Undone
from ffapp.people.models import Person
from ffapp.recordings.models import Recording
from ffapp.recordings.recording_state import note_complete, update_state

VISIBILITY = "recording"


def set_visible(recording: Recording, visible: bool, by: Person) -> Batch | None:
    """Let students see the file, or not; it can be undone for a minute. None: it was so before."""
    lock_class(recording.session_id)
    db.session.refresh(recording)
    is_video = recording.file_type == "MP4"  # what belongs to one goes with it
    if recording.visible is visible or (is_video and recording.is_shown is visible):
        return None
    facts = {"class_id": recording.session_id, "recording_id": recording.id}
    facts |= {"visible": visible, "before": recording.visible}
    batch = batches.begin(VISIBILITY, by, subjects=[recording.session.subject], **facts)
    _show(recording, visible, by, batch_id=batch.key)
    return batch


def undo_visibility(batch: Batch, by: Person) -> Undone:
    """Show it again, or hide it again; raises CannotUndo, or TooLate where somebody was told."""
    lock_class(batch.facts["class_id"])
    recording = db.session.get_one(Recording, batch.facts["recording_id"], populate_existing=True)
    if recording.visible is not batch.facts["visible"]:
        raise CannotUndo("It was changed again, so it cannot be undone")
    batches.cancel_all_effects(batch, by)
    _show(recording, batch.facts.get("before", not recording.visible), by)
    return Undone(1, 0)


def _show(recording: Recording, visible: bool | None, by: Person, **batch: str) -> None:
    recording.visible = visible
    db.session.flush()
    update_state(recording.session)
    if recording.is_shown:
        note_complete(recording.session)  # the event tells of it
    name = "recording_published" if recording.is_shown else "recording_unpublished"
    record(name, by=by, on=recording.session, recording_id=recording.id, **batch)


def segments(recordings: Sequence[Recording]) -> list[list[Recording]]:
    """The files of a class by segment, in the order in which they were recorded."""
    found: dict[tuple[str, datetime], list[Recording]] = {}
    for each in sorted(recordings, key=lambda each: (each.starts_at, each.id)):
        found.setdefault((each.meeting_uuid, each.starts_at), []).append(each)
    return list(found.values())


def file_counts(sessions: Sequence[ClassSession]) -> dict[int, int]:
    """Class id → how many files its recording has."""
    rows = db.session.execute(
        select(Recording.session_id, func.count())
        .where(Recording.session_id.in_([each.id for each in sessions]))
        .group_by(Recording.session_id)
    )
    return {row[0]: row[1] for row in rows}
