"""Zoom's transcript file (WebVTT) as text to read: who said what, and when."""

import html
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webvtt import Caption

# A paragraph ends where somebody else speaks, where nobody does, and before it gets too long.
LONGEST, SILENCE_SECONDS = 600, 20
# Zoom writes the name before the words of each cue: `Asha Rao: Good evening.`
SPEAKER = re.compile(r"([^\s:][^:]{0,63}): (?=\S)")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff]")


class NotATranscript(ValueError):
    """The file is not one that can be read."""


@dataclass(frozen=True)
class Paragraph:
    """What one person said from that second of the recording on; `speaker` may be empty."""

    second: int
    speaker: str
    words: str


def paragraphs(text: str) -> list[Paragraph]:
    """The transcript in the order in which it was spoken; raises NotATranscript."""
    import webvtt  # 2 MB of a process, for a job that comes once for each class
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    try:
        captions = webvtt.from_buffer(io.StringIO(text)).captions
    except (MalformedFileError, MalformedCaptionError) as error:
        raise NotATranscript(str(error)) from error
    found: list[Paragraph] = []
    ended = 0
    for caption in captions:
        speaker, words = _spoken(caption)
        if not words:
            continue
        begins = caption.start_in_seconds
        last = found[-1] if found else None
        if last is not None and _goes_on(last, speaker, words, begins - ended):
            found[-1] = Paragraph(last.second, last.speaker, f"{last.words} {words}")
        else:
            found.append(Paragraph(begins, speaker, words))
        ended = caption.end_in_seconds
    return found


def _spoken(caption: "Caption") -> tuple[str, str]:
    """Who speaks, and the words without tags, on one line."""
    text = _on_one_line(caption.text)
    named = SPEAKER.match(text)
    if caption.voice:
        return _on_one_line(caption.voice), text
    return (named.group(1), text[named.end() :]) if named else ("", text)


def _on_one_line(text: str) -> str:
    return " ".join(UNPRINTABLE.sub(" ", html.unescape(text)).split())


def _goes_on(last: Paragraph, speaker: str, words: str, silence: int) -> bool:
    short = len(last.words) + len(words) < LONGEST
    return speaker == last.speaker and short and silence < SILENCE_SECONDS
