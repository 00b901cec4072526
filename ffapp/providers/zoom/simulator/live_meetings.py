"""The meeting itself: how it starts, who comes and goes, what is recorded, how it ends.

waiting → started (each time with a new UUID) → waiting again, while the recording of what was held
is processed and then completed. Each act posts the event that Zoom would post.
"""

import uuid

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import events, recording_files, state
from ffapp.providers.zoom.simulator.hosts import display_name
from ffapp.providers.zoom.simulator.state import MEETING, PARTICIPANT, PROVIDER, Data

PROCESSING_SECONDS = (3600, 7200)
TRANSCRIPT_SECONDS = (600, 1800)  # after the recording itself


def join(
    meeting_id: int, name: str, *, account: str = "", registrant: Data | None = None
) -> str | None:
    """Somebody opens the link; answers the key of their place, None when there is no such meeting.

    They are in at once when the meeting runs; otherwise they wait, and `arrive` lets them in later.
    """
    meeting = state.meeting(meeting_id)
    if meeting is None:
        return None
    key = _add_participant(meeting, name, account=account.strip().lower(), registrant=registrant)
    arrive(key)
    return key


def arrive(key: str) -> Data | None:
    """Let a waiting participant in if the meeting runs; answers how they stand, None if unknown."""
    person = store.get(PROVIDER, PARTICIPANT, key)
    if person is None or person["state"] != "waiting":
        return person
    meeting = state.meeting(person["meeting_id"])
    if meeting is None or meeting["state"] != "started":
        return person
    instance = state.instance(meeting["live_uuid"])
    return _let_in(instance, key) if instance else person


def leave(key: str, reason: str = "left the meeting") -> None:
    """They go; who joins again later gets a new place and a new `user_id`."""
    gone = {"state": "left", "leave_time": state.now()}
    state.move(PARTICIPANT, key, "waiting", **gone)
    person = state.move(PARTICIPANT, key, "in", **gone)
    instance = state.instance(person["uuid"]) if person else None
    if person and instance:
        events.participant_left(instance, person, reason)


def _add_participant(
    meeting: Data, name: str, *, account: str = "", registrant: Data | None = None
) -> str:
    """A place for somebody; answers its key.

    Zoom knows who they are when they are signed in to a Zoom `account` (an e-mail address), or came
    by a registrant's link; everybody else is a guest.
    """
    key = state.word(f"participant {store.count(PROVIDER, 'participants')}", 24)
    person = {
        "key": key,
        "meeting_id": meeting["id"],
        "uuid": None,
        "user_id": None,
        "name": name,
        "id": state.word(f"user {account}", 22) if account else "",
        "email": account or (registrant["email"] if registrant else ""),  # unconfirmed: which one
        "registrant_id": registrant["id"] if registrant else "",
        "participant_uuid": str(uuid.uuid4()).upper(),
        "state": "waiting",
        "join_time": None,
        "leave_time": None,
    }
    store.put(PROVIDER, PARTICIPANT, key, person)
    return key


def _let_in(instance: Data, key: str) -> Data | None:
    user_id = str(16_778_240 + 1024 * store.count(PROVIDER, "user ids"))
    came = {"state": "in", "uuid": instance["uuid"], "user_id": user_id}
    person = state.move(PARTICIPANT, key, "waiting", **came, join_time=state.now())
    if person:
        events.participant_joined(instance, person)
    return person or store.get(PROVIDER, PARTICIPANT, key)


def start(meeting_id: int) -> str | None:
    """Start the meeting, or answer the UUID it runs under; None when there is no such meeting.

    The host is there, and recording begins at once where `auto_recording` is `cloud`.
    """
    before = state.meeting(meeting_id)
    if before is None:
        return None
    held = before["held"] + 1
    live = {"state": "started", "held": held, "live_uuid": state.uuid_of(meeting_id, held)}
    meeting = state.move(MEETING, meeting_id, "waiting", **live)
    if meeting is None:
        return (state.meeting(meeting_id) or before)["live_uuid"]
    instance = _begin(meeting)
    events.meeting_started(instance)
    host = meeting["host_email"]
    _let_in(instance, _add_participant(meeting, display_name(host), account=host))
    if meeting["settings"]["auto_recording"] == "cloud":
        set_recording(meeting_id, on=True)
    return str(instance["uuid"])


def _begin(meeting: Data) -> Data:
    instance = {
        "uuid": meeting["live_uuid"],
        "number": meeting["held"],
        "meeting_id": meeting["id"],
        **{name: meeting[name] for name in ("host_id", "host_email", "topic", "type")},
        **{name: meeting[name] for name in ("timezone", "duration")},
        "start_time": state.now(),
        "end_time": None,
        "segments": [],
        "ready_at": None,
        "transcript_at": None,
        "trash_state": "kept",
        "trashed_files": [],
        "deleted_files": [],
    }
    store.put(PROVIDER, state.INSTANCE, instance["uuid"], instance)
    return instance


def set_recording(meeting_id: int, *, on: bool) -> bool:
    """Start or stop recording to the cloud; each start begins a new set of files."""
    meeting = state.meeting(meeting_id)
    if meeting is None or meeting["state"] != "started":
        return False
    changed: list[Data] = []

    def change(instance: Data) -> None:
        segments = instance["segments"]
        runs = bool(segments) and segments[-1]["end"] is None
        if on and not runs:
            segments.append({"start": state.now(), "end": None})
            changed.append(segments[-1])
        elif not on and runs:
            segments[-1]["end"] = state.now()
            changed.append(segments[-1])

    instance = state.edit_instance(meeting["live_uuid"], change)
    for segment in changed if instance else []:
        event = "recording.started" if on else "recording.stopped"
        events.recording_switched(event, instance, segment)
    return bool(changed)


def end(meeting_id: int) -> bool:
    """End the meeting for all; False when it does not run. Its recordings are then processed."""
    set_recording(meeting_id, on=False)
    meeting = state.meeting(meeting_id)
    over = {"state": "waiting", "live_uuid": None}
    if not meeting or not state.move(MEETING, meeting_id, "started", **over):
        return False
    uuid_held = meeting["live_uuid"]
    for person in state.participants_of(uuid_held):
        leave(person["key"], "Host ended the meeting.")
    delay = store.delay(f"zoom recording {uuid_held}", *PROCESSING_SECONDS)
    later = delay + store.delay(f"zoom transcript {uuid_held}", *TRANSCRIPT_SECONDS)
    ready = {"end_time": state.now(), "ready_at": _after(delay)}
    if not store.switch(PROVIDER, "no_transcripts"):
        ready["transcript_at"] = _after(later)
    instance = state.edit_instance(uuid_held, lambda found: found.update(ready))
    if instance:
        events.meeting_ended(instance)
        _announce_recording(instance, delay, later)
    return True


def _announce_recording(instance: Data, delay: float, later: float) -> None:
    """Promise what Zoom will tell of the recording: first the videos, later what was said."""
    if not instance["segments"]:
        return
    recorded = recording_files.whole(instance, recording_files.recorded(instance))
    token = recording_files.download_token(instance)
    events.recording_completed("recording.completed", recorded, delay, token)
    if instance["transcript_at"] is not None:
        written = recording_files.whole(instance, recording_files.transcripts(instance))
        events.recording_completed("recording.transcript_completed", written, later, token)


def _after(seconds: float) -> str:
    return wire.instant(clock.now() + clock.minutes(seconds / 60))
