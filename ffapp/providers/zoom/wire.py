"""What Zoom and we say to each other: bodies, paths, signatures, limits.

The client, the webhook and the simulator meet here (and in `wire_events` and `wire_people`)
and nowhere else. What we send forbids unknown fields; of what we receive, unknown fields are
ignored and nulls count as absent, because Zoom's plans and years differ in what they send.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from ffapp.providers.kit.webhooks import LARGEST, in_reach

TOPIC_LENGTH = 200
AGENDA_LENGTH = 2000
AGENDA_LENGTH_IN_LISTS = 250
PAGE_SIZE = 300  # the largest page that lists of meetings and recordings give
CHANGES_PER_HOST_AND_DAY = 100  # creates and updates together, per UTC day
SIGNATURE_WINDOW_SECONDS = 300
# `approval_type`: everybody who registers is approved at once, or nobody has to register.
REGISTRATION, NO_REGISTRATION = 0, 2
SCHEDULED = 2  # the type of a meeting that is held once, at a fixed time

_MARKER = re.compile(r"\[ff:([^\]\s]{1,40})\]")


def marker(effect_id: int | str) -> str:
    """What the agenda of a meeting begins with, so that it can be found by our own id."""
    return f"[ff:{effect_id}]"


def effect_id_of(agenda: str | None) -> str | None:
    """The effect id in an agenda that begins with `marker()`, or None."""
    found = _MARKER.match(agenda or "")
    return found.group(1) if found else None


def meeting_path(id_or_uuid: int | str) -> str:
    """How a meeting is named in a URL: a number as it is, a UUID percent-encoded twice.

    Zoom asks for that where a UUID begins with “/” or contains “//”, and accepts it always.
    """
    name = str(id_or_uuid)
    return name if name.isdigit() else quote(quote(name, safe=""), safe="")


def signature(secret: str, timestamp: str, raw: bytes) -> str:
    """The value of `x-zm-signature` for the raw body; `timestamp` is `x-zm-request-timestamp`."""
    message = b"v0:" + timestamp.encode() + b":" + raw
    return "v0=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def encrypted_token(secret: str, plain_token: str) -> str:
    """The answer's `encryptedToken` when Zoom validates the URL of the webhook."""
    return hmac.new(secret.encode(), plain_token.encode(), hashlib.sha256).hexdigest()


def instant(moment: datetime) -> str:
    """An aware datetime in Zoom's form, `2026-12-01T04:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _to_utc(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return in_reach(moment)


# Zoom's "" (a recording that has not ended) reads as None; a time without zone is UTC.
Instant = Annotated[
    datetime | None, BeforeValidator(lambda value: value or None), AfterValidator(_to_utc)
]
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Received(BaseModel):
    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data

    @model_validator(mode="after")
    def _numbers_fit(self) -> Self:
        if any(isinstance(each, int) and abs(each) >= LARGEST for each in vars(self).values()):
            raise ValueError("a number that no row can hold")
        return self


class MeetingOptions(Sent):
    """Settings for a class of minors: nobody is in the room without the teacher.

    `waiting_room` makes the teacher admit each student and switches `join_before_host` off.
    """

    auto_recording: Literal["cloud", "local", "none"] = "cloud"
    waiting_room: bool = True
    join_before_host: bool = False
    host_video: bool = True
    participant_video: bool = False
    mute_upon_entry: bool = True
    use_pmi: bool = False
    approval_type: Literal[0, 2] = NO_REGISTRATION
    registrants_confirmation_email: bool = False
    registrants_email_notification: bool = False
    audio: Literal["both", "telephony", "voip"] = "both"
    meeting_authentication: bool = False  # students need no Zoom account
    # Who is registered and drops out must be able to come in again while their old place lingers.
    allow_multiple_devices: bool = True
    encryption_type: Literal["enhanced_encryption"] = "enhanced_encryption"  # e2ee: no cloud rec.


class MeetingDetails(Sent):
    """A class as we want it at Zoom. `marker` comes from `marker()`; `start_at` is aware.

    `timezone` (IANA) is only how Zoom shows the time. Topic and agenda are cut to Zoom's lengths.
    """

    marker: str = Field(pattern=f"^{_MARKER.pattern}$")
    topic: str
    agenda: str = ""
    start_at: AwareDatetime
    timezone: str
    minutes: int = Field(ge=1, le=1440)
    options: MeetingOptions = MeetingOptions()

    @field_validator("topic")
    @classmethod
    def _one_short_line(cls, topic: str) -> str:
        return " ".join(topic.split())[:TOPIC_LENGTH]

    def request(self, *, creating: bool) -> dict[str, Any]:
        """The JSON body. An update leaves the passcode, and with it the join link, as it is."""
        return {
            "topic": self.topic,
            "type": SCHEDULED,
            "start_time": instant(self.start_at),
            "duration": self.minutes,
            "timezone": self.timezone,
            "agenda": f"{self.marker} {self.agenda}".strip()[:AGENDA_LENGTH],
            "settings": self.options.model_dump(),
            **({"default_password": True} if creating else {}),
        }


class MeetingSettings(Received):
    """The effective settings, which may differ from those asked for."""

    auto_recording: str = "none"
    waiting_room: bool = False
    join_before_host: bool = False
    approval_type: int = NO_REGISTRATION

    @property
    def asks_for_registration(self) -> bool:
        return self.approval_type != NO_REGISTRATION


class Meeting(Received):
    """A meeting; `start_url` makes its holder the host for two hours: never store or mail it."""

    id: int
    uuid: str = ""
    host_email: str = ""
    topic: str = ""
    status: str = ""
    start_time: Instant = None
    duration: int = 0  # minutes
    timezone: str = ""
    agenda: str = ""
    join_url: str
    start_url: str = Field(default="", repr=False)
    password: str = Field(default="", repr=False)
    settings: MeetingSettings = MeetingSettings()


class MeetingPage(Received):
    next_page_token: str = ""
    meetings: list[Meeting] = []


class PastInstance(Received):
    """One time that a meeting was held."""

    uuid: str
    start_time: Instant = None


class PastInstances(Received):
    meetings: list[PastInstance] = []


class RecordingFile(Received):
    """One file. Until Zoom has processed it, `status` is not `completed` and types are empty."""

    id: Text = ""
    meeting_id: str = ""  # the UUID of the held meeting
    recording_start: Instant = None
    recording_end: Instant = None
    file_type: str = ""
    file_size: int = 0  # bytes
    play_url: str = ""
    download_url: str = ""
    status: str = ""
    recording_type: str = ""  # a word that we do not know is allowed

    @property
    def playable(self) -> bool:
        """Whether it is a finished video that can be watched by its link."""
        return self.status == "completed" and self.file_type == "MP4" and bool(self.play_url)


class MeetingRecordings(Received):
    """The recordings of one held meeting; a break in recording makes several files of a kind."""

    uuid: str
    id: int
    start_time: Instant = None
    duration: int = 0  # minutes
    password: str = Field(default="", repr=False)
    recording_play_passcode: str = Field(default="", repr=False)
    recording_files: list[RecordingFile] = []


class RecordingPage(Received):
    next_page_token: str = ""
    meetings: list[MeetingRecordings] = []
