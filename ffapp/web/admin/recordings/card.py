"""What the page of a class shows of its recordings, in words."""

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
from ffapp.recordings.view_counts import Viewed, viewed
from ffapp.web.recording_kinds import kind_of

# After so long nobody waits for a sync that was asked for: no worker is running.
WAITING = timedelta(minutes=5)


@dataclass(frozen=True)
class File:
    """One file, and what is said about it."""

    recording: Recording
    kind: str
    viewed: Viewed | None
    # Whether it is for people; the timeline and the like are for programs.
    playable: bool
    transcript: Transcript | None


class RecordingCard:
    """The recordings of one class."""

    def __init__(self, session: ClassSession, now: datetime) -> None:
        self.session = session
        self.now = now

    @property
    def state(self) -> str | None:
        return self.session.recording_state

    @cached_property
    def since(self) -> datetime | None:
        """Since when it is in this state."""
        if self.state is None:
            return None
        return self.session.recording_since or phase.ended_at(self.session)

    @property
    def reason(self) -> str | None:
        """Why there is none, or why Zoom could not be asked."""
        return self.session.recording_reason

    @property
    def usual_wait(self) -> timedelta:
        return timedelta(minutes=config.current().recording_ready_minutes)

    @property
    def usually_ready(self) -> datetime:
        """When a recording is usually there."""
        return phase.ended_at(self.session) + self.usual_wait

    @property
    def is_late(self) -> bool:
        return self.usually_ready < self.now

    @cached_property
    def segments(self) -> Sequence[Sequence[File]]:
        views, written = viewed(self.session), transcripts.of_class(self.session)
        return [
            [
                File(
                    each,
                    kind_of(each),
                    views.get(each.id),
                    bool(each.play_url) or each.id in written,
                    written.get(each.id),
                )
                for each in sorted(segment, key=lambda each: (each.file_type != "MP4", each.id))
            ]
            for segment in segments(self.session.recordings)
        ]

    @cached_property
    def sync(self) -> Run | None:
        """The sync that is under way and will ask about this class."""
        return unfinished(sync.KIND, self.session.subject, asked_after=self.now - WAITING)

    @property
    def is_syncing(self) -> bool:
        return self.sync is not None

    @property
    def can_sync(self) -> bool:
        """Whether Zoom has a meeting to be asked about, and it is over or was recorded."""
        return self.session.zoom_meeting_id is not None and self.state is not None
