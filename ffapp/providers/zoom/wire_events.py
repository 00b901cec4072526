"""What Zoom posts to our webhook: the envelope, who joined or left, what somebody has changed.

A post about a changed meeting names what has changed in `object` as it is and in `old_object` as it
was. What a meeting is now, is read from Zoom, and not from there.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from ffapp.providers.kit.webhooks import instant_of
from ffapp.providers.zoom.wire import Instant, Received, Text, effect_id_of

MOST = 1000  # of anything in one post


class Participant(Received):
    """Who joined or left. Guests have no `id` and no `email`; each join has a new `user_id`."""

    user_id: Text = ""
    user_name: Text = ""
    id: Text = ""
    email: Text = ""
    participant_uuid: Text = ""
    registrant_id: Text = ""
    join_time: Instant = None
    leave_time: Instant = None


@dataclass(frozen=True)
class Batch:
    """One held meeting in a post about many recordings; without `file_ids` it means all of its."""

    uuid: str
    file_ids: tuple[str, ...] = ()


class _File(Received):
    id: Text = ""
    recording_file_id: Text = ""  # what posts about many recordings call it


class _Held(Received):
    meeting_uuid: str = ""
    recording_files: list[_File] = []


class _OldObject(Received):
    agenda: str | None = None


class EventObject(_OldObject):
    """`payload.object` of an event; `id` is a string in some events and a number in others.

    unconfirmed: `meetings` and `meeting_uuids` were both seen in receivers' code.
    """

    id: int | None = None
    uuid: str = ""
    host_id: str = ""
    start_time: Instant = None
    end_time: Instant = None
    participant: Participant | None = None
    recording_files: list[_File] = Field(default=[], max_length=MOST)
    meetings: list[_Held] = Field(default=[], max_length=MOST)
    meeting_uuids: list[str] = Field(default=[], max_length=MOST)

    @property
    def batch(self) -> tuple[Batch, ...]:
        named = [
            Batch(each.meeting_uuid, tuple(file.recording_file_id for file in each.recording_files))
            for each in self.meetings
            if each.meeting_uuid
        ]
        return (*named, *(Batch(uuid) for uuid in self.meeting_uuids))


class EventPayload(Received):
    operator: Text = ""
    object: EventObject = EventObject()
    old_object: _OldObject = _OldObject()

    @property
    def effect_id(self) -> str | None:
        """The effect of ours that made this change: each writes its own marker into the agenda.

        A host who changes the agenda by hand leaves the marker as it was.
        """
        marker = effect_id_of(self.object.agenda)
        return None if marker == effect_id_of(self.old_object.agenda) else marker


class Envelope(Received):
    """The body of a webhook; `event_ts` counts milliseconds."""

    event: str
    event_ts: int = Field(default=0, ge=0, lt=10**14)
    payload: EventPayload = EventPayload()

    @property
    def at(self) -> datetime | None:
        return instant_of(self.event_ts, 1000) if self.event_ts else None
