"""The recording of a held meeting: its files, what was said, and the bodies that describe them.

Each recorded segment makes a set of files of its own, all under the UUID of the instance. What was
said is written down later.
"""

import base64
import uuid
from datetime import timedelta
from typing import Any

from ffapp.core import clock
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import state
from ffapp.providers.zoom.simulator.answers import root
from ffapp.providers.zoom.simulator.hosts import display_name
from ffapp.providers.zoom.simulator.state import Data

CUE_SECONDS, PAUSE_SECONDS = 6, 2
FEWEST, MOST = 6, 600  # cues: a class of a moment has some, a long one not more than these
# By turns: the teacher, then somebody who answers.
SAID = (
    "Good evening, everybody. Can you hear me?",
    "Yes, we can hear you well.",
    "Today we speak about prices. What does it cost you to make one piece?",
    "I counted the flour and the sugar, and forgot the oven.",
    "The oven is a cost as well; so is your time.",
    "Then each jar of pickle costs me ninety rupees.",
    "And what would your first customer pay for it?",
    "Perhaps one hundred and fifty. नमस्ते, I have asked three neighbours.",
)
# file type → (extension, recording type, bytes a minute)
KINDS: dict[str, tuple[str, str, int]] = {
    "MP4": ("MP4", "shared_screen_with_speaker_view", 5_821_661),
    "M4A": ("M4A", "audio_only", 1_111_855),
    "TIMELINE": ("JSON", "timeline", 93),
}
TRANSCRIPT = "TRANSCRIPT"
PASSCODES = ("password", "recording_play_passcode")  # for people, and for one-click links


def vtt(instance: Data, number: int) -> str:
    """The transcript of the `number`-th recorded segment; the same each time."""
    segment = instance["segments"][number]
    seconds = (state.instant(segment["end"]) - state.instant(segment["start"])).total_seconds()
    count = min(max(int(seconds // (CUE_SECONDS + PAUSE_SECONDS)), FEWEST), MOST)
    teacher = display_name(instance["host_email"])
    there = {person["name"] for person in state.participants_of(instance["uuid"])}
    answering = sorted(there - {teacher}) or [teacher]
    cues = []
    for place in range(count):
        begins = place * (CUE_SECONDS + PAUSE_SECONDS)
        who = answering[place // 2 % len(answering)] if place % 2 else teacher
        times = f"{_time(begins)} --> {_time(begins + CUE_SECONDS)}"
        cues.append(f"{place + 1}\n{times}\n{who}: {SAID[place % len(SAID)]}\n")
    return "WEBVTT\n\n" + "\n".join(cues)


def _time(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000"


def condition(instance: Data) -> str:
    """`none`, `processing`, `completed`, `trashed` or `deleted`."""
    if not instance["segments"]:
        return "none"
    if instance["ready_at"] is None or state.instant(instance["ready_at"]) > clock.now():
        return "processing"
    return {"kept": "completed"}.get(instance["trash_state"], instance["trash_state"])


def in_list(instance: Data) -> Data:
    """As lists of a host's recordings show it: without passcode; while processing, one file."""
    if condition(instance) == "processing":
        return {**_described(instance, [_unfinished(instance)]), "recording_count": 0}
    passcode = {"recording_play_passcode": passcodes(instance)["recording_play_passcode"]}
    return {**_described(instance, kept(instance)), **passcode}


def whole(instance: Data, files: list[Data]) -> Data:
    """As asked for by meeting, and as events show it: these files, with the passcodes."""
    return {**_described(instance, files), **passcodes(instance)}


def recorded(instance: Data) -> list[Data]:
    """Every file that the recording had when it was completed."""
    segments = range(len(instance["segments"]))
    return [_file(instance, number, kind) for number in segments for kind in KINDS]


def transcripts(instance: Data) -> list[Data]:
    """What was said, a file for each segment."""
    return [_file(instance, number, TRANSCRIPT) for number in range(len(instance["segments"]))]


def kept(instance: Data) -> list[Data]:
    gone = {*instance["trashed_files"], *instance["deleted_files"]}
    return [each for each in everything(instance) if each["id"] not in gone]


def trashed(instance: Data) -> list[Data]:
    return [each for each in everything(instance) if each["id"] in instance["trashed_files"]]


def passcodes(instance: Data) -> dict[str, str]:
    lengths = zip(PASSCODES, (8, 32), strict=True)
    return {name: state.word(f"{name} {instance['uuid']}", length) for name, length in lengths}


def uuid_in(key: str) -> str:
    """The UUID that the key of a play or share link names; "" when it names none."""
    try:
        raw = base64.urlsafe_b64decode(key.partition(".")[0] + "==")
    except ValueError:
        return ""
    return base64.b64encode(raw).decode()


def segment_in(key: str) -> int:
    """The number of the segment that the key of a play or download link names."""
    digits = "".join(filter(str.isdigit, key.partition(".")[2]))
    return int(digits or 0)


def everything(instance: Data) -> list[Data]:
    """Every file that the recording has had so far."""
    written = instance.get("transcript_at")
    is_written = written is not None and state.instant(written) <= clock.now()
    return recorded(instance) + (transcripts(instance) if is_written else [])


def _key(instance: Data) -> str:
    return base64.urlsafe_b64encode(base64.b64decode(instance["uuid"])).decode().rstrip("=")


def _described(instance: Data, files: list[Data]) -> Data:
    began = state.instant(instance["start_time"])
    ended = state.instant(instance["end_time"]) if instance["end_time"] else clock.now()
    names = ("uuid", "host_id", "host_email", "topic", "type", "start_time", "timezone")
    return {
        **{name: instance[name] for name in names},
        "id": instance["meeting_id"],
        "account_id": ZoomSettings.current().account_id,
        "duration": max(1, round((ended - began) / timedelta(minutes=1))),
        "total_size": sum(each["file_size"] for each in files),
        "recording_count": len(files),
        "recording_files": files,
    }


def _unfinished(instance: Data) -> Data:
    empty = {"recording_end": "", "file_type": "", "file_extension": "", "file_size": 0}
    found = {**_named(instance, 0, "MP4"), **empty, "status": "processing"}
    return {**found, "recording_start": instance["segments"][0]["start"]}


def _file(instance: Data, number: int, kind: str) -> Data:
    segment = instance["segments"][number]
    length = state.instant(segment["end"]) - state.instant(segment["start"])
    if kind == TRANSCRIPT:
        extension, recording_type = "VTT", "audio_transcript"
        size = len(vtt(instance, number).encode())
    else:
        extension, recording_type, a_minute = KINDS[kind]
        size = max(1, round(a_minute * (length / timedelta(minutes=1))))
    return {
        **_named(instance, number, kind),
        "recording_start": segment["start"],
        "recording_end": segment["end"],
        "file_type": kind,
        "file_extension": extension,
        "file_size": size,
        "status": "completed",
        "recording_type": recording_type,
    }


def _named(instance: Data, number: int, kind: str) -> dict[str, Any]:
    """The ids and links of a file; nobody can play a timeline."""
    letter = "V" if kind == TRANSCRIPT else kind[0]
    key = f"{_key(instance)}.{number}{letter}"
    digest = state.secret(f"file {instance['uuid']} {number} {kind}")
    return {
        "id": str(uuid.UUID(bytes=digest[:16], version=4)),
        "meeting_id": instance["uuid"],
        "download_url": f"{root()}rec/download/{key}",
        **({} if kind == "TIMELINE" else {"play_url": f"{root()}rec/play/{key}"}),
    }
