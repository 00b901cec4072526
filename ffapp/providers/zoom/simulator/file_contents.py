"""What is in the files of a recording: texts, and videos of the right size that show nothing."""

import json
from collections.abc import Iterator

from ffapp.providers.zoom.simulator import state
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
TYPES = {
    "MP4": "video/mp4",
    "M4A": "audio/mp4",
    "TIMELINE": "application/json;charset=UTF-8",
    "TRANSCRIPT": "text/vtt;charset=UTF-8",
}
BRANDS = {"MP4": b"mp42", "M4A": b"M4A "}
CHUNK = bytes(1 << 16)


def of(instance: Data, number: int, kind: str, size: int) -> Iterator[bytes]:
    """The bytes of a file of the `number`-th recorded segment, `size` of them."""
    text = text_of(instance, number, kind)
    return iter([text]) if text is not None else _media(BRANDS[kind], size)


def text_of(instance: Data, number: int, kind: str) -> bytes | None:
    """The same each time; None for sound and pictures."""
    if kind == "TRANSCRIPT":
        return vtt(instance, number).encode()
    return _timeline(instance).encode() if kind == "TIMELINE" else None


def _media(brand: bytes, size: int) -> Iterator[bytes]:
    """A file that players know by its head, with nothing in it."""
    head = (24).to_bytes(4) + b"ftyp" + brand + bytes(4) + brand + b"isom"
    head += min(max(size - len(head), 8), 2**32 - 1).to_bytes(4) + b"mdat"
    yield head[:size]
    left = max(size - len(head), 0)
    while left:
        yield CHUNK[:left]
        left -= min(left, len(CHUNK))


def _timeline(instance: Data) -> str:
    teacher = {"username": display_name(instance["host_email"]), "zoom_userid": instance["host_id"]}
    return json.dumps({"timeline": [{"ts": "00:00:00.000", "users": [teacher]}]})


def vtt(instance: Data, number: int) -> str:
    """The transcript of the `number`-th recorded segment."""
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
