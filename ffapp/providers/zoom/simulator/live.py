"""The meeting itself: how it starts, what is recorded, how it ends.

waiting → started (each time with a new UUID) → waiting again, while the recording of what was held
is processed and then completed. Each act posts the event that Zoom would post.
"""

import contextlib
from typing import Any

from ffapp.core import clock
from ffapp.providers.simulating import store
from ffapp.providers.zoom import wire
from ffapp.providers.zoom.simulator import events, files, people, recording_events, state, switches
from ffapp.providers.zoom.simulator.hosts import display_name
from ffapp.providers.zoom.simulator.state import PROVIDER, Data

PROCESSING_SECONDS = (3600, 7200)
TRANSCRIPT_SECONDS = (600, 1800)  # after the recording itself
MEETINGS_AT_A_TIME = {"free": 1, "pro": 1, "business": 2}


class HostIsBusy(Exception):
    """The host has as many meetings running as their plan allows."""


def start(meeting_id: int, *, with_host: bool = True) -> str | None:
    """Start the meeting, or answer the UUID it runs under; None when there is no such meeting.

    Raises HostIsBusy. Recording begins at once where `auto_recording` is `cloud`.
    """
    meeting = state.meeting(meeting_id)
    if meeting is None:
        return None
    if meeting["state"] == "waiting":
        running = [m for m in state.meetings_of(meeting["host_id"]) if m["state"] == "started"]
        if len(running) >= MEETINGS_AT_A_TIME[switches.read("plan")]:
            raise HostIsBusy
    started = False

    def change(found: Data) -> None:
        nonlocal started
        started = found["state"] == "waiting"
        if started:
            held = found["held"] + 1
            found |= {
                "state": "started",
                "held": held,
                "live_uuid": state.uuid_of(meeting_id, held),
                "last_used": state.now(),
            }

    meeting = state.edit_meeting(meeting_id, change)
    if meeting is None or not started:
        return meeting and meeting["live_uuid"]
    instance = _begin(meeting)
    events.meeting_started(instance)
    if with_host:
        people.let_in(
            instance, people.new_person(meeting, display_name(meeting["host_email"]), host=True)
        )
    if meeting["settings"]["auto_recording"] == "cloud":
        set_recording(meeting_id, on=True)
    return instance["uuid"]


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
        "fate": "kept",
        "trashed_files": [],
        "deleted_files": [],
    }
    store.put(PROVIDER, state.INSTANCE, instance["uuid"], instance)
    return instance


def join(
    meeting_id: int, name: str, *, account: str = "", registrant: Data | None = None
) -> str | None:
    """Somebody opens the link; answers the key of their place, None when there is no such meeting.

    They are in at once when the meeting runs, or when it may begin without its host; otherwise
    they wait, and `arrive` lets them in later. Zoom knows who they are by `account` or `registrant`
    (see `people.new_person`).
    """
    meeting = state.meeting(meeting_id)
    if meeting is None:
        return None
    if meeting["state"] == "waiting" and _may_begin_without_host(meeting):
        with contextlib.suppress(HostIsBusy):
            start(meeting_id, with_host=False)
    key = people.new_person(meeting, name, account=account, registrant=registrant)
    people.arrive(key)
    return key


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
        (recording_events.started if on else recording_events.stopped)(instance, segment)
    return bool(changed)


def end(meeting_id: int) -> bool:
    """End the meeting for all; False when it does not run. Its recordings are then processed."""
    set_recording(meeting_id, on=False)
    was: list[Any] = []

    def change(meeting: Data) -> None:
        if meeting["state"] == "started":
            was.append(meeting["live_uuid"])
            meeting |= {"state": "waiting", "live_uuid": None, "last_used": state.now()}

    state.edit_meeting(meeting_id, change)
    if not was:
        return False
    uuid_held = was[0]
    for person in state.participants_of(uuid_held):
        people.leave(person["key"], "Host ended the meeting.")
    delay = store.delay(f"zoom recording {uuid_held}", *PROCESSING_SECONDS)
    later = delay + store.delay(f"zoom transcript {uuid_held}", *TRANSCRIPT_SECONDS)
    ready = {"end_time": state.now(), "ready_at": _after(delay)}
    if not switches.read("no_transcripts"):
        ready["transcript_at"] = _after(later)
    instance = state.edit_instance(uuid_held, lambda found: found.update(ready))
    if instance:
        events.meeting_ended(instance)
        _announce_recording(instance, delay, later)
    return True


def _announce_recording(instance: Data, delay: float, later: float) -> None:
    """Promise what Zoom will tell of the recording: first the films, later what was said."""
    if not instance["segments"]:
        return
    recording_events.completed(
        "recording.completed", files.in_event(instance, files.recorded(instance)), delay
    )
    if instance["transcript_at"] is not None:
        written = files.in_event(instance, files.transcripts(instance))
        recording_events.completed("recording.transcript_completed", written, later)


def _after(seconds: float) -> str:
    return wire.instant(clock.now() + clock.minutes(seconds / 60))


def _may_begin_without_host(meeting: Data) -> bool:
    settings = meeting["settings"]
    early = settings["jbh_time"]  # minutes before the start; 0 is any time
    opens = state.instant(meeting["start_time"]) - clock.minutes(early)
    return settings["join_before_host"] and (early == 0 or clock.now() >= opens)
