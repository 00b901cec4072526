"""When Zoom last changed what of a meeting: by this, news that is late or comes twice is known.

Zoom's posts carry the time at which the change was made there; our own changes are stamped when
they are told to Zoom and seen there. Both are kept for each part of the meeting by itself, because
a post names only the parts that it is about, and posts come in any order.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ffapp.classes.models import ClassSession
from ffapp.providers.zoom.wire import Meeting, MeetingDetails

EXISTENCE = "existence"  # whether it is there at all


def is_news(session: ClassSession, part: str, at: datetime) -> bool:
    """Whether nothing as young is known of that part."""
    known = session.zoom_stamps.get(part)
    return known is None or datetime.fromisoformat(known) < at


def note(session: ClassSession, stamps: Mapping[str, str]) -> None:
    """Keep the stamps (ISO instants) that are younger than what is known."""
    news = {
        part: text
        for part, text in stamps.items()
        if is_news(session, part, datetime.fromisoformat(text))
    }
    if news:
        session.zoom_stamps = {**session.zoom_stamps, **news}


def at_once(parts: Iterable[str], at: datetime) -> dict[str, str]:
    """One stamp for all these parts."""
    return {part: at.isoformat() for part in parts}


def of_update(
    told: MeetingDetails, found: Meeting, asked_at: datetime, told_at: datetime
) -> dict[str, str]:
    """The stamps of an update of ours, after which Zoom was read.

    What is as we told it was ours until then; in the rest somebody has changed something since we
    began to tell, and their post is still to come.
    """
    ours = _ours(told, found)
    return {part: (told_at if kept else asked_at).isoformat() for part, kept in ours.items()}


def of_answer(told: MeetingDetails, found: Meeting, asked_at: datetime) -> dict[str, str]:
    """The same of an update whose fate was unknown until Zoom was asked: what is ours is so now."""
    return at_once([part for part, kept in _ours(told, found).items() if kept], asked_at)


def _ours(told: MeetingDetails, found: Meeting) -> dict[str, bool]:
    return {
        "topic": found.topic == told.topic,
        "start_time": found.start_time == told.start_at.replace(microsecond=0),
        "duration": found.duration == told.minutes,
    }
