"""What Zoom posts to our webhook: the envelope, what it is about, who joined or left."""

from datetime import UTC, datetime, timedelta

from pydantic import Field

from ffapp.providers.zoom.wire import Instant, Received, Text


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
        if not self.event_ts:
            return None
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=self.event_ts)
