"""What Zoom posts to our webhook: the envelope, who joined or left, what somebody has changed.

A post about a changed meeting names only the parts that have changed, in `object` as they are and
in `old_object` as they were.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field, model_validator

from ffapp.providers.kit.webhooks import instant_of
from ffapp.providers.zoom.wire import Instant, Received, Text, effect_id_of


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
    leave_reason: str = ""


class EventObject(Received):
    """`payload.object` of an event; `id` is a string in some events and a number in others."""

    id: int | None = None
    uuid: str = ""
    host_id: str = ""
    topic: str = ""
    start_time: Instant = None
    end_time: Instant = None
    participant: Participant | None = None


class EventPayload(Received):
    account_id: str = ""
    object: EventObject = EventObject()


class Envelope(Received):
    """The body of a webhook; `event_ts` counts milliseconds."""

    event: str
    event_ts: int = Field(default=0, ge=0, lt=10**14)
    payload: EventPayload = EventPayload()

    @property
    def at(self) -> datetime | None:
        return instant_of(self.event_ts, 1000) if self.event_ts else None


NOT_PARTS = frozenset(
    {"id", "uuid", "host_id", "host_email", "type", "timezone", "creation_source"}
)


class Parts(Received):
    """The parts of a meeting that a post names; what is not there is None.

    `names` are all that are named, also those that we have no field for; what stands in these
    (passcodes, links) is not kept.
    """

    names: frozenset[str] = frozenset()
    topic: str | None = None
    start_time: Instant = None
    duration: int | None = None  # minutes
    agenda: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_names(cls, data: Any) -> Any:
        return {**data, "names": set(data) - NOT_PARTS} if isinstance(data, dict) else data


class Changed(Received):
    """The payload of a change."""

    operator: Text = ""
    operation: Text = ""
    time_stamp: int = Field(default=0, ge=0, lt=10**14)  # milliseconds
    object: Parts = Parts()
    old_object: Parts = Parts()

    @property
    def at(self) -> datetime | None:
        """When it was changed at Zoom, where the post says so."""
        return instant_of(self.time_stamp, 1000) if self.time_stamp else None

    @property
    def effect_id(self) -> str | None:
        """The effect of ours that made this change: each writes its own marker into the agenda.

        A host who changes the agenda by hand leaves the marker as it was.
        """
        marker = effect_id_of(self.object.agenda)
        return None if marker == effect_id_of(self.old_object.agenda) else marker

    @property
    def is_of_one_occurrence(self) -> bool:
        """Whether it is about one day of a series, and the meeting itself is as it was."""
        named = "occurrences" in self.object.names or "occurrence_id" in self.object.names
        return named and self.operation != "all"


@dataclass(frozen=True)
class Batch:
    """One held meeting in a post about many recordings; without `file_ids` it means all of its."""

    uuid: str
    file_ids: tuple[str, ...] = ()


class _File(Received):
    recording_file_id: Text = ""


class _Held(Received):
    meeting_uuid: str = ""
    recording_files: list[_File] = []


class Batched(Received):
    """`payload.object` of such a post. unconfirmed: both shapes were seen in receivers' code."""

    meetings: list[_Held] = []
    meeting_uuids: list[str] = []

    @property
    def recordings(self) -> tuple[Batch, ...]:
        named = [
            Batch(each.meeting_uuid, tuple(file.recording_file_id for file in each.recording_files))
            for each in self.meetings
            if each.meeting_uuid
        ]
        return (*named, *(Batch(uuid) for uuid in self.meeting_uuids))
