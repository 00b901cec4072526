"""What the page of a class shows of its recordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from ffapp.classes import phase
from ffapp.classes.models import ClassSession
from ffapp.core import config
from ffapp.core.runs import Run, unfinished
from ffapp.recordings import sync, transcripts
from ffapp.recordings.files import segments
from ffapp.recordings.models import Recording, Transcript
from ffapp.recordings.views import Viewed, viewed
from ffapp.web.recording_words import kind_of

# After so long nobody waits for a sync that was asked for: no worker is running.
WAITING = timedelta(minutes=5)


@dataclass(frozen=True)
class File:
    """One file, and what is said about it; the timeline and the like are not `playable`."""

    recording: Recording
    kind: str
    viewed: Viewed | None
    playable: bool
    transcript: Transcript | None


class RecordingCard:
    """The recordings of one class; `sync` is the sync under way that asks about it."""

    def __init__(self, session: ClassSession, now: datetime) -> None:
        self.session = session
        self.state = session.recording_state
        self.reason = session.recording_reason
        self.usual_wait = timedelta(minutes=config.current().recording_ready_minutes)
        self.usually_ready = phase.ended_at(session) + self.usual_wait
        self.is_late = self.usually_ready < now
        self.since = session.recording_since or phase.ended_at(session)
        self.sync: Run | None = unfinished(sync.KIND, session.subject, asked_after=now - WAITING)
        # Whether Zoom has a meeting to be asked about, and it is over or was recorded.
        self.can_sync = session.zoom_meeting_id is not None and self.state is not None

    @cached_property
    def segments(self) -> Sequence[Sequence[File]]:
        views, texts = viewed(self.session), transcripts.of_class(self.session)

        def file(each: Recording) -> File:
            text = texts.get(each.id)
            playable = bool(each.play_url) or text is not None
            return File(each, kind_of(each), views.get(each.id), playable, text)

        return [
            [file(each) for each in sorted(part, key=lambda it: (it.file_type != "MP4", it.id))]
            for part in segments(self.session.recordings)
        ]
