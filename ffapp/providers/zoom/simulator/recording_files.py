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
    "How do I count my time when I am still at school?",
    "Take what somebody would pay you for another hour of work.",
    "Then each jar of pickle costs me ninety rupees.",
    "And what would your first customer pay for it?",
    "Perhaps one hundred and fifty. नमस्ते, I have asked three neighbours.",
    "Good. Write the number down, and ask three people who are not neighbours.",
    "I will bring the answers next week.",
)


def vtt(instance: Data, number: int) -> str:
    """The transcript of the `number`-th recorded segment; the same each time."""
    segment = instance["segments"][number]
    seconds = (state.instant(segment["end"]) - state.instant(segment["start"])).total_seconds()
    count = min(max(int(seconds // (CUE_SECONDS + PAUSE_SECONDS)), FEWEST), MOST)
    teacher, answering = _speakers(instance)
    cues = []
    for place in range(count):
        begins = timedelta(seconds=place * (CUE_SECONDS + PAUSE_SECONDS))
        ends = begins + timedelta(seconds=CUE_SECONDS)
        who = answering[place // 2 % len(answering)] if place % 2 else teacher
        words = SAID[place % len(SAID)]
        cues.append(f"{place + 1}\n{_time(begins)} --> {_time(ends)}\n{who}: {words}\n")
    return "WEBVTT\n\n" + "\n".join(cues)


def _speakers(instance: Data) -> tuple[str, list[str]]:
    """The host, and everybody else who was there, by name."""
    teacher = display_name(instance["host_email"])
    there = {person["name"] for person in state.participants_of(instance["uuid"])}
    return teacher, sorted(there - {teacher}) or [teacher]


def _time(at: timedelta) -> str:
    minutes, seconds = divmod(int(at.total_seconds()), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.000"


# file type → (extension, recording type, bytes a minute)
KINDS: dict[str, tuple[str, str, int]] = {
    "MP4": ("MP4", "shared_screen_with_speaker_view", 5_821_661),
    "M4A": ("M4A", "audio_only", 1_111_855),
    "TIMELINE": ("JSON", "timeline", 93),
}
TRANSCRIPT = "TRANSCRIPT"
LETTERS = {TRANSCRIPT: "V"}  # in the key of a link; else the first of the file type


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
    found = _described(instance, kept(instance))
    return {**found, "recording_play_passcode": play_passcode(instance)}


def whole(instance: Data) -> Data:
    """As asked for by meeting: with the passcode for people."""
    return {**_described(instance, kept(instance)), **_passcodes(instance)}


def in_event(instance: Data, files: list[Data]) -> Data:
    """As events show it, with these files."""
    return {**_described(instance, files), **_passcodes(instance), "on_prem": False}


def everything(instance: Data) -> list[Data]:
    """Every file that the recording has had so far."""
    written = instance.get("transcript_at")
    is_written = written is not None and state.instant(written) <= clock.now()
    return recorded(instance) + (transcripts(instance) if is_written else [])


def transcripts(instance: Data) -> list[Data]:
    """What was said, a file for each segment."""
    found = []
    for number in range(len(instance["segments"])):
        size = len(vtt(instance, number).encode())
        found.append(_file(instance, number, TRANSCRIPT, ("VTT", "audio_transcript", size)))
    return found


def recorded(instance: Data) -> list[Data]:
    """Every file that the recording had when it was completed."""
    return [
        _file(instance, number, kind, about)
        for number in range(len(instance["segments"]))
        for kind, about in KINDS.items()
    ]


def kept(instance: Data) -> list[Data]:
    gone = {*instance["trashed_files"], *instance["deleted_files"]}
    return [each for each in everything(instance) if each["id"] not in gone]


def trashed(instance: Data) -> list[Data]:
    ids = set(instance["trashed_files"])
    return [each for each in everything(instance) if each["id"] in ids]


def password(instance: Data) -> str:
    return state.word(f"recording password {instance['uuid']}", 8)


def _passcodes(instance: Data) -> Data:
    return {
        "password": password(instance),
        "recording_play_passcode": play_passcode(instance),
    }


def play_passcode(instance: Data) -> str:
    """What `?pwd=` of a play or share link may carry, for one-click viewing."""
    return state.word(f"play passcode {instance['uuid']}", 32)


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


def _key(instance: Data) -> str:
    return base64.urlsafe_b64encode(base64.b64decode(instance["uuid"])).decode().rstrip("=")


def _described(instance: Data, files: list[Data]) -> Data:
    began = state.instant(instance["start_time"])
    ended = state.instant(instance["end_time"]) if instance["end_time"] else clock.now()
    return {
        "uuid": instance["uuid"],
        "id": instance["meeting_id"],
        "account_id": ZoomSettings.current().account_id,
        **{name: instance[name] for name in ("host_id", "topic", "type", "start_time", "timezone")},
        "host_email": instance["host_email"],
        "duration": max(1, round((ended - began) / timedelta(minutes=1))),
        "total_size": sum(each["file_size"] for each in files),
        "recording_count": len(files),
        "share_url": f"{root()}rec/share/{_key(instance)}",
        "recording_files": files,
    }


def _unfinished(instance: Data) -> Data:
    return {
        "id": _file_id(instance, 0, "MP4"),
        "meeting_id": instance["uuid"],
        "recording_start": instance["segments"][0]["start"],
        "recording_end": "",
        "file_type": "",
        "file_extension": "",
        "file_size": 0,
        **_links(instance, 0, "MP4"),
        "status": "processing",
    }


def _file(instance: Data, number: int, kind: str, about: tuple[str, str, int]) -> Data:
    segment = instance["segments"][number]
    length = state.instant(segment["end"]) - state.instant(segment["start"])
    extension, recording_type, size = about
    if kind != TRANSCRIPT:  # the others grow with the time
        size = max(1, round(size * (length / timedelta(minutes=1))))
    links = _links(instance, number, kind)
    if kind == "TIMELINE":
        del links["play_url"]
    return {
        "id": _file_id(instance, number, kind),
        "meeting_id": instance["uuid"],
        "recording_start": segment["start"],
        "recording_end": segment["end"],
        "file_type": kind,
        "file_extension": extension,
        "file_size": size,
        **links,
        "status": "completed",
        "recording_type": recording_type,
    }


def _links(instance: Data, number: int, kind: str) -> dict[str, Any]:
    name = f"{_key(instance)}.{number}{LETTERS.get(kind, kind[0])}"
    return {
        "play_url": f"{root()}rec/play/{name}",
        "download_url": f"{root()}rec/download/{name}",
    }


def _file_id(instance: Data, number: int, kind: str) -> str:
    digest = state.secret(f"file {instance['uuid']} {number} {kind}")
    return str(uuid.UUID(bytes=digest[:16], version=4))
