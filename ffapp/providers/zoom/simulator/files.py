"""The recording of a held meeting: its files, and the bodies that describe them.

Each recorded segment makes a set of files of its own, all under the UUID of the instance. What was
said is written down later.
"""

import base64
import uuid
from datetime import timedelta
from typing import Any

from ffapp.core import clock
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import state, transcript
from ffapp.providers.zoom.simulator.answers import root
from ffapp.providers.zoom.simulator.state import Data

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
    return {"kept": "completed"}.get(instance["fate"], instance["fate"])


def in_list(instance: Data, *, trash: bool = False) -> Data:
    """As lists of a host's recordings show it: without passcode; while processing, one file."""
    if condition(instance) == "processing":
        return _described(instance, [_unfinished(instance)])
    found = _described(instance, trashed(instance) if trash else kept(instance))
    return {**found, "recording_play_passcode": play_passcode(instance)}


def whole(instance: Data) -> Data:
    """As asked for by meeting: with the passcode for people."""
    return {
        **_described(instance, kept(instance)),
        "password": password(instance),
        "recording_play_passcode": play_passcode(instance),
    }


def in_event(instance: Data, files: list[Data] | None = None) -> Data:
    """As events show it; all files, or only those given."""
    found = _described(instance, everything(instance) if files is None else files)
    ordered: Data = {}
    for name, value in found.items():
        if name == "duration":
            ordered["host_email"] = instance["host_email"]
        ordered[name] = value
    return {
        **ordered,
        "password": password(instance),
        "recording_play_passcode": play_passcode(instance),
        "on_prem": False,
    }


def everything(instance: Data) -> list[Data]:
    """Every file that the recording has had so far."""
    written = instance.get("transcript_at")
    is_written = written is not None and state.instant(written) <= clock.now()
    return recorded(instance) + (transcripts(instance) if is_written else [])


def transcripts(instance: Data) -> list[Data]:
    """What was said, a file for each segment."""
    found = []
    for number in range(len(instance["segments"])):
        size = len(transcript.vtt(instance, number).encode())
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
    finished = condition(instance) != "processing" or files != [_unfinished(instance)]
    return {
        "uuid": instance["uuid"],
        "id": instance["meeting_id"],
        "account_id": ZoomSettings.current().account_id,
        "host_id": instance["host_id"],
        "topic": instance["topic"],
        "type": instance["type"],
        "start_time": instance["start_time"],
        "timezone": instance["timezone"],
        "duration": max(1, round((ended - began) / timedelta(minutes=1))),
        "total_size": sum(each["file_size"] for each in files),
        "recording_count": len(files) if finished else 0,
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
