"""The recording of a held meeting: its files, what was said, and the bodies that describe them.

Each recorded segment makes a set of files of its own, all under the UUID of the instance. What was
said is written down later.
"""

import base64
import uuid
from datetime import timedelta
from typing import Any

from ffapp.core import clock, signing
from ffapp.providers.zoom.settings import ZoomSettings
from ffapp.providers.zoom.simulator import file_contents, state
from ffapp.providers.zoom.simulator.answers import root
from ffapp.providers.zoom.simulator.state import Data

EARLY = timedelta(seconds=1)  # so much before its time a webhook may leave; by then it is true
# file type → (extension, recording type, bytes a minute where it is no text)
KINDS: dict[str, tuple[str, str, int]] = {
    "MP4": ("MP4", "shared_screen_with_speaker_view", 5_821_661),
    "M4A": ("M4A", "audio_only", 1_111_855),
    "TIMELINE": ("JSON", "timeline", 0),
    "TRANSCRIPT": ("VTT", "audio_transcript", 0),
}
FIRST, TRANSCRIPT = ("MP4", "M4A", "TIMELINE"), "TRANSCRIPT"  # what was said comes later
LETTERS = {"MP4": "M", "M4A": "A", "TIMELINE": "T", "TRANSCRIPT": "V"}  # in the addresses
DOWNLOAD, DOWNLOAD_SECONDS = "zoom download", 24 * 3600
PASSCODES = ("password", "recording_play_passcode")  # for people, and for one-click links


def condition(instance: Data) -> str:
    """`none`, `processing`, `completed`, `trashed` or `deleted`."""
    if not instance["segments"]:
        return "none"
    if instance["ready_at"] is None or state.instant(instance["ready_at"]) > clock.now() + EARLY:
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
    return [_file(instance, number, kind) for number in segments for kind in FIRST]


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
    is_written = written is not None and state.instant(written) <= clock.now() + EARLY
    return recorded(instance) + (transcripts(instance) if is_written else [])


def _key(instance: Data) -> str:
    return base64.urlsafe_b64encode(base64.b64decode(instance["uuid"])).decode().rstrip("=")


def _described(instance: Data, files: list[Data]) -> Data:
    began = state.instant(instance["start_time"])
    ended = state.instant(instance["end_time"]) if instance["end_time"] else clock.now()
    return {
        "uuid": instance["uuid"],
        "id": instance["meeting_id"],
        "account_id": ZoomSettings.current().account_id,
        **{name: instance[name] for name in ("host_id", "topic", "type", "start_time")},
        **{name: instance[name] for name in ("timezone", "host_email")},
        "duration": max(1, round((ended - began) / timedelta(minutes=1))),
        "total_size": sum(each["file_size"] for each in files),
        "recording_count": len(files),
        "share_url": f"{root()}rec/share/{_key(instance)}",
        "recording_files": files,
    }


def _unfinished(instance: Data) -> Data:
    found = {**_file_of(instance, 0, "MP4"), "recording_end": "", "status": "processing"}
    del found["recording_type"]
    return {**found, "file_type": "", "file_extension": "", "file_size": 0}


def _file(instance: Data, number: int, kind: str) -> Data:
    segment = instance["segments"][number]
    length = state.instant(segment["end"]) - state.instant(segment["start"])
    text = file_contents.text_of(instance, number, kind)
    by_length = max(1, round(KINDS[kind][2] * (length / timedelta(minutes=1))))
    size = by_length if text is None else len(text)
    return {**_file_of(instance, number, kind), "file_size": size}


def _file_of(instance: Data, number: int, kind: str) -> dict[str, Any]:
    """The file but for its size; nobody can play a timeline."""
    key = f"{_key(instance)}.{number}{LETTERS[kind]}"
    digest = state.secret(f"file {instance['uuid']} {number} {kind}")
    extension, recording_type, _ = KINDS[kind]
    return {
        "id": str(uuid.UUID(bytes=digest[:16], version=4)),
        "meeting_id": instance["uuid"],
        "recording_start": instance["segments"][number]["start"],
        "recording_end": instance["segments"][number]["end"],
        "file_type": kind,
        "file_extension": extension,
        "file_size": 0,
        **({} if kind == "TIMELINE" else {"play_url": f"{root()}rec/play/{key}"}),
        "download_url": f"{root()}rec/download/{key}",
        "status": "completed",
        "recording_type": recording_type,
    }


def gone_types(instance: Data) -> set[str]:
    """The types of the files that were trashed or deleted."""
    gone = {*instance["trashed_files"], *instance["deleted_files"]}
    return {each["file_type"] for each in everything(instance) if each["id"] in gone}


def download_token(instance: Data) -> str:
    """What an event carries: it opens this recording's files for a day."""
    return signing.sign(DOWNLOAD, instance["uuid"])


def is_download_token(token: str, instance: Data) -> bool:
    try:
        return signing.unsign(DOWNLOAD, token, DOWNLOAD_SECONDS) == instance["uuid"]
    except signing.BadLink:
        return False
